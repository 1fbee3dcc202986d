package io.github.procession.internal.sync;

import io.github.procession.internal.waiting.WaitPoint;
import io.github.procession.internal.waiting.WaitPointLayout;
import java.lang.foreign.MemorySegment;

/// Where a primitive lies in its block, and where those sleep who wait for it.
///
/// ```text
///               128                      128 + state            … each 256
///   +-----------+------------------------+----------------------+
///   | header    | the state              | wait points          |
///   +-----------+------------------------+----------------------+
/// ```
///
/// A condition has several wait points, so that a signal wakes few others than the one it is for.
public enum SyncBlock {
    /// [LockWord].
    LOCK(LockWord.BYTES, 1),
    /// [SemaphoreState].
    SEMAPHORE(SemaphoreState.BYTES, 1),
    /// [ConditionState].
    CONDITION(ConditionState.BYTES, 8),
    /// [EventState].
    EVENT(EventState.BYTES, 1),
    /// [LatchState].
    LATCH(LatchState.BYTES, 1),
    /// [BarrierState].
    BARRIER(BarrierState.BYTES, 1);

    private final long state;
    private final int points;

    SyncBlock(long state, int points) {
        this.state = state;
        this.points = points;
    }

    /// How many bytes it takes.
    public long bytes() {
        return state + points * WaitPointLayout.BYTES;
    }

    /// How many wait points it has.
    public int points() {
        return points;
    }

    /// A wait point of the primitive that begins at an offset.
    public WaitPoint point(MemorySegment block, long base, int index) {
        return new WaitPoint(block, base + state + index * WaitPointLayout.BYTES);
    }

    /// The root: a process has died or has detached. What it held comes back or is marked, and everybody looks again: a wake
    /// that it had got may be missing.
    ///
    /// @param gone the process
    /// @param died false if it has detached of its own will
    /// @param root the root's own slot
    /// @return whether it is done; otherwise it must be done later, since a living process is stopped in the middle
    public boolean bury(MemorySegment block, long base, int gone, boolean died, int root) {
        boolean done = switch (this) {
            case LOCK -> {
                new LockWord(block, base, root).bury(gone);
                yield true;
            }
            case SEMAPHORE -> new SemaphoreState(block, base, root).bury(gone);
            case CONDITION -> new ConditionState(block, base, root).bury(gone);
            case BARRIER -> new BarrierState(block, base, root).bury(gone, died);
            case EVENT, LATCH -> true;
        };
        if (done) {
            wakeAll(block, base);
        }
        return done;
    }

    /// The root: everybody who waits looks again.
    public void wakeAll(MemorySegment block, long base) {
        for (int i = 0; i < points; i++) {
            point(block, base, i).repair();
        }
    }
}
