package io.github.procession;

import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableFunction;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Where the tasks of a pool run, and all that differs with it; what does not is [TaskPool]'s. Safe for use by any thread.
sealed interface Engine permits ProcessEngine, LocalEngine {
    /// How many tasks run at a time.
    int workers();

    /// How many chunks of a lazy run are under way.
    int ahead();

    /// The most items that a chunk should have when the caller leaves that to the pool.
    int chunkLimit();

    /// Takes a task.
    ///
    /// @param origin what [ProcessPoolExecutor#shutdownNow()] gives back if the task never runs, null for nothing
    /// @throws IllegalArgumentException                        if it cannot be sent
    /// @throws java.util.concurrent.RejectedExecutionException if the pool takes no more
    Job submit(SerializableCallable<?> task, TaskOptions options, @Nullable Object origin);

    /// Makes a function known, to be applied to many items.
    ///
    /// @throws IllegalArgumentException if it cannot be sent
    Route route(SerializableFunction<?, ?> function);

    /// Fails if the calling thread is a worker for which others would wait in vain while it waits here.
    void checkWait();

    /// What it has done so far.
    PoolStats stats();

    /// Whether tasks are taken.
    boolean isOpen();

    /// Takes no more tasks, ends when those that were given have. Returns at once.
    CompletableFuture<Void> close();

    /// Cancels all tasks and ends. Returns at once.
    CompletableFuture<Void> terminate();

    /// One function on its way to those who apply it.
    interface Route {
        /// Takes a chunk of items. It may stay where it is until [#depart].
        ///
        /// @throws java.util.concurrent.RejectedExecutionException if the pool takes no more
        Job submit(List<?> items);

        /// Lets those chunks go that have been taken.
        void depart();

        /// No more chunks will come.
        void close();
    }
}
