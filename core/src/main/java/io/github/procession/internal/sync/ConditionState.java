package io.github.procession.internal.sync;

import java.lang.foreign.MemorySegment;

/// Who waits for a condition: a number for each, in order, and what has become of it.
///
/// ```text
///   0          384    392    400      512
///   +----------+------+------+--------+-----------------------------------------------------
///   | journal  | tail | head | before | entries × 4096: | ticket: 50 | slot: 12 | state: 2 |
///   +----------+------+------+--------+-----------------------------------------------------
/// ```
///
/// A waiter takes the next ticket and waits until its entry says signalled or its ticket is below **before**, which is how
/// all are signalled at once. Nobody who comes later can be signalled in its place. One who leaves unsignalled, by limit,
/// interrupt or death, clears its entry; the signal that a dead one had got and not acted upon goes to the next.
public final class ConditionState {
    /// Length.
    public static final long BYTES = 512 + (long) ConditionState.WAITERS * Long.BYTES;

    /// How many may wait at a time.
    public static final int WAITERS = 4096;

    /// No ticket is free.
    public static final long NONE = -1;

    private static final long AT_TAIL = Journal.BYTES;
    private static final long AT_HEAD = AT_TAIL + 8;
    private static final long AT_BEFORE = AT_TAIL + 16;
    private static final long AT_ENTRIES = 512;
    private static final long WAITS = 1;
    private static final long SIGNALLED = 2;
    private static final long STATE_MASK = 3;
    private static final int SLOT_SHIFT = 2;
    private static final int TICKET_SHIFT = 14;
    private static final long SLOT_MASK = (1 << 12) - 1;

    private final Journal journal;
    private final long base;
    private final long slot;

    /// @param memory the block; zeros are a condition that nobody waits for
    /// @param base   where the state begins, a multiple of 128
    /// @param slot   the process
    public ConditionState(MemorySegment memory, long base, int slot) {
        this.journal = new Journal(memory, base, slot);
        this.base = base;
        this.slot = slot;
    }

    /// Counts a waiter in.
    ///
    /// @return its ticket, or [#NONE] if there are too many
    public long enqueue() {
        journal.begin();
        try {
            long tail = journal.get(base + AT_TAIL);
            for (long ticket = tail; ticket < tail + WAITERS; ticket++) {
                if (journal.get(entry(ticket)) == 0) {
                    journal.set(base + AT_TAIL, ticket + 1);
                    journal.set(entry(ticket), ticket << TICKET_SHIFT | slot << SLOT_SHIFT | WAITS);
                    journal.commit();
                    return ticket;
                }
            }
            return NONE;
        } finally {
            journal.end();
        }
    }

    /// Whether the waiter has been signalled.
    public boolean isSignalled(long ticket) {
        return (journal.get(entry(ticket)) & STATE_MASK) == SIGNALLED || ticket < journal.get(base + AT_BEFORE);
    }

    /// Counts a waiter out.
    ///
    /// @return whether it had been signalled
    public boolean leave(long ticket) {
        journal.begin();
        try {
            boolean signalled = isSignalled(ticket);
            journal.set(entry(ticket), 0);
            journal.commit();
            return signalled;
        } finally {
            journal.end();
        }
    }

    /// Signals the first who waits.
    ///
    /// @return its ticket, to be woken, or [#NONE] if nobody waits
    public long signal() {
        if (journal.get(base + AT_HEAD) == journal.get(base + AT_TAIL)) {
            return NONE;
        }
        journal.begin();
        try {
            long signalled = signalFirst();
            journal.commit();
            return signalled;
        } finally {
            journal.end();
        }
    }

    private long signalFirst() {
        long tail = journal.get(base + AT_TAIL);
        for (long ticket = journal.get(base + AT_HEAD); ticket < tail; ticket++) {
            long entry = journal.get(entry(ticket));
            if (entry >>> TICKET_SHIFT == ticket && (entry & STATE_MASK) == WAITS) {
                journal.set(entry(ticket), entry ^ WAITS ^ SIGNALLED);
                journal.set(base + AT_HEAD, ticket + 1);
                return ticket;
            }
        }
        journal.set(base + AT_HEAD, tail);
        return NONE;
    }

    /// Signals all who wait. Afterwards wake all.
    public void signalAll() {
        journal.begin();
        try {
            long tail = journal.get(base + AT_TAIL);
            journal.set(base + AT_HEAD, tail);
            journal.set(base + AT_BEFORE, tail);
            journal.commit();
        } finally {
            journal.end();
        }
    }

    /// The root: waiters of the process are forgotten; what they were signalled and had not left for goes to others.
    ///
    /// @return false if it must be done later
    public boolean bury(int dead) {
        journal.repair(dead);
        for (long i = 0; i < WAITERS; i++) {
            long entry = journal.get(entry(i));
            if (entry != 0 && (entry >>> SLOT_SHIFT & SLOT_MASK) == dead) {
                if (!forget(i)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean forget(long index) {
        if (!journal.tryBegin()) {
            return false;
        }
        try {
            long entry = journal.get(entry(index)); // it may have been signalled meanwhile
            journal.set(entry(index), 0);
            if ((entry & STATE_MASK) == SIGNALLED && entry >>> TICKET_SHIFT >= journal.get(base + AT_BEFORE)) {
                signalFirst();
            }
            journal.commit();
            return true;
        } finally {
            journal.end();
        }
    }

    /// Wakes this process's threads that wait inside, with an exception.
    public void close() {
        journal.close();
    }

    private long entry(long ticket) {
        return base + AT_ENTRIES + Math.floorMod(ticket, WAITERS) * (long) Long.BYTES;
    }
}
