package io.github.procession;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// The result of a task that a pool runs.
///
/// Dependents run on a thread of their own, never on the one that supervises the pool. Safe for use by any thread.
///
/// @param <V> type of the result
public final class ProcessFuture<V> extends CompletableFuture<V> {
    private final Consumer<Boolean> onCancel;

    ProcessFuture(Consumer<Boolean> onCancel) {
        this.onCancel = onCancel;
    }

    /// Cancels the task. One that has not begun never begins. One that runs is interrupted if so wished, and its worker is
    /// killed if it does not end within a second.
    ///
    /// @param mayInterrupt whether to stop it if it runs; otherwise it runs on and its result is ignored
    /// @return whether this call cancelled it: false if it had ended
    @Override
    public boolean cancel(boolean mayInterrupt) {
        boolean cancelled = super.cancel(mayInterrupt);
        if (cancelled) {
            onCancel.accept(mayInterrupt);
        }
        return cancelled;
    }
}
