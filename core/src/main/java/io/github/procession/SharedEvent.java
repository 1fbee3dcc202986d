package io.github.procession;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.sync.EventState;
import io.github.procession.internal.sync.SyncBlock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A flag that threads of any process can wait for. Setting it wakes all who wait, also if it is cleared right afterwards.
/// Actions before setting it happen before those after waiting for it. A death leaves it as it is.
///
/// All methods throw [IllegalStateException] after [#close()].
public final class SharedEvent extends Synchronizer implements Waitable {
    private static final long serialVersionUID = 1L;

    SharedEvent(SharedBlock block) {
        super(block, Handle.Kind.EVENT, SyncBlock.EVENT, (memory, base, _) -> new EventState(memory, base), null);
    }

    /// Makes an event that is not set.
    ///
    /// @return a handle of it
    /// @throws IllegalStateException if there is not enough memory left
    public static SharedEvent create() {
        return new SharedEvent(allocate(ObjectKind.EVENT, SyncBlock.EVENT));
    }

    /// Sets it and wakes all who wait.
    public void set() {
        if (state().set()) {
            primitive().signalAll();
        }
    }

    /// Clears it: who waits from now on waits for the next [#set()].
    public void clear() {
        state().clear();
    }

    /// Whether it is set.
    ///
    /// @return what was so a moment ago
    public boolean isSet() {
        return state().isSet();
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
        var state = state();
        long times = state.times();
        return primitive().await(() -> state.isSetSince(times) ? Boolean.TRUE : null, deadline) != null;
    }

    @Override
    public String toString() {
        return "SharedEvent[" + (!isOpen() ? "closed]" : isSet() ? "set]" : "not set]");
    }

    private EventState state() {
        return state(EventState.class);
    }
}
