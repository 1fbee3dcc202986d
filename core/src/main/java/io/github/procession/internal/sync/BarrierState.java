package io.github.procession.internal.sync;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// How many have arrived at a barrier, in which round, and from where.
///
/// ```text
///   0          384     392       400       408      416    424       512
///   +----------+-------+---------+---------+--------+------+---------+-----------------------------------------
///   | journal  | round | arrived | parties | broken | lost | resets  | by slot × 4096: | round: 48 | count: 16 |
///   +----------+-------+---------+---------+--------+------+---------+-----------------------------------------
/// ```
///
/// A party is not known before it arrives. So a process counts as one of a round if it has arrived in it or in the one
/// before: if it dies while others wait, or before they come, the barrier is broken for them. When all processes of the
/// last round are gone, it is as new.
public final class BarrierState {
    /// Length.
    public static final long BYTES = 512 + 4096 * Long.BYTES;

    /// All had come.
    public static final int FULL = -1;

    /// The most parties.
    public static final int MAX_PARTIES = 65_535;

    /// How an arrival stands.
    public enum Standing {
        /// Others have yet to come.
        WAITS,
        /// All have come.
        THROUGH,
        /// Somebody will not come.
        BROKEN
    }

    /// One arrival.
    ///
    /// @param round the round
    /// @param index how many have yet to come; 0 for the last, who must call [#trip]; [#FULL] if all had come: it does not
    ///              count, and is to be repeated when the round is over
    public record Arrival(long round, int index) {}

    private static final long AT_ROUND = Journal.BYTES;
    private static final long AT_ARRIVED = AT_ROUND + 8;
    private static final long AT_PARTIES = AT_ROUND + 16;
    private static final long AT_BROKEN = AT_ROUND + 24;
    private static final long AT_LOST = AT_ROUND + 32;
    private static final long AT_RESETS = AT_ROUND + 40;
    private static final long AT_SLOTS = 512;
    private static final int SLOTS = 4096;
    private static final int COUNT_BITS = 16;
    private static final long COUNT_MASK = (1 << COUNT_BITS) - 1;
    private static final long FIRST_ROUND = 2; // so that a slot's zero is no round near it

    private final Journal journal;
    private final long base;
    private final int slot;

    /// @param memory the block
    /// @param base   where the state begins, a multiple of 128
    /// @param slot   the process
    public BarrierState(MemorySegment memory, long base, int slot) {
        this.journal = new Journal(memory, base, slot);
        this.base = base;
        this.slot = slot;
    }

    /// Fills a zeroed block.
    public void format(int parties) {
        journal.begin();
        journal.set(base + AT_ROUND, FIRST_ROUND);
        journal.set(base + AT_PARTIES, parties);
        journal.commit();
        journal.end();
    }

    /// How many meet here.
    public int parties() {
        return (int) journal.get(base + AT_PARTIES);
    }

    /// How many have arrived and wait; nobody waits for a round that is broken.
    public int waiting() {
        return isBroken() ? 0 : (int) journal.get(base + AT_ARRIVED);
    }

    /// Whether the present round is broken.
    public boolean isBroken() {
        return journal.get(base + AT_BROKEN) != 0;
    }

    /// Counts an arrival.
    ///
    /// @return null if the barrier is broken; it has not arrived then
    public @Nullable Arrival arrive() {
        journal.begin();
        try {
            if (isBroken() || (journal.get(base + AT_LOST) != 0 && isMissed())) {
                return null;
            }
            long round = journal.get(base + AT_ROUND);
            long arrived = journal.get(base + AT_ARRIVED) + 1;
            if (arrived > parties()) {
                return new Arrival(round, FULL);
            }
            long mine = journal.get(at(slot));
            long before = mine >>> COUNT_BITS == round ? mine & COUNT_MASK : 0;
            journal.set(base + AT_ARRIVED, arrived);
            journal.set(at(slot), round << COUNT_BITS | before + 1);
            journal.commit();
            return new Arrival(round, (int) (parties() - arrived));
        } finally {
            journal.end();
        }
    }

    /// A party of the last round has died: is there anybody left who will miss it? Otherwise it is forgotten. In a section
    /// that has set nothing yet.
    private boolean isMissed() {
        long last = journal.get(base + AT_ROUND) - 1;
        for (int i = 0; i < SLOTS; i++) {
            if (journal.get(at(i)) >>> COUNT_BITS == last) {
                journal.set(base + AT_BROKEN, 1);
                journal.commit();
                return true;
            }
        }
        journal.set(base + AT_LOST, 0);
        return false;
    }

    /// All have come, and what was to be done before they go has been done. Afterwards wake all.
    ///
    /// @return false if the round has been broken meanwhile
    public boolean trip(long round) {
        journal.begin();
        try {
            if (isBroken() || journal.get(base + AT_ROUND) != round) {
                return false;
            }
            journal.set(base + AT_ARRIVED, 0);
            next(round, false);
            journal.commit();
            return true;
        } finally {
            journal.end();
        }
    }

    private void next(long round, boolean reset) {
        long bit = 1L << (round % Long.SIZE);
        long resets = journal.get(base + AT_RESETS);
        journal.set(base + AT_RESETS, reset ? resets | bit : resets & ~bit);
        journal.set(base + AT_ROUND, round + 1);
    }

    /// How an arrival of that round stands.
    public Standing standing(long round) {
        while (true) {
            long now = journal.get(base + AT_ROUND);
            boolean broken = isBroken();
            boolean reset = (journal.get(base + AT_RESETS) & 1L << (round % Long.SIZE)) != 0;
            VarHandle.loadLoadFence();
            if (journal.get(base + AT_ROUND) == now) {
                return now != round
                        ? (reset ? Standing.BROKEN : Standing.THROUGH)
                        : broken ? Standing.BROKEN : Standing.WAITS;
            }
        }
    }

    /// Breaks a round, if it is the present one. Afterwards wake all.
    ///
    /// @return how an arrival of that round stands now
    public Standing breakRound(long round) {
        journal.begin();
        try {
            if (journal.get(base + AT_ROUND) == round && !isBroken()) {
                journal.set(base + AT_BROKEN, 1);
                journal.commit();
            }
        } finally {
            journal.end();
        }
        return standing(round);
    }

    /// Breaks the present round. Afterwards wake all.
    public void abort() {
        breakRound(journal.get(base + AT_ROUND));
    }

    /// Begins a new round; those who wait in the present one are told that it is broken. Afterwards wake all.
    public void reset() {
        journal.begin();
        try {
            journal.set(base + AT_ARRIVED, 0);
            journal.set(base + AT_BROKEN, 0);
            journal.set(base + AT_LOST, 0);
            next(journal.get(base + AT_ROUND), true);
            journal.commit();
        } finally {
            journal.end();
        }
    }

    /// The root: the process is gone, or will not come again.
    ///
    /// @param died false if it has detached of its own will
    /// @return false if it must be done later
    public boolean bury(int gone, boolean died) {
        journal.repair(gone);
        long entry = journal.get(at(gone));
        if (entry == 0) {
            return true;
        }
        if (!journal.tryBegin()) {
            return false;
        }
        try {
            long round = journal.get(base + AT_ROUND);
            long last = entry >>> COUNT_BITS;
            boolean othersWait = journal.get(base + AT_ARRIVED) > 0;
            journal.set(at(gone), 0);
            if (last == round || (last == round - 1 && othersWait)) {
                journal.set(base + AT_BROKEN, 1);
            } else if (last == round - 1 && died) {
                journal.set(base + AT_LOST, 1);
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

    private long at(int ofSlot) {
        return base + AT_SLOTS + (long) ofSlot * Long.BYTES;
    }
}
