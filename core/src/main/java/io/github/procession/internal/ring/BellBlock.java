package io.github.procession.internal.ring;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.waiting.WaitPoint;
import io.github.procession.internal.waiting.WaitPointLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// The block on which a pool is woken, by its workers and by itself.
///
/// ```text
///   0        128     384    640
///   +--------+-------+------+----------+
///   | header | watch | help | helped:4 |
///   +--------+-------+------+----------+
/// ```
///
/// The thread of the pool sleeps at `watch`. A thread that waits for a result may stand in for it: it sleeps at `help` and
/// says so in `helped`. Workers wake the one who stands in, if there is one, and leave the other alone.
public final class BellBlock {
    /*
     * A worker publishes, then looks at `helped` and wakes one of the two. Who stops helping clears `helped` and then looks
     * once more whether anything has been published: what he does not see then was published by a worker that saw the
     * cleared word.
     */

    /// Length of the block without its header.
    public static final long BYTES = 2 * WaitPointLayout.BYTES + 128;

    private static final long AT_WATCH = BlockLayout.HEADER;
    private static final long AT_HELP = AT_WATCH + WaitPointLayout.BYTES;
    private static final long AT_HELPED = AT_HELP + WaitPointLayout.BYTES;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment block;
    private final WaitPoint watch;
    private final WaitPoint help;

    private BellBlock(MemorySegment block) {
        this.block = block;
        this.watch = new WaitPoint(block, AT_WATCH);
        this.help = new WaitPoint(block, AT_HELP);
    }

    /// The bell in a block; zeros are a fresh one.
    public static BellBlock over(MemorySegment block) {
        return new BellBlock(block);
    }

    /// Worker: something has been published.
    public void ring() {
        VarHandle.fullFence();
        if ((int) INT.getOpaque(block, AT_HELPED) != 0) {
            help.signal();
        } else {
            watch.signal();
        }
    }

    /// Where the thread of the pool sleeps.
    public WaitPoint watch() {
        return watch;
    }

    /// Where the thread sleeps that stands in for it.
    public WaitPoint help() {
        return help;
    }

    /// Whether a thread stands in from here on.
    public void setHelped(boolean helped) {
        INT.setVolatile(block, AT_HELPED, helped ? 1 : 0);
        VarHandle.fullFence();
    }

    /// Makes good what the death of a process may have done here.
    public void repair() {
        watch.repair();
        help.repair();
    }
}
