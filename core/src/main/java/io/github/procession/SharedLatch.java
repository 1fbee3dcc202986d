package io.github.procession;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.sync.LatchState;
import io.github.procession.internal.sync.SyncBlock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A number that processes count down to zero, and can wait for to be zero; once. Actions before counting down happen before
/// those after waiting. A process that dies before it has counted down has not counted down.
///
/// All methods throw [IllegalStateException] after [#close()].
public final class SharedLatch extends Synchronizer {
    private static final long serialVersionUID = 1L;

    SharedLatch(SharedBlock block) {
        super(block, Handle.Kind.LATCH, SyncBlock.LATCH, (memory, base, _) -> new LatchState(memory, base), null);
    }

    /// Makes a latch.
    ///
    /// @param count how often it must be counted down, 0 or more
    /// @return a handle of it
    /// @throws IllegalArgumentException if the number is negative
    /// @throws IllegalStateException    if there is not enough memory left
    public static SharedLatch create(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("create(%d): a latch counts down from 0 or more".formatted(count));
        }
        var made = new SharedLatch(allocate(ObjectKind.LATCH, SyncBlock.LATCH));
        made.state().format(count);
        return made;
    }

    /// Counts down by one, and wakes all who wait if that makes it zero. At zero nothing happens.
    public void countDown() {
        if (state().countDown()) {
            primitive().signalAll();
        }
    }

    /// How often it has yet to be counted down.
    ///
    /// @return what was so a moment ago
    public long count() {
        return state().count();
    }

    /// Waits until it is zero.
    ///
    /// @throws InterruptedException if this thread is interrupted
    public void await() throws InterruptedException {
        await(Limits.NONE);
    }

    /// Waits until it is zero, or until a limit.
    ///
    /// @param limit how long to wait at the most
    /// @return whether it is zero
    /// @throws InterruptedException if this thread is interrupted
    public boolean await(Duration limit) throws InterruptedException {
        return await(Limits.deadline(limit));
    }

    /// Waits until it is zero, or until a limit.
    ///
    /// @param limit how long to wait at the most
    /// @param unit  its unit
    /// @return whether it is zero
    /// @throws InterruptedException if this thread is interrupted
    public boolean await(long limit, TimeUnit unit) throws InterruptedException {
        return await(Limits.deadline(limit, unit));
    }

    private boolean await(long deadline) throws InterruptedException {
        var state = state();
        return primitive().await(() -> state.count() == 0 ? Boolean.TRUE : null, deadline) != null;
    }

    @Override
    public String toString() {
        return "SharedLatch[" + (isOpen() ? count() + "]" : "closed]");
    }

    private LatchState state() {
        return state(LatchState.class);
    }
}
