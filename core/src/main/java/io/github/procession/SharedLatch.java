package io.github.procession;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.Primitive;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.sync.LatchState;
import io.github.procession.internal.sync.SyncBlock;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A number that processes count down to zero, and can wait for to be zero; once. Actions before counting down happen before
/// those after waiting. A process that dies before it has counted down has not counted down.
///
/// All methods throw [IllegalStateException] after [#close()].
public final class SharedLatch implements AutoCloseable, Serializable {
    private static final long serialVersionUID = 1L;

    private final transient Primitive<LatchState> latch;

    SharedLatch(SharedBlock block) {
        latch = Primitive.in(block, SyncBlock.LATCH, (memory, base, _) -> new LatchState(memory, base), null);
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
        var made = new SharedLatch(Primitive.create(ObjectKind.LATCH, SyncBlock.LATCH, 0));
        made.latch.state().format(count);
        return made;
    }

    /// Counts down by one, and wakes all who wait if that makes it zero. At zero nothing happens.
    public void countDown() {
        if (latch.state().countDown()) {
            latch.signalAll();
        }
    }

    /// How often it has yet to be counted down.
    ///
    /// @return what was so a moment ago
    public long count() {
        return latch.state().count();
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
        var state = latch.state();
        return latch.await(() -> state.count() == 0 ? Boolean.TRUE : null, deadline) != null;
    }

    /// Detaches this process: its further use here throws, others go on.
    @Override
    public void close() {
        latch.close();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SharedLatch that && that.latch.id() == latch.id();
    }

    @Override
    public int hashCode() {
        return Long.hashCode(latch.id());
    }

    @Override
    public String toString() {
        return "SharedLatch[" + (latch.isOpen() ? count() + "]" : "closed]");
    }

    /// What travels instead.
    ///
    /// @return a handle
    private Object writeReplace() {
        return new Handle(Handle.Kind.LATCH, latch.openId(), null);
    }

    /// Refuses what is not a handle.
    ///
    /// @param in ignored
    /// @throws InvalidObjectException always
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a SharedLatch travels as a handle");
    }
}
