package io.github.procession.internal.ring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.procession.internal.waiting.WaitPoint;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// The block of a queue: where takers, putters and those who wait for all work to be done sleep, who has what in hand, and
/// the ring.
///
/// ```text
///   0        128         384        640        896    1024     1152            263296
///   +--------+-----------+----------+----------+------+--------+---------------+--------
///   | header | not empty | not full | all done | done | deaths | hands, 64 * n | ring …
///   +--------+-----------+----------+----------+------+--------+---------------+--------
/// ```
///
/// **Work.** Items that were put and not reported done are outstanding. `done` counts reports, `hands` how many items each
/// process has taken and not reported. A process that is gone has nothing in hand, and `deaths` says that some were lost so:
/// when nothing waits and nobody has anything in hand, what is outstanding will never be done.
public final class QueueBlock {
    /*
     * An item is in hand before it is released: who dies in between has it in hand and leaves it to be taken again, and the
     * root clears the hand. Reports are counted before the hand is emptied. So an outstanding item is always in the ring or
     * in some hand that is not cleared, and what is said to be lost is lost.
     */
    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final long AT_NOT_EMPTY = 128;
    private static final long AT_NOT_FULL = 384;
    private static final long AT_ALL_DONE = 640;
    private static final long AT_DONE = 896;
    private static final long AT_DEATHS = 1024;
    private static final long AT_HANDS = 1152;
    private static final long HAND = 64;
    private static final int HANDS = CellRingLayout.MAX_SLOT + 2;
    private static final long AT_RING = AT_HANDS + HANDS * HAND;

    private final MemorySegment block;
    private final CellRing ring;
    private final WaitPoint notEmpty;
    private final WaitPoint notFull;
    private final WaitPoint allDone;

    private QueueBlock(MemorySegment block, CellRing ring) {
        this.block = block;
        this.ring = ring;
        this.notEmpty = new WaitPoint(block, AT_NOT_EMPTY);
        this.notFull = new WaitPoint(block, AT_NOT_FULL);
        this.allDone = new WaitPoint(block, AT_ALL_DONE);
    }

    /// Length of the block of a queue of so many items.
    public static long bytes(int capacity) {
        return AT_RING + CellRing.bytes(capacity);
    }

    /// Lays out a new queue in a zeroed block.
    public static QueueBlock format(MemorySegment block, int capacity) {
        return new QueueBlock(block, CellRing.format(block, AT_RING, capacity));
    }

    /// Whether a block that was zeroed has been laid out: who was about to may have died. Until then nobody else knows it.
    public static boolean isFormatted(MemorySegment block) {
        return CellRing.isMade(block, AT_RING);
    }

    /// The queue that lies in a block.
    public static QueueBlock over(MemorySegment block) {
        return new QueueBlock(block, CellRing.over(block, AT_RING));
    }

    /// The cells.
    public CellRing ring() {
        return ring;
    }

    /// Signalled once for each item; for all when the ring may be over.
    public WaitPoint notEmpty() {
        return notEmpty;
    }

    /// Signalled once for each freed cell; for all when the ring has ended.
    public WaitPoint notFull() {
        return notFull;
    }

    /// Signalled for all when nothing may be outstanding any more, or never will be done.
    public WaitPoint allDone() {
        return allDone;
    }

    /// Takes nothing in any more, and wakes whoever waits for what will not come.
    public void end() {
        ring.end();
        notEmpty.signalAll();
        notFull.signalAll();
        allDone.signalAll();
    }

    // ---- work ------------------------------------------------------------------------------------------------------

    /// That process is about to release an item that it has taken.
    public void take(int slot) {
        LONG.getAndAdd(block, hand(slot), 1L);
    }

    /// An item is done.
    ///
    /// @return false, and nothing has changed, if no more are outstanding
    public boolean done(int slot) {
        long done;
        do {
            done = (long) LONG.getVolatile(block, AT_DONE);
            if (done >= ring.puts()) {
                return false;
            }
        } while (!LONG.compareAndSet(block, AT_DONE, done, done + 1));
        LONG.getAndAdd(block, hand(slot), -1L);
        if (outstanding() == 0 || hasDeaths()) {
            allDone.signalAll();
        }
        return true;
    }

    /// How many items have been put and not been reported done.
    public long outstanding() {
        long done = (long) LONG.getVolatile(block, AT_DONE);
        return Math.max(0, ring.puts() - done);
    }

    /// Whether what is outstanding will never be done: it was taken by processes that are gone.
    public boolean isWorkLost() {
        long puts = ring.puts();
        if (!hasDeaths() || !ring.isConsumed()) {
            return false;
        }
        for (int slot = CellRingLayout.MIN_SLOT; slot <= CellRingLayout.MAX_SLOT; slot++) {
            if ((long) LONG.getVolatile(block, hand(slot)) > 0) {
                return false;
            }
        }
        return outstanding() != 0 && ring.puts() == puts; // otherwise something has come meanwhile
    }

    private boolean hasDeaths() {
        return (long) LONG.getVolatile(block, AT_DEATHS) != 0;
    }

    private static long hand(int slot) {
        return AT_HANDS + slot * HAND;
    }

    // ---- the root --------------------------------------------------------------------------------------------------

    /// Settles what a dead process left half done, and wakes everybody: a wake that it consumed may be missing. Only the
    /// root calls it, once the kernel has said that the process is gone.
    ///
    /// @return whether all is settled; otherwise call again when takers have made room
    public boolean repair(int deadSlot) {
        boolean settled = ring.repair(deadSlot) >= 0;
        if (settled) {
            leave(deadSlot);
        }
        notEmpty.repair();
        notFull.repair();
        allDone.repair();
        return settled;
    }

    /// That process will report nothing done any more.
    public void leave(int slot) {
        if ((long) LONG.getVolatile(block, hand(slot)) != 0) {
            LONG.setVolatile(block, hand(slot), 0L);
            LONG.getAndAdd(block, AT_DEATHS, 1L);
            allDone.signalAll();
        }
    }
}
