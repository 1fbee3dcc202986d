package io.github.procession;

import io.github.procession.internal.wire.Outcome;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/// Something that an [Engine] has taken: one task, or a chunk of items.
interface Job {
    /// Completes when it has ended, perhaps on the thread that supervises: dependents must be short and must not throw.
    CompletableFuture<?> done();

    /// Has this thread work for the pool until something is so, if that is how the end of this comes about soonest; returns
    /// early where it is not. To be called before waiting for [#done()].
    ///
    /// @param ready    what is waited for; must be quick
    /// @param deadline in terms of [System#nanoTime()], or [Long#MAX_VALUE] for no limit
    default void help(BooleanSupplier ready, long deadline) throws InterruptedException {
        // it comes about by itself
    }

    /// What a thread waits for that helps may have come about by other means.
    default void rouse() {
        // nobody helps
    }

    /// What it came to; to be called once, when it is done. One outcome for a task; one for each item of a chunk, fewer if
    /// the last of them failed.
    ///
    /// @throws java.util.concurrent.CancellationException if it was cancelled
    /// @throws IllegalStateException                      if the pool can have no workers
    List<Outcome> outcomes();

    /// How many nanoseconds it ran, once it is done; 0 if that is not known.
    long nanos();

    /// Nobody will ask for the outcomes.
    void drop();

    /// Ends it if it has not begun; if it has, and that is wished, interrupts it.
    void cancel(boolean interrupt);
}
