package io.github.procession;

import io.github.procession.internal.wire.Outcome;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Something that an [Engine] has taken: one task, or a chunk of items.
interface Job {
    /// Completes when it has ended, perhaps on the thread that supervises: dependents must be short and must not throw.
    CompletableFuture<?> done();

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
