package io.github.procession.internal.sync;

import java.lang.foreign.MemorySegment;

/// The permits of a semaphore: how many there are to be had, and how many each process holds.
///
/// ```text
///   0          384       392     400       408            512
///   +----------+---------+-------+---------+--------------+---------------
///   | journal  | permits | limit | foreign | wide | …     | held by slot × 4096
///   +----------+---------+-------+---------+--------------+---------------
/// ```
///
/// A process may release what another has acquired: semaphores are signals, too. Nobody knows whose permit that was, so it
/// is only counted (**foreign**), and what the dead held comes back less what was released on somebody's behalf.
public final class SemaphoreState {
    /// Length.
    public static final long BYTES = 512 + 4096 * Long.BYTES;

    /// The most permits there can be.
    public static final long MAX_PERMITS = Integer.MAX_VALUE;

    private static final long AT_PERMITS = Journal.BYTES;
    private static final long AT_LIMIT = AT_PERMITS + 8;
    private static final long AT_FOREIGN = AT_PERMITS + 16;
    private static final long AT_WIDE = AT_PERMITS + 24;
    private static final long AT_HELD = 512;

    private final Journal journal;
    private final long base;
    private final int slot;

    /// @param memory the block
    /// @param base   where the state begins, a multiple of 128
    /// @param slot   the process
    public SemaphoreState(MemorySegment memory, long base, int slot) {
        this.journal = new Journal(memory, base, slot);
        this.base = base;
        this.slot = slot;
    }

    /// Fills a zeroed block.
    ///
    /// @param limit the most permits there shall be
    public void format(long permits, long limit) {
        journal.begin();
        journal.set(base + AT_PERMITS, permits);
        journal.set(base + AT_LIMIT, limit);
        journal.commit();
        journal.end();
    }

    /// How many permits are to be had.
    public int permits() {
        return (int) journal.get(base + AT_PERMITS);
    }

    /// The most permits there can be.
    public long limit() {
        return journal.get(base + AT_LIMIT);
    }

    /// Takes permits if there are as many.
    public boolean acquire(int n) {
        if (journal.get(base + AT_PERMITS) < n) {
            return false; // as it is for everybody who looks now
        }
        journal.begin();
        try {
            long permits = journal.get(base + AT_PERMITS);
            if (permits < n) {
                return false;
            }
            journal.set(base + AT_PERMITS, permits - n);
            journal.set(held(slot), journal.get(held(slot)) + n);
            journal.commit();
            return true;
        } finally {
            journal.end();
        }
    }

    /// Somebody waits for more than one permit: from here on a permit may serve another than the first who waits.
    public void waitWide() {
        if (journal.get(base + AT_WIDE) == 0) {
            journal.begin();
            journal.set(base + AT_WIDE, 1);
            journal.commit();
            journal.end();
        }
    }

    /// Whether to wake all.
    public boolean isWide() {
        return journal.get(base + AT_WIDE) != 0;
    }

    /// Gives permits. Afterwards signal.
    ///
    /// @return false if there would be more than the limit; nothing has changed then
    public boolean release(int n) {
        journal.begin();
        try {
            long permits = journal.get(base + AT_PERMITS) + n;
            if (permits > journal.get(base + AT_LIMIT)) {
                return false;
            }
            long mine = journal.get(held(slot));
            journal.set(base + AT_PERMITS, permits);
            if (mine > 0) {
                journal.set(held(slot), Math.max(0, mine - n));
            }
            if (mine < n) {
                journal.set(base + AT_FOREIGN, journal.get(base + AT_FOREIGN) + n - mine);
            }
            journal.commit();
            return true;
        } finally {
            journal.end();
        }
    }

    /// The root: the permits of the process come back.
    ///
    /// @return false if it must be done later
    public boolean bury(int dead) {
        journal.repair(dead);
        long held = journal.get(held(dead));
        if (held == 0) {
            return true;
        }
        if (!journal.tryBegin()) {
            return false;
        }
        try {
            long foreign = Math.min(held, journal.get(base + AT_FOREIGN));
            long permits = journal.get(base + AT_PERMITS) + held - foreign;
            journal.set(base + AT_PERMITS, Math.min(permits, journal.get(base + AT_LIMIT)));
            journal.set(base + AT_FOREIGN, journal.get(base + AT_FOREIGN) - foreign);
            journal.set(held(dead), 0);
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

    private long held(int ofSlot) {
        return base + AT_HELD + (long) ofSlot * Long.BYTES;
    }
}
