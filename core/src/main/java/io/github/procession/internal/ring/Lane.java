package io.github.procession.internal.ring;

import static io.github.procession.internal.ring.CellRingLayout.BODY_AT;
import static io.github.procession.internal.ring.CellRingLayout.BURIED_AT;
import static io.github.procession.internal.ring.CellRingLayout.CELLS_AT;
import static io.github.procession.internal.ring.CellRingLayout.CELL_SHIFT;
import static io.github.procession.internal.ring.CellRingLayout.CLAIMED;
import static io.github.procession.internal.ring.CellRingLayout.EMPTY;
import static io.github.procession.internal.ring.CellRingLayout.ENDED_AT;
import static io.github.procession.internal.ring.CellRingLayout.HEAD_HINT_AT;
import static io.github.procession.internal.ring.CellRingLayout.LENGTH_AT;
import static io.github.procession.internal.ring.CellRingLayout.NOBODY;
import static io.github.procession.internal.ring.CellRingLayout.POSITION_SHIFT;
import static io.github.procession.internal.ring.CellRingLayout.READY;
import static io.github.procession.internal.ring.CellRingLayout.TAG_AT;
import static io.github.procession.internal.ring.CellRingLayout.TAIL_HINT_AT;
import static io.github.procession.internal.ring.CellRingLayout.TAKEN;
import static io.github.procession.internal.ring.CellRingLayout.TOMBSTONE;
import static io.github.procession.internal.ring.CellRingLayout.TOMBSTONES_AT;
import static io.github.procession.internal.ring.CellRingLayout.WORD_AT;
import static io.github.procession.internal.ring.CellRingLayout.ahead;
import static io.github.procession.internal.ring.CellRingLayout.counted;
import static io.github.procession.internal.ring.CellRingLayout.isLastBuried;
import static io.github.procession.internal.ring.CellRingLayout.owner;
import static io.github.procession.internal.ring.CellRingLayout.state;
import static io.github.procession.internal.ring.CellRingLayout.word;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// One lane of cells: a bounded first-in first-out buffer for any number of producers and consumers, in which the death
/// of any of them leaves nothing that could block the others once the root has repaired it.
final class Lane {

    /*
     * Every item has a position, 0, 1, 2, …; position p lives in cell p mod N. A cell's word tells all that is true of
     * it, and each step of an item's life is one store of that word (left: who may make it, with a compare-and-set
     * where several may try):
     *
     *     EMPTY(p) ──any producer, CAS──▶ CLAIMED(me, p) ──that producer──▶ READY(p) ──any consumer, CAS──▶ TAKEN(me, p)
     *         ▲                                │                              │                               │
     *         │                             the root                          │                        that consumer
     *         │                                ▼                              │                               │
     *     p := p + N ◀─any, CAS── READY(TOMBSTONE, p)                         │                               ▼
     *         └───────────────────────────────────────────────────────────────┴────────────────────── EMPTY(p + N)
     *
     * The claim itself records who and where, in the word that it changes: there is no instant at which a process has
     * become responsible for a cell and the cell does not say so.
     *
     * Tail and head are hints. They are written after the fact, may be behind, may even move backwards when a process
     * wakes from a long pause between its claim and its hint, and are never ahead of the truth:
     *
     *   (T) whoever looks for room at position p knows that all positions below p have been claimed;
     *   (H) whoever looks for an item at position p knows that all positions below p have been taken or cleared.
     *
     * Both hold for a hint, since it is p + 1 of someone who had a claim (an item) at p. They are kept by stepping from
     * p to p + 1 only when the word at p says that p itself is claimed (taken), and by jumping, when the cell is
     * already at position q = p + kN, to q - N + 1, for the cell can be at q only because q - N was freed, before which
     * it was claimed and taken; for the tail to q + 1 if q itself is claimed, for the head likewise if q is taken. So
     * claims and takes happen strictly in order of position, a stale hint costs at most a walk of N cells, and:
     *
     *   the lane is full at p  ⇔  cell p is still at p - N (or the exact capacity is, see below);
     *   it has nothing at p    ⇔  cell p is EMPTY(p) or at p - N (not claimed), or CLAIMED(p) (in order, so all wait).
     *
     * A tombstone goes from READY to EMPTY in one step, by whoever finds it at the head, never through TAKEN: a consumer
     * that died in between would otherwise turn it into an item. Clearing one makes room, so whoever does it tells those
     * who wait for room, as after freeing an item ([#hasMadeRoom()]); if it dies before, the root tells them. Somebody
     * always looks: consumers at each claim and after each item that they free, producers that find the lane full, whom
     * the repair that made the tombstone has woken.
     *
     * Capacities that are no power of two: the claim of p further requires that the item at p - capacity has been
     * freed. "Freed" is never undone (positions only grow), so a check before the CAS is as good as one inside it.
     *
     * Order of memory: a producer's CAS acquires what the freeing store released (the last reader is done with the
     * body), READY releases the body, the consumer's CAS acquires it, EMPTY(p + N) releases the reads. Hints are
     * released and acquired, so that whoever starts from a hint sees its cell at least as new as the one who wrote it;
     * otherwise "full" could be said of a lane that has room. The fence between the claim and the body is for readers
     * without a claim (peek, the walk over live items): they copy first and believe the copy only if the word has not
     * changed, so the change of the word must become visible before the first new byte of the body does.
     *
     * The end. Whoever ends the lane says so in one word, for ever. A producer looks at that word after its claim, and if
     * it says so turns the claim into a tombstone. A consumer that sees the word and then a cell which nobody has
     * claimed, at the tail, knows that nothing will come: a later claim is after its look, and so after the word.
     *
     * Tombstones are counted, each once, though whoever makes one may die at any store: the count and the position that
     * was counted last are one word, which changes before the claim does. Whoever counts another first makes the last one
     * a tombstone, if that is still a claim; so a claim that has been counted is always the last, and whoever buries it
     * sees that it has been.
     *
     * SIGKILL after each step: CLAIMED, nothing of the body is trusted, the root makes a tombstone. READY, the item
     * exists and needs no one. TAKEN, the item is intact, as nobody writes a cell that is not EMPTY; the root moves it
     * to the redo lane. EMPTY(p + N), the item is consumed. A hint not written is walked past by the next.
     *
     * Positions are 64 bits in hints and hands and 50 in words; all comparisons are differences modulo 2^50, so the
     * wrap (after 325 days at 40 million items a second) is no event, and a CAS cannot meet an old word again before.
     */

    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final VarHandle INT = JAVA_INT.varHandle();

    /// No position: nothing ready, or no room.
    static final long NONE = -1;

    /// No position: nothing is taken in any more.
    static final long ENDED = -2;

    private final MemorySegment segment;
    private final long tailHint;
    private final long headHint;
    private final long cells;
    private final int count;
    private final int mask;
    private final int capacity;
    private final boolean ends;
    private final long tombstonesAt;
    private final long endedAt;
    private final long buriedAt;

    /// Whether this process has cleared a tombstone and not told so yet.
    private volatile boolean madeRoom;

    /// @param capacity how many of the `count` cells may hold items
    /// @param ring     where the ring begins that it is of: it notes there that it has had tombstones, and how many
    /// @param ends     whether it takes nothing in any more when the ring has ended
    Lane(MemorySegment segment, long offset, int count, int capacity, long ring, boolean ends) {
        this.segment = segment;
        this.tailHint = offset + TAIL_HINT_AT;
        this.headHint = offset + HEAD_HINT_AT;
        this.cells = offset + CELLS_AT;
        this.count = count;
        this.mask = count - 1;
        this.capacity = capacity;
        this.ends = ends;
        this.tombstonesAt = ring + TOMBSTONES_AT;
        this.endedAt = ring + ENDED_AT;
        this.buriedAt = ring + BURIED_AT;
    }

    /// Makes all cells empty, the first item to come at position `start`.
    void format(long start) {
        for (long p = start; p < start + count; p++) {
            LONG.set(segment, cell(p) + WORD_AT, word(p, NOBODY, EMPTY));
        }
        LONG.set(segment, headHint, start);
        LONG.setRelease(segment, tailHint, start);
    }

    int count() {
        return count;
    }

    /// How many tombstones there have been, one perhaps included that is about to be.
    long buried() {
        return CellRingLayout.tombstones((long) LONG.getVolatile(segment, buriedAt));
    }

    // ---- producers -----------------------------------------------------------------------------------------------

    /// Claims the next position for `owner`; [#NONE] when the lane is full.
    private long claimRoom(int owner) {
        long p = hint(tailHint);
        while (true) {
            long word = wordAt(p);
            long ahead = ahead(word, p);
            if (ahead == 0 && state(word) == EMPTY) {
                if (!isWithinCapacity(p)) {
                    return NONE;
                }
                if (LONG.compareAndSet(segment, cell(p) + WORD_AT, word, word(p, owner, CLAIMED))) {
                    return p;
                }
                // race: another producer was faster; the cell tells where to go on
            } else if (ahead < 0) {
                return NONE;
            } else {
                p = past(p, ahead, state(word) != EMPTY);
            }
        }
    }

    /// Whether the item that came `capacity` before has been freed.
    private boolean isWithinCapacity(long p) {
        return capacity == count || isFreed(p - capacity);
    }

    /// Publishes an item and returns its position; [#NONE] when the lane is full, [#ENDED] when it has ended.
    long offer(int owner, int tag, byte[] body, int length) {
        long p = claimRoom(owner);
        while (p == NONE && clearTombstones()) {
            p = claimRoom(owner);
        }
        if (p == NONE) {
            return NONE;
        }
        boolean published = false;
        try {
            CrashPoint.OFFER_CLAIMED.pass();
            if (hasEnded()) {
                return ENDED;
            }
            write(p, tag, body, length);
            LONG.setRelease(segment, cell(p) + WORD_AT, word(p, NOBODY, READY));
            published = true;
        } finally {
            if (!published) {
                // The lane has ended, or the stack has overflowed. This process lives on, so nobody would repair its
                // cell: it makes the tombstone itself, with no call that is deeper than those by which it came here.
                bury(p, owner);
            }
        }
        CrashPoint.OFFER_PUBLISHED.pass();
        return p;
    }

    /// Turns the claim of a producer that will not publish into a tombstone. First the note, then the tombstone: whoever
    /// meets one must find that there are some.
    void bury(long p, int owner) {
        LONG.setRelease(segment, tombstonesAt, 1L);
        long last = (long) LONG.getVolatile(segment, buriedAt);
        while (!isLastBuried(last, p)) {
            long word = wordAt(last);
            if (state(word) == CLAIMED && isLastBuried(last, word >>> POSITION_SHIFT)) {
                LONG.compareAndSet(
                        segment, cell(last) + WORD_AT, word, word(word >>> POSITION_SHIFT, TOMBSTONE, READY));
            }
            LONG.compareAndSet(segment, buriedAt, last, counted(last, p));
            last = (long) LONG.getVolatile(segment, buriedAt);
        }
        CrashPoint.BURY_COUNTED.pass();
        LONG.compareAndSet(
                segment,
                cell(p) + WORD_AT,
                word(p, owner, CLAIMED),
                word(p, TOMBSTONE, READY)); // or another was faster
        CrashPoint.BURY_DONE.pass();
    }

    private boolean hasEnded() {
        return ends && (long) LONG.getVolatile(segment, endedAt) != 0;
    }

    private void write(long p, int tag, byte[] body, int length) {
        LONG.setRelease(segment, tailHint, p + 1);
        CrashPoint.OFFER_HINTED.pass();
        VarHandle.storeStoreFence();
        long cell = cell(p);
        INT.set(segment, cell + TAG_AT, tag);
        INT.set(segment, cell + LENGTH_AT, length);
        CrashPoint.OFFER_HEADED.pass();
        MemorySegment.copy(body, 0, segment, JAVA_BYTE, cell + BODY_AT, length);
        CrashPoint.OFFER_WRITTEN.pass();
    }

    // ---- consumers -----------------------------------------------------------------------------------------------

    /// Takes the item at the head for `owner` and returns its position; [#NONE] when nothing is ready.
    ///
    /// @param lane of the tickets that are shown
    long claimItem(int owner, CellRing.Onlooker onlooker, int lane) {
        long p = hint(headHint);
        while (true) {
            long word = wordAt(p);
            long ahead = ahead(word, p);
            if (ahead == 0 && state(word) == READY) {
                if (owner(word) == TOMBSTONE) {
                    clear(p, word);
                    continue;
                }
                onlooker.look(CellRing.ticket(p, lane)); // what it copies is the item's if the word has not changed
                if (LONG.compareAndSet(segment, cell(p) + WORD_AT, word, word(p, owner, TAKEN))) {
                    CrashPoint.CLAIM_TAKEN.pass();
                    LONG.setRelease(segment, headHint, p + 1);
                    CrashPoint.CLAIM_HINTED.pass();
                    return p;
                }
                // race: another consumer was faster; the cell tells where to go on
            } else if (ahead < 0 || ahead == 0 && state(word) != TAKEN) {
                return NONE;
            } else {
                p = past(p, ahead, state(word) == TAKEN);
            }
        }
    }

    /// Takes a tombstone at the head away, unless someone else just did.
    private void clear(long p, long word) {
        if (LONG.compareAndSet(segment, cell(p) + WORD_AT, word, word(p + count, NOBODY, EMPTY))) {
            madeRoom = true; // whichever of this process's threads sees it next tells
            CrashPoint.TOMBSTONE_CLEARED.pass();
            LONG.setRelease(segment, headHint, p + 1);
        }
    }

    /// Whether there has ever been a tombstone. In most rings there never is one, and nobody looks for them.
    private boolean hasBuried() {
        return (long) LONG.getOpaque(segment, tombstonesAt) != 0;
    }

    /// Whether tombstones have been cleared since this was last asked: then wake all who wait for room.
    boolean hasMadeRoom() {
        boolean made = madeRoom;
        if (made) {
            madeRoom = false; // race: what another thread clears before this store is told by this one
        }
        return made;
    }

    /// Takes away all tombstones at the head; returns whether there were any.
    boolean clearTombstones() {
        boolean any = false;
        if (!hasBuried()) {
            return false;
        }
        CrashPoint.CLEARING.pass();
        while (true) {
            long p = head();
            long word = wordAt(p);
            if (ahead(word, p) != 0 || state(word) != READY || owner(word) != TOMBSTONE) {
                return any;
            }
            clear(p, word);
            any = true; // by whomever: there was room
        }
    }

    /// Frees the cell of a taken item.
    void free(long p) {
        LONG.setRelease(segment, cell(p) + WORD_AT, word(p + count, NOBODY, EMPTY));
        CrashPoint.CLAIM_RELEASED.pass();
    }

    /// Whether the item at that position has been freed.
    boolean isFreed(long p) {
        return ahead(wordAt(p), p) > 0;
    }

    /// Whether nothing will come of that position, which has been claimed, any more.
    boolean isConsumed(long p) {
        long word = wordAt(p);
        long ahead = ahead(word, p);
        return ahead > 0 || ahead == 0 && state(word) == READY && owner(word) == TOMBSTONE;
    }

    boolean isTaken(long p) {
        long word = wordAt(p);
        return ahead(word, p) == 0 && state(word) == TAKEN;
    }

    int tag(long p) {
        return (int) INT.get(segment, cell(p) + TAG_AT);
    }

    int length(long p) {
        return (int) INT.get(segment, cell(p) + LENGTH_AT);
    }

    void copy(long p, byte[] into, int length) {
        MemorySegment.copy(segment, JAVA_BYTE, cell(p) + BODY_AT, into, 0, length);
        CrashPoint.CLAIM_COPIED.pass();
    }

    // ---- onlookers -----------------------------------------------------------------------------------------------

    /// Whether there is an item to take.
    boolean hasReady() {
        long p = hint(headHint);
        while (true) {
            long word = wordAt(p);
            long ahead = ahead(word, p);
            if (ahead == 0 && state(word) == READY) {
                if (owner(word) != TOMBSTONE) {
                    return true;
                }
                p++;
            } else if (ahead < 0 || ahead == 0 && state(word) != TAKEN) {
                return false;
            } else {
                p = past(p, ahead, state(word) == TAKEN);
            }
        }
    }

    /// Shows the item at the head without taking it; false when nothing is ready.
    boolean peek(CellRing.Visitor visitor) {
        byte[] body = new byte[CellRingLayout.BODY_BYTES];
        long p = hint(headHint);
        while (true) {
            long word = wordAt(p);
            long ahead = ahead(word, p);
            if (ahead == 0 && state(word) == READY) {
                if (owner(word) == TOMBSTONE) {
                    p++; // what is behind a tombstone is the head for everyone
                    continue;
                }
                int tag = tag(p);
                int length = length(p);
                copy(p, body, length);
                if (isStill(p, word)) {
                    visitor.visit(tag, body, length);
                    return true;
                }
                // race: taken while it was copied
            } else if (ahead < 0 || ahead == 0 && state(word) != TAKEN) {
                return false;
            } else {
                p = past(p, ahead, state(word) == TAKEN);
            }
        }
    }

    /// Shows every item of this lane that is being written, ready, or taken, in order of cells.
    void forEachLive(CellRing.LiveVisitor visitor) {
        byte[] body = new byte[CellRingLayout.BODY_BYTES];
        long end = tail();
        for (long p = end - count; p < end; p++) {
            long word;
            int tag;
            int length;
            do {
                word = wordAt(p);
                tag = tag(p);
                length = state(word) == EMPTY ? 0 : Math.clamp(length(p), 0, body.length);
                copy(p, body, length);
            } while (!isStill(p, word)); // race: the cell moved on while it was copied
            if (state(word) != EMPTY && owner(word) != TOMBSTONE) {
                visitor.visit(CellRing.LiveState.of(state(word)), owner(word), tag, body, length);
            }
        }
    }

    /// Whether all that was read of a cell belongs to that word.
    private boolean isStill(long p, long word) {
        VarHandle.acquireFence();
        return (long) LONG.getOpaque(segment, cell(p) + WORD_AT) == word;
    }

    /// The first position that nobody has claimed.
    long tail() {
        long p = hint(tailHint);
        while (true) {
            long word = wordAt(p);
            long ahead = ahead(word, p);
            if (ahead < 0 || ahead == 0 && state(word) == EMPTY) {
                return p;
            }
            p = past(p, ahead, state(word) != EMPTY);
        }
    }

    /// The first position that nobody has taken.
    long head() {
        long p = hint(headHint);
        while (true) {
            long word = wordAt(p);
            long ahead = ahead(word, p);
            if (ahead < 0 || ahead == 0 && state(word) != TAKEN) {
                return p;
            }
            p = past(p, ahead, state(word) == TAKEN);
        }
    }

    /// Copies the items that are ready, first to last, as long as they stay; what is taken meanwhile is left out.
    void copyReady(CellRing.ReadyVisitor visitor) {
        byte[] body = new byte[CellRingLayout.BODY_BYTES];
        long end = tail();
        for (long p = head(); p < end; p++) {
            long word = wordAt(p);
            if (ahead(word, p) == 0 && state(word) == READY && owner(word) != TOMBSTONE) {
                int tag = tag(p);
                int length = Math.clamp(length(p), 0, body.length);
                copy(p, body, length);
                if (isStill(p, word)) {
                    visitor.visit(p, tag, body, length);
                }
            }
        }
    }

    /// Whether the item at that position is still ready.
    boolean isReady(long p) {
        VarHandle.acquireFence();
        long word = wordAt(p);
        return ahead(word, p) == 0 && state(word) == READY;
    }

    /// How many items are ready; exact when nothing moves.
    long size() {
        long head = head();
        long tail = tail();
        long buried = hasBuried() ? tombstones(head, tail) : 0;
        return Math.clamp(tail - head - buried, 0, count);
    }

    private long tombstones(long from, long to) {
        long found = 0;
        for (long p = from; p < to; p++) {
            long word = wordAt(p);
            if (ahead(word, p) == 0 && state(word) == READY && owner(word) == TOMBSTONE) {
                found++;
            }
        }
        return found;
    }

    // ---- the root ------------------------------------------------------------------------------------------------

    /// Whether the cell of position p belongs to `owner` in the given state.
    boolean isHeld(long p, int owner, int state) {
        long word = wordAt(p);
        return ahead(word, p) == 0 && state(word) == state && owner(word) == owner;
    }

    /// Puts a taken item to the end of a full lane, which only the root appends to, if its cell is the next one there.
    boolean renew(long p) {
        boolean isNext = tail() == p + count;
        if (isNext) {
            LONG.setRelease(segment, cell(p) + WORD_AT, word(p + count, NOBODY, READY));
            LONG.setRelease(segment, tailHint, p + count + 1);
        }
        return isNext;
    }

    // ---- cells ---------------------------------------------------------------------------------------------------

    private long hint(long at) {
        return (long) LONG.getAcquire(segment, at);
    }

    private long wordAt(long p) {
        return (long) LONG.getAcquire(segment, cell(p) + WORD_AT);
    }

    private long cell(long p) {
        return cells + ((p & mask) << CELL_SHIFT);
    }

    /// Where to look on when the cell of p is at position p + ahead, `done` saying whether that one is passed as well.
    private long past(long p, long ahead, boolean done) {
        return p + ahead + 1 - (done ? 0 : count);
    }
}
