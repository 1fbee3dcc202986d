package io.github.procession.internal.sync;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// How often a latch has yet to be counted down: one word. A death leaves nothing half done.
public final class LatchState {
    /// Length.
    public static final long BYTES = 128;

    private static final VarHandle LONG = JAVA_LONG.varHandle();

    private final MemorySegment memory;
    private final long base;

    /// @param memory the block
    /// @param base   where the word is
    public LatchState(MemorySegment memory, long base) {
        this.memory = memory;
        this.base = base;
    }

    /// Fills a zeroed block.
    public void format(long count) {
        LONG.setRelease(memory, base, count);
    }

    /// How often it has yet to be counted down.
    public long count() {
        return (long) LONG.getAcquire(memory, base);
    }

    /// Counts down, if it is not at zero.
    ///
    /// @return whether it is at zero because of that: wake all
    public boolean countDown() {
        long count;
        do {
            count = count();
            if (count == 0) {
                return false;
            }
        } while (!LONG.compareAndSet(memory, base, count, count - 1));
        SyncPoint.STATE_CHANGED.pass();
        return count == 1;
    }
}
