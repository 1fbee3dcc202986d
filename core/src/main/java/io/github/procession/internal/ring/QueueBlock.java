package io.github.procession.internal.ring;

import io.github.procession.internal.waiting.WaitPoint;
import java.lang.foreign.MemorySegment;

/// The block of a queue: where takers sleep, where putters sleep, and the ring.
///
/// ```text
///   0        128         384        640        768
///   +--------+-----------+----------+----------+--------------
///   | header | not empty | not full | reserved | ring …
///   +--------+-----------+----------+----------+--------------
/// ```
///
/// @param ring     the cells
/// @param notEmpty signalled once for each item
/// @param notFull  signalled once for each freed cell
public record QueueBlock(CellRing ring, WaitPoint notEmpty, WaitPoint notFull) {
    private static final long AT_NOT_EMPTY = 128;
    private static final long AT_NOT_FULL = 384;
    private static final long AT_RING = 768;

    /// Length of the block of a queue of so many items.
    public static long bytes(int capacity) {
        return AT_RING + CellRing.bytes(capacity);
    }

    /// Lays out a new queue in a zeroed block.
    public static QueueBlock format(MemorySegment block, int capacity) {
        return with(block, CellRing.format(block, AT_RING, capacity));
    }

    /// The queue that lies in a block.
    public static QueueBlock over(MemorySegment block) {
        return with(block, CellRing.over(block, AT_RING));
    }

    private static QueueBlock with(MemorySegment block, CellRing ring) {
        return new QueueBlock(ring, new WaitPoint(block, AT_NOT_EMPTY), new WaitPoint(block, AT_NOT_FULL));
    }

    /// Settles what a dead process left half done, and wakes everybody: a wake that it consumed may be missing. Only the
    /// root calls it, once the kernel has said that the process is gone.
    ///
    /// @return whether all is settled; otherwise call again when takers have made room
    public boolean repair(int deadSlot) {
        boolean settled = ring.repair(deadSlot) >= 0;
        notEmpty.repair();
        notFull.repair();
        return settled;
    }
}
