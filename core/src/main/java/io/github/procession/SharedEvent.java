package io.github.procession;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.Primitive;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.sync.EventState;
import io.github.procession.internal.sync.SyncBlock;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A flag that threads of any process can wait for. Setting it wakes all who wait, also if it is cleared right afterwards.
/// Actions before setting it happen before those after waiting for it. A death leaves it as it is.
///
/// All methods throw [IllegalStateException] after [#close()].
public final class SharedEvent implements AutoCloseable, Serializable {
    private static final long serialVersionUID = 1L;

    private final transient Primitive<EventState> event;

    SharedEvent(SharedBlock block) {
        event = Primitive.in(block, SyncBlock.EVENT, (memory, base, _) -> new EventState(memory, base), null);
    }

    /// Makes an event that is not set.
    ///
    /// @return a handle of it
    /// @throws IllegalStateException if there is not enough memory left
    public static SharedEvent create() {
        return new SharedEvent(Primitive.create(ObjectKind.EVENT, SyncBlock.EVENT, 0));
    }

    /// Sets it and wakes all who wait.
    public void set() {
        if (event.state().set()) {
            event.signalAll();
        }
    }

    /// Clears it: who waits from now on waits for the next [#set()].
    public void clear() {
        event.state().clear();
    }

    /// Whether it is set.
    ///
    /// @return what was so a moment ago
    public boolean isSet() {
        return event.state().isSet();
    }

    /// Waits until it is set.
    ///
    /// @throws InterruptedException if this thread is interrupted
    public void await() throws InterruptedException {
        await(Limits.NONE);
    }

    /// Waits until it is set, or until a limit.
    ///
    /// @param limit how long to wait at the most
    /// @return whether it is set, or has been while this thread waited
    /// @throws InterruptedException if this thread is interrupted
    public boolean await(Duration limit) throws InterruptedException {
        return await(Limits.deadline(limit));
    }

    /// Waits until it is set, or until a limit.
    ///
    /// @param limit how long to wait at the most
    /// @param unit  its unit
    /// @return whether it is set, or has been while this thread waited
    /// @throws InterruptedException if this thread is interrupted
    public boolean await(long limit, TimeUnit unit) throws InterruptedException {
        return await(Limits.deadline(limit, unit));
    }

    private boolean await(long deadline) throws InterruptedException {
        var state = event.state();
        long times = state.times();
        return event.await(() -> state.isSetSince(times) ? Boolean.TRUE : null, deadline) != null;
    }

    /// Detaches this process: its further use here throws, others go on.
    @Override
    public void close() {
        event.close();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SharedEvent that && that.event.id() == event.id();
    }

    @Override
    public int hashCode() {
        return Long.hashCode(event.id());
    }

    @Override
    public String toString() {
        return "SharedEvent[" + (!event.isOpen() ? "closed]" : isSet() ? "set]" : "not set]");
    }

    /// What travels instead.
    ///
    /// @return a handle
    private Object writeReplace() {
        return new Handle(Handle.Kind.EVENT, event.openId(), null);
    }

    /// Refuses what is not a handle.
    ///
    /// @param in ignored
    /// @throws InvalidObjectException always
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a SharedEvent travels as a handle");
    }
}
