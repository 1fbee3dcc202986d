package io.github.procession.internal.ring;

import static io.github.procession.internal.ring.CellRingLayout.ALIGNMENT;
import static io.github.procession.internal.ring.CellRingLayout.BODY_BYTES;
import static io.github.procession.internal.ring.CellRingLayout.BURIED_AT;
import static io.github.procession.internal.ring.CellRingLayout.CAPACITY_AT;
import static io.github.procession.internal.ring.CellRingLayout.CLAIMED;
import static io.github.procession.internal.ring.CellRingLayout.ENDED_AT;
import static io.github.procession.internal.ring.CellRingLayout.HEADER_BYTES;
import static io.github.procession.internal.ring.CellRingLayout.MAGIC;
import static io.github.procession.internal.ring.CellRingLayout.MAGIC_AT;
import static io.github.procession.internal.ring.CellRingLayout.MAIN_CELLS_AT;
import static io.github.procession.internal.ring.CellRingLayout.MAX_SLOT;
import static io.github.procession.internal.ring.CellRingLayout.MIN_SLOT;
import static io.github.procession.internal.ring.CellRingLayout.NOBODY;
import static io.github.procession.internal.ring.CellRingLayout.REDO_CELLS_AT;
import static io.github.procession.internal.ring.CellRingLayout.TAKEN;
import static io.github.procession.internal.ring.CellRingLayout.TOMBSTONES_AT;
import static io.github.procession.internal.ring.CellRingLayout.VERSION;
import static io.github.procession.internal.ring.CellRingLayout.VERSION_AT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// A bounded queue of small items in shared memory, for any number of producers and consumers in any number of
/// processes. Nothing here waits.
///
/// An item is a tag, and a body of at most 48 bytes that is opaque here. Items come out in the order in which they went
/// in. Each is delivered exactly once, whoever is killed at whatever moment:
///
///   - once [#offer] has returned true, the item outlives its producer;
///   - until [#release], an item outlives its consumer: the root gives it back, and it is delivered again, ahead of what
///     still waits (a consumer may have seen later ones by then);
///   - a producer killed in the middle of an offer leaves nothing that anyone would see.
///
/// A process speaks of itself by its slot. Slot numbers are between 1 and 4094, belong to one living process at a time,
/// and are given to another only after [#repair].
public final class CellRing {

    /*
     * Two lanes of the same kind. The main lane carries everything; the redo lane carries what dead consumers had taken
     * and not released, and is looked at first. An item cannot go back to its own cell, because the head has passed it
     * and nobody would come by again; nor to the tail of the main lane, which may be full and would be out of order.
     *
     * Only the root offers to the redo lane, one repair at a time. An item is copied there first and freed in its old
     * cell second; only the root could die in between, and with it dies everybody.
     *
     * When the redo lane is full, what is left stays TAKEN by the dead slot, safe but out of reach, and repair says so.
     * It can only be full of items that living consumers hold or will take next (they look there first), so a later
     * call succeeds; except if its oldest cell is itself held by the dead slot. That is the cell where the item would
     * have to go, and it is renewed in place.
     *
     * Tickets: position * 2, plus 1 for the redo lane.
     */

    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final VarHandle INT = JAVA_INT.varHandle();

    /// No position and no ticket.
    public static final long NONE = Lane.NONE;

    /// No position: the ring has ended.
    public static final long ENDED = Lane.ENDED;

    /// Sees an item.
    @FunctionalInterface
    public interface Visitor {

        /// @param body holds the item in its first `length` bytes; valid only during the call
        void visit(int tag, byte[] body, int length);
    }

    /// Sees an item that is ready.
    @FunctionalInterface
    public interface ReadyVisitor {

        /// @param place for [#isReady]
        /// @param body  holds the item in its first `length` bytes; valid only during the call
        void visit(long place, int tag, byte[] body, int length);
    }

    /// Sees an item that is about to be taken.
    @FunctionalInterface
    public interface Onlooker {

        /// May read the item, as if it were claimed. What it reads is the item's if the claim succeeds; if another process was
        /// faster, which may be at any time, it is of no use, and the next item is shown. If this throws, nothing is taken.
        ///
        /// @param ticket what the claim will return
        void look(long ticket);
    }

    /// Sees an item together with where it stands.
    @FunctionalInterface
    public interface LiveVisitor {

        /// @param owner the slot of the producer (CLAIMED) or consumer (TAKEN), otherwise 0
        /// @param body holds the item in its first `length` bytes; valid only during the call. When CLAIMED, tag, length
        ///     and body may be those of an earlier item, in part or in whole
        void visit(LiveState state, int owner, int tag, byte[] body, int length);
    }

    /// Where an item stands that is not yet consumed.
    public enum LiveState {
        CLAIMED,
        READY,
        TAKEN;

        static LiveState of(int state) {
            return values()[state - CellRingLayout.CLAIMED];
        }
    }

    private static final Onlooker NOBODY_LOOKS = _ -> {};

    private final MemorySegment segment;
    private final long offset;
    private final int capacity;
    private final Lane main;
    private final Lane redo;

    // How far all items are known to be consumed. Any thread may move it on, or back a little: then others look again.
    private volatile long mainConsumed;
    private volatile long redoConsumed;

    private CellRing(MemorySegment segment, long offset, int capacity) {
        int mainCells = CellRingLayout.mainCells(capacity);
        long mainAt = offset + HEADER_BYTES;
        long redoAt = mainAt + CellRingLayout.laneBytes(mainCells);
        int redoCells = CellRingLayout.redoCells(capacity);
        this.segment = segment;
        this.offset = offset;
        this.capacity = capacity;
        this.main = new Lane(segment, mainAt, mainCells, capacity, offset, true);
        this.redo = new Lane(segment, redoAt, redoCells, redoCells, offset, false);
    }

    /// How many bytes a ring for `capacity` items takes.
    public static long bytes(int capacity) {
        return CellRingLayout.bytes(capacity);
    }

    /// Makes an empty ring at an offset, which must be a multiple of 128, of a segment of zeros or of anything.
    public static CellRing format(MemorySegment segment, long offset, int capacity) {
        return format(segment, offset, capacity, 0);
    }

    static CellRing format(MemorySegment segment, long offset, int capacity, long start) {
        checkPlace(segment, offset, bytes(capacity));
        CellRing ring = new CellRing(segment, offset, capacity);
        LONG.setRelease(segment, offset + MAGIC_AT, 0L);
        INT.set(segment, offset + VERSION_AT, VERSION);
        INT.set(segment, offset + CAPACITY_AT, capacity);
        INT.set(segment, offset + MAIN_CELLS_AT, ring.main.count());
        INT.set(segment, offset + REDO_CELLS_AT, ring.redo.count());
        LONG.set(segment, offset + TOMBSTONES_AT, 0L);
        LONG.set(segment, offset + ENDED_AT, 0L);
        LONG.set(segment, offset + BURIED_AT, 0L);
        ring.main.format(start);
        ring.redo.format(start);
        LONG.setRelease(segment, offset + MAGIC_AT, MAGIC);
        return ring;
    }

    /// The ring that another process has made at that place.
    ///
    /// @throws IllegalStateException if there is none, one of another version, or one that does not fit
    public static CellRing over(MemorySegment segment, long offset) {
        checkPlace(segment, offset, HEADER_BYTES);
        Header.check("queue", MAGIC, (long) LONG.getAcquire(segment, offset + MAGIC_AT));
        Header.checkVersion("queue", VERSION, (int) INT.get(segment, offset + VERSION_AT));
        int capacity = (int) INT.get(segment, offset + CAPACITY_AT);
        Header.checkCapacity("queue", segment, offset, capacity, CellRingLayout::isCapacity, CellRingLayout::bytes);
        return new CellRing(segment, offset, capacity);
    }

    /// Whether a ring has been made at that place of a segment that was of zeros.
    static boolean isMade(MemorySegment segment, long offset) {
        return (long) LONG.getAcquire(segment, offset + MAGIC_AT) != 0;
    }

    private static void checkPlace(MemorySegment segment, long offset, long bytes) {
        Header.checkPlace("queue", segment, offset, bytes, ALIGNMENT);
    }

    /// How many items fit in. Items that are given back after a death do not count.
    public int capacity() {
        return capacity;
    }

    /// Appends an item. Afterwards signal those who wait for items; also if this throws (a [StackOverflowError] is all that
    /// it could), for the item then does not exist, and those behind it may come out.
    ///
    /// @return where it stands, to be asked about with [#isReleased]; [#NONE] when the queue is full, [#ENDED] when it
    ///     has ended
    public long offer(int slot, int tag, byte[] body, int length) {
        checkSlot(slot);
        if (length < 0 || length > BODY_BYTES || length > body.length) {
            throw new IllegalArgumentException("a cell holds 0 to " + BODY_BYTES + " bytes; asked for " + length
                    + " of an array of " + body.length);
        }
        return main.offer(slot, tag, body, length);
    }

    /// Whether the cell at that position has been freed: by a consumer that was through with the item, or by the root,
    /// which has then given the item back first (see [#hasGivenBack()]).
    public boolean isReleased(long position) {
        return main.isFreed(position);
    }

    /// Whether the root has ever given an item back.
    public boolean hasGivenBack() {
        return redo.tail() != 0;
    }

    /// A number that changes whenever an item is taken: two equal ones mean that none was in between.
    public long takes() {
        return redo.head() + main.head();
    }

    /// Takes the next item for a process. The item stays in its cell, owned by that process, until [#release].
    ///
    /// @return its ticket, or [#NONE] when nothing is ready
    public long claim(int slot) {
        return claim(slot, NOBODY_LOOKS);
    }

    /// The same, but that the item is shown before it is taken.
    public long claim(int slot, Onlooker onlooker) {
        checkSlot(slot);
        long p = redo.claimItem(slot, onlooker, 1);
        if (p != Lane.NONE) {
            return ticket(p, 1);
        }
        p = main.claimItem(slot, onlooker, 0);
        return p == Lane.NONE ? NONE : ticket(p, 0);
    }

    /// The tag of a claimed item.
    public int tag(long ticket) {
        return lane(ticket).tag(position(ticket));
    }

    /// The length of the body of a claimed item; never more than a cell holds.
    public int length(long ticket) {
        return Math.clamp(lane(ticket).length(position(ticket)), 0, BODY_BYTES);
    }

    /// Copies the body of a claimed item to the beginning of an array.
    public void copy(long ticket, byte[] into) {
        lane(ticket).copy(position(ticket), into, Math.min(length(ticket), into.length));
    }

    /// Frees the cell of a claimed item: the item is consumed. Afterwards signal those who wait for room.
    ///
    /// @throws IllegalStateException if the ticket is not claimed, or not any more
    public void release(long ticket) {
        Lane lane = lane(ticket);
        long p = position(ticket);
        if (!lane.isTaken(p)) {
            throw new IllegalStateException("the item of this ticket is not claimed, or was released before");
        }
        lane.free(p);
        main.clearTombstones(); // those behind it are at the head now
    }

    /// Whether this process has made room besides what it has released, by stepping over what the dead have left, since this
    /// was last asked. To be asked after each [#offer], [#claim] and [#release]; then wake everyone who waits for room.
    public boolean hasMadeRoom() {
        return main.hasMadeRoom();
    }

    /// Whether there is an item to take. Another process may take it at the same time.
    public boolean hasReady() {
        return redo.hasReady() || main.hasReady();
    }

    /// Shows the next item without taking it. Another process may take it at the same time.
    ///
    /// @return false when nothing is ready
    public boolean peek(Visitor visitor) {
        return redo.peek(visitor) || main.peek(visitor);
    }

    /// Shows copies of all items that are ready, in the order in which they would come out. Others may take them meanwhile.
    public void forEachReady(ReadyVisitor visitor) {
        redo.copyReady((p, tag, body, length) -> visitor.visit(ticket(p, 1), tag, body, length));
        main.copyReady((p, tag, body, length) -> visitor.visit(ticket(p, 0), tag, body, length));
    }

    /// Whether the item that was shown at that place is still there for anyone to take.
    public boolean isReady(long place) {
        return lane(place).isReady(position(place));
    }

    // ---- the end -------------------------------------------------------------------------------------------------

    /// Takes nothing in any more, for ever: each later [#offer], and each that has not yet published, yields [#ENDED].
    /// Afterwards wake everyone who waits for items or room.
    ///
    /// @return whether this call ended it
    public boolean end() {
        return LONG.compareAndSet(segment, offset + ENDED_AT, 0L, 1L);
    }

    /// Whether it has ended. There may be items left.
    public boolean hasEnded() {
        return (long) LONG.getVolatile(segment, offset + ENDED_AT) != 0;
    }

    /// Whether nothing will ever come out any more: it has ended, and everything that was put in is consumed. As long as a
    /// consumer has not released what it took it may die, and the item come again. Afterwards as after [#release].
    public boolean isOver() {
        if (!hasEnded()) {
            return false;
        }
        VarHandle.fullFence();
        return isConsumed();
    }

    /// Whether all that was ever put in has been taken out and released.
    public boolean isConsumed() {
        // What is given back is in the redo lane before it is freed where it was: so the main lane comes first.
        long end = main.tail();
        long p = Math.max(mainConsumed, end - main.count());
        while (p < end && main.isConsumed(p)) {
            p++;
        }
        mainConsumed = p;
        if (p < end) {
            return false;
        }
        do {
            end = redo.tail();
            p = Math.max(redoConsumed, end - redo.count());
            while (p < end && redo.isConsumed(p)) {
                p++;
            }
            redoConsumed = p;
            if (p < end) {
                return false;
            }
        } while (redo.tail() != end);
        return true;
    }

    /// How many items have ever been put in, those included that are being written. Exact when nothing moves.
    public long puts() {
        long buried = main.buried(); // first, so that it is rather too many: who waits for all to be done waits on
        return main.tail() - buried;
    }

    /// How many items wait to be claimed; exact when nothing moves, otherwise near.
    public long size() {
        return redo.size() + main.size();
    }

    // ---- the root ------------------------------------------------------------------------------------------------

    /// Repairs what a dead process has left: items it was writing never existed, items it had claimed and not released
    /// are given back in their order. Called by the root only, never twice at the same time, after the kernel said that
    /// the process is gone and before its slot is given to another. Afterwards wake everyone who waits for items or
    /// room.
    ///
    /// @return how many cells were repaired; or, when there was no room to give all items back, `-1 - count`: the rest is
    ///     safe but out of reach. Call again when a consumer has released an item or another slot has been repaired.
    public int repair(int deadSlot) {
        checkSlot(deadSlot);
        int buried = bury(deadSlot);
        int moved = 0;
        for (Lane lane : new Lane[] {redo, main}) {
            long end = lane.tail();
            for (long p = end - lane.count(); p < end; p++) {
                if (lane.isHeld(p, deadSlot, TAKEN)) {
                    if (!giveBack(lane, p)) {
                        return -1 - (buried + moved);
                    }
                    moved++;
                }
            }
        }
        return buried + moved;
    }

    private int bury(int deadSlot) {
        int buried = 0;
        long end = main.tail();
        for (long p = end - main.count(); p < end; p++) {
            if (main.isHeld(p, deadSlot, CLAIMED)) {
                main.bury(p, deadSlot);
                buried++;
            }
        }
        return buried;
    }

    /// Moves a taken item to the end of the redo lane; false when there is no room.
    private boolean giveBack(Lane lane, long p) {
        byte[] body = new byte[BODY_BYTES];
        int tag = lane.tag(p);
        int length = lane.length(p);
        lane.copy(p, body, length);
        if (redo.offer(NOBODY, tag, body, length) != Lane.NONE) {
            lane.free(p);
            return true;
        }
        return lane == redo && redo.renew(p);
    }

    /// Shows all items that are not consumed: being written, ready, or claimed, to reconcile what bodies refer to. An item
    /// that is put in or consumed meanwhile may be missed or shown. One that the root gives back meanwhile is shown, more
    /// than once perhaps: when the root itself asks, nothing is given back, and each item is shown once.
    public void forEachLive(LiveVisitor visitor) {
        // An item moves from the main to the redo lane, and within that to its end, and is there before it is gone
        // here.
        // So main comes first, and redo again if it has grown.
        main.forEachLive(visitor);
        long seen;
        do {
            seen = redo.tail();
            redo.forEachLive(visitor);
        } while (redo.tail() != seen);
    }

    // --------------------------------------------------------------------------------------------------------------

    private Lane lane(long ticket) {
        return (ticket & 1) == 0 ? main : redo;
    }

    static long ticket(long position, int lane) {
        return position << 1 | lane;
    }

    private static long position(long ticket) {
        return ticket >>> 1;
    }

    private static void checkSlot(int slot) {
        if (slot < MIN_SLOT || slot > MAX_SLOT) {
            throw new IllegalArgumentException("a slot is between " + MIN_SLOT + " and " + MAX_SLOT + ", not " + slot);
        }
    }
}
