package io.github.procession;

import io.github.procession.function.SerializableBiFunction;
import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableFunction;
import io.github.procession.function.SerializableRunnable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Gatherer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Worker processes that stay up and run one task after the other.
///
/// ```java
/// try (var pool = Pool.open(4)) {
///     List<Integer> squares = pool.map(List.of(1, 2, 3), n -> n * n);
/// }
/// ```
///
/// Tasks and their results are serialized; what cannot be throws in the caller, with the path to the culprit. An unchecked
/// exception or error of a task arrives as itself, a checked one as the cause of a [TaskException], one that cannot be
/// rebuilt here as a [RemoteTaskException]. A worker that dies fails only the task that it was running, with a
/// [WorkerCrashedException], and is replaced.
///
/// Safe for use by any thread. Workers are daemons: a pool does not keep this JVM alive.
public sealed interface Pool extends AutoCloseable permits TaskPool {
    /// Opens a pool with as many workers as there are processors.
    ///
    /// @return a pool, to be closed
    static Pool open() {
        return open(options -> options);
    }

    /// Opens a pool.
    ///
    /// @param workers how many processes, 1 to 2048
    /// @return a pool, to be closed
    /// @throws IllegalArgumentException if that is out of range
    static Pool open(int workers) {
        return open(options -> options.workers(workers));
    }

    /// Opens a pool with options: `Pool.open(o -> o.workers(8).process(p -> p.maxHeap("512m")))`.
    ///
    /// @param options gets the defaults and returns what to use
    /// @return a pool, to be closed; its workers start in the background
    static Pool open(UnaryOperator<PoolOptions> options) {
        var chosen = Objects.requireNonNull(options.apply(PoolOptions.defaults()), "the options");
        return TaskPool.processes(new ProcessEngine(chosen), chosen);
    }

    /// Opens a pool of threads of this process, with the same methods: for work that waits more than it computes, or that
    /// needs the memory of this process.
    ///
    /// Nothing is serialized: tasks, items and results are the objects themselves. A thread cannot be killed: one
    /// that does not heed its interrupt goes on after [#terminate], and nobody waits for it. A task may not wait for
    /// the pool that runs it; that is an `IllegalStateException`.
    ///
    /// @param workers how many threads, 1 to 2048
    /// @return a pool, to be closed
    /// @throws IllegalArgumentException if that is out of range
    static Pool threads(int workers) {
        PoolOptions.checkWorkers("threads", workers);
        return TaskPool.local(LocalEngine.threads(workers));
    }

    /// Opens a pool that runs each task at once, on the thread that asks: for the debugger, and for tests.
    ///
    /// Tasks, items and results are the objects themselves, but what could not be sent to a process is refused here, too.
    /// `applyAsync` returns when the task has ended. A lazy stream runs an item when its result is asked for.
    ///
    /// @return a pool, to be closed
    static Pool inline() {
        return TaskPool.local(LocalEngine.inline());
    }

    /// How many workers a pool has by default.
    ///
    /// @return the number of processors that this JVM may use
    static int defaultWorkers() {
        return Runtime.getRuntime().availableProcessors();
    }

    /// Runs a task and waits for its result.
    ///
    /// @param task what to run
    /// @param <V>  type of its result
    /// @return what it returned
    /// @throws InterruptedException                            if this thread is interrupted; the task is cancelled
    /// @throws IllegalArgumentException                        if the task cannot be serialized
    /// @throws java.util.concurrent.RejectedExecutionException if the pool is closed
    /// @throws java.util.concurrent.CancellationException      if the pool is terminated meanwhile
    <V extends @Nullable Object> V apply(SerializableCallable<V> task) throws InterruptedException;

    /// Runs a task without a result and waits for its end.
    ///
    /// @param task what to run
    /// @throws InterruptedException if this thread is interrupted; the task is cancelled
    void apply(SerializableRunnable task) throws InterruptedException;

    /// Runs a task in the background.
    ///
    /// @param task what to run
    /// @param <V>  type of its result
    /// @return its result to come; what the task threw is the cause of the `ExecutionException`
    /// @throws IllegalArgumentException                        if the task cannot be serialized
    /// @throws java.util.concurrent.RejectedExecutionException if the pool is closed
    <V extends @Nullable Object> ProcessFuture<V> applyAsync(SerializableCallable<V> task);

    /// Applies a function to all items, in chunks whose size the pool finds by itself: a share of what is left, and by how
    /// long the last ones took.
    ///
    /// @param items    what to apply it to; read to the end first
    /// @param function the function
    /// @param <T>      type of the items
    /// @param <R>      type of the results
    /// @return the results, in the order of the items. If an item fails, the exception of the first that failed is thrown
    /// @throws InterruptedException if this thread is interrupted; what has not begun is cancelled
    <T extends @Nullable Object, R extends @Nullable Object> List<R> map(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function)
            throws InterruptedException;

    /// Applies a function to all items, so many at a time.
    ///
    /// @param items     what to apply it to; read to the end first
    /// @param function  the function
    /// @param chunkSize how many items a worker gets at a time, 1 or more
    /// @param <T>       type of the items
    /// @param <R>       type of the results
    /// @return the results, in the order of the items. If an item fails, the exception of the first that failed is thrown
    /// @throws InterruptedException     if this thread is interrupted; what has not begun is cancelled
    /// @throws IllegalArgumentException if the chunk size is less than 1
    <T extends @Nullable Object, R extends @Nullable Object> List<R> map(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function, int chunkSize)
            throws InterruptedException;

    /// Applies a function to all items in the background.
    ///
    /// @param items    what to apply it to; read to the end, and serialized, before this returns
    /// @param function the function
    /// @param <T>      type of the items
    /// @param <R>      type of the results
    /// @return the results to come, in the order of the items. Cancelling it cancels all that is left
    /// @throws java.util.concurrent.RejectedExecutionException if the pool is closed
    <T extends @Nullable Object, R extends @Nullable Object> ProcessFuture<List<R>> mapAsync(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function);

    /// Applies a function of two arguments to all pairs, in chunks.
    ///
    /// @param pairs    its arguments; read to the end first. `map.entrySet()` for one, or a list of `Map.entry(a, b)`
    /// @param function the function
    /// @param <A>      type of the first argument
    /// @param <B>      type of the second
    /// @param <R>      type of the results
    /// @return the results, in the order of the pairs. If a pair fails, the exception of the first that failed is thrown
    /// @throws InterruptedException if this thread is interrupted; what has not begun is cancelled
    <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object> List<R> starmap(
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            SerializableBiFunction<? super A, ? super B, ? extends R> function)
            throws InterruptedException;

    /// Applies a function of two arguments to all pairs in the background.
    ///
    /// @param pairs    its arguments; read to the end, and serialized, before this returns
    /// @param function the function
    /// @param <A>      type of the first argument
    /// @param <B>      type of the second
    /// @param <R>      type of the results
    /// @return the results to come, in the order of the pairs. Cancelling it cancels all that is left
    /// @throws java.util.concurrent.RejectedExecutionException if the pool is closed
    <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
            ProcessFuture<List<R>> starmapAsync(
                    Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
                    SerializableBiFunction<? super A, ? super B, ? extends R> function);

    /// Applies a function to items as the results are asked for: a few items ahead, never more, so that the items may be
    /// without end.
    ///
    /// @param items    what to apply it to; what its iterator throws is thrown after the results of the items before
    /// @param function the function
    /// @param <T>      type of the items
    /// @param <R>      type of the results
    /// @return the results, in the order of the items. The exception of an item is thrown at its place; an iterator of the
    ///     stream can go on after it. Close the stream if it is not read to its end
    <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imap(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function);

    /// The same in the order in which the results come.
    ///
    /// @param items    what to apply it to; what its iterator throws is thrown after the results of the items before
    /// @param function the function
    /// @param <T>      type of the items
    /// @param <R>      type of the results
    /// @return the results, each as soon as it is there. The exception of an item is thrown in place of its result; an
    ///     iterator of the stream can go on after it. Close the stream if it is not read to its end
    <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imapUnordered(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function);

    /// Tries a function on items as the outcomes are asked for. Failures are values: neither an exception nor a crash nor a
    /// limit stops the rest.
    ///
    /// @param items    what to apply it to; what its iterator throws is thrown after the outcomes of the items before
    /// @param function the function
    /// @param <T>      type of the items
    /// @param <R>      type of the results
    /// @return what became of each item, in the order of the items. Close the stream if it is not read to its end
    <T extends @Nullable Object, R extends @Nullable Object> Stream<Attempt<T, R>> attempt(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function);

    /// A step of a stream that applies a function in the pool: `files.stream().gather(pool.mapping(Job::parse))`.
    ///
    /// A bounded number of items is under way at a time. Results are pushed on in the order of the items; when no more are
    /// wanted, as after `findFirst`, what has not begun never begins. The exception of an item ends the stream.
    ///
    /// @param function the function
    /// @param <T>      type of the items
    /// @param <R>      type of the results
    /// @return a gatherer, to be used any number of times
    <T extends @Nullable Object, R extends @Nullable Object> Gatherer<T, ?, R> mapping(
            SerializableFunction<? super T, ? extends R> function);

    /// How many workers the pool has.
    ///
    /// @return as opened, or as last resized
    int workers();

    /// What the pool has done, and does.
    ///
    /// @return a snapshot
    PoolStats stats();

    /// Takes no more tasks, waits for those that were given, and lets the workers leave: one that does not end within ten
    /// seconds, held up by a shutdown hook that a task has left, is killed. If this thread is interrupted
    /// meanwhile the pool is terminated, and the interrupt stays set. Idempotent.
    @Override
    void close();

    /// Ends the pool at once: every outstanding future completes with a `CancellationException`, the workers are killed.
    /// Idempotent.
    void terminate();
}
