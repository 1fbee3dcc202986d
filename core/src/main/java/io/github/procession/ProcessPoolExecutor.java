package io.github.procession;

import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableFunction;
import io.github.procession.function.SerializableRunnable;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// An `ExecutorService` whose tasks run in worker processes: a [Pool] for code that knows `java.util.concurrent`.
///
/// ```java
/// try (var executor = ProcessPoolExecutor.open(4)) {
///     Future<Integer> count = executor.submit(() -> countPrimes(0, 100_000));
///     System.out.println(count.get());
/// }
/// ```
///
/// A lambda that is written in the call of [#submit] or [#execute] can be sent. One that was made as a plain `Callable` or
/// `Runnable` cannot, nor can what a `CompletableFuture` or an `ExecutorCompletionService` makes of one: they get an
/// `IllegalArgumentException` that says what to write instead. The future that `submit` returns is a
/// `CompletableFuture`, and [ProcessFuture#asCompleted] does what completion services are for.
///
/// Exceptions of tasks, crashes and limits are as in a [Pool]. What a task given to [#execute] throws is logged. Safe for use
/// by any thread.
@SuppressWarnings(
        "FunctionalInterfaceClash") // the serializable types are subtypes of the plain ones, and chosen before them
public final class ProcessPoolExecutor implements ExecutorService {
    private static final System.Logger LOG = System.getLogger("io.github.procession");
    private static final Duration COMMON_IDLE = Duration.ofSeconds(60);

    private final ProcessEngine engine;
    private final TaskPool pool;
    private final boolean common;

    private ProcessPoolExecutor(PoolOptions options, boolean common) {
        this.engine = new ProcessEngine(options);
        this.pool = TaskPool.processes(engine, options);
        this.common = common;
    }

    /// Opens an executor.
    ///
    /// @param workers how many processes, 1 to 2048
    /// @return an executor, to be closed
    /// @throws IllegalArgumentException if that is out of range
    public static ProcessPoolExecutor open(int workers) {
        return open(options -> options.workers(workers));
    }

    /// Opens an executor with options.
    ///
    /// @param options gets the defaults and returns what to use
    /// @return an executor, to be closed; its workers start in the background
    public static ProcessPoolExecutor open(UnaryOperator<PoolOptions> options) {
        return new ProcessPoolExecutor(
                Objects.requireNonNull(options.apply(PoolOptions.defaults()), "the options"), false);
    }

    /// The executor of this process that nobody opens or closes. It has a worker for each processor, which start when there
    /// is work and leave after a minute without. `shutdown`, `shutdownNow` and `close` do nothing to it.
    ///
    /// @return always the same
    public static ProcessPoolExecutor common() {
        return Common.EXECUTOR;
    }

    /// Made when first asked for.
    private static final class Common {
        static final ProcessPoolExecutor EXECUTOR =
                new ProcessPoolExecutor(PoolOptions.defaults().idleTimeout(COMMON_IDLE), true);
    }

    // ---- tasks -----------------------------------------------------------------------------------------------------

    /// Runs a task in a worker.
    ///
    /// @param task what to run
    /// @param <V>  type of its result
    /// @return its result to come
    /// @throws IllegalArgumentException                        if the task cannot be serialized
    /// @throws java.util.concurrent.RejectedExecutionException if the executor is shut down
    public <V extends @Nullable Object> ProcessFuture<V> submit(SerializableCallable<V> task) {
        return submit(task, options -> options);
    }

    /// Runs a task in a worker, on terms of its own.
    ///
    /// @param task    what to run
    /// @param options gets what the executor's options say and returns what to use
    /// @param <V>     type of its result
    /// @return its result to come
    /// @throws IllegalArgumentException                        if the task cannot be serialized
    /// @throws java.util.concurrent.RejectedExecutionException if the executor is shut down
    public <V extends @Nullable Object> ProcessFuture<V> submit(
            SerializableCallable<V> task, UnaryOperator<TaskOptions> options) {
        return pool.submit(task, changed(options), task);
    }

    /// Runs a task without a result in a worker.
    ///
    /// @param task what to run
    /// @return completes with null when it has ended
    /// @throws IllegalArgumentException                        if the task cannot be serialized
    /// @throws java.util.concurrent.RejectedExecutionException if the executor is shut down
    public ProcessFuture<@Nullable Void> submit(SerializableRunnable task) {
        return submit(task, options -> options);
    }

    /// Runs a task without a result in a worker, on terms of its own.
    ///
    /// @param task    what to run
    /// @param options gets what the executor's options say and returns what to use
    /// @return completes with null when it has ended
    /// @throws IllegalArgumentException                        if the task cannot be serialized
    /// @throws java.util.concurrent.RejectedExecutionException if the executor is shut down
    public ProcessFuture<@Nullable Void> submit(SerializableRunnable task, UnaryOperator<TaskOptions> options) {
        return pool.submit(new TaskPool.Action(task), changed(options), task);
    }

    private TaskOptions changed(UnaryOperator<TaskOptions> options) {
        return Objects.requireNonNull(options.apply(pool.taskOptions()), "the options");
    }

    /// Runs a task without a result in a worker. If it fails, that is logged.
    ///
    /// @param task what to run
    /// @throws IllegalArgumentException                        if the task cannot be serialized
    /// @throws java.util.concurrent.RejectedExecutionException if the executor is shut down
    public void execute(SerializableRunnable task) {
        var label = Label.of(task);
        var _ = submit(task).whenComplete((_, failure) -> {
            if (failure != null && !(failure instanceof CancellationException)) {
                LOG.log(System.Logger.Level.ERROR, "The task " + label + " failed", failure);
            }
        });
    }

    /// As [#submit(SerializableCallable)], for a task that happens to be serializable.
    @Override
    public <T extends @Nullable Object> ProcessFuture<T> submit(Callable<T> task) {
        return task instanceof SerializableCallable<T> serializable
                ? submit(serializable)
                : pool.submit(new PlainCallable<>(sendable(task)), pool.taskOptions(), task);
    }

    /// As [#submit(SerializableRunnable)], for a task that happens to be serializable.
    @Override
    public ProcessFuture<?> submit(Runnable task) {
        return submit(serializable(task));
    }

    /// As [#submit(SerializableRunnable)], for a task that happens to be serializable.
    ///
    /// @param result what the future completes with; it stays in this process
    @Override
    public <T extends @Nullable Object> ProcessFuture<T> submit(Runnable task, T result) {
        var action = submit(serializable(task));
        var future = new ProcessFuture<T>(action::cancel, engine::checkWait);
        pool.expect(future);
        var _ = action.whenComplete((_, failure) -> {
            if (failure == null) {
                future.complete(result);
            } else {
                future.completeExceptionally(failure);
            }
        });
        return future;
    }

    /// As [#execute(SerializableRunnable)], for a task that happens to be serializable.
    @Override
    public void execute(Runnable task) {
        execute(serializable(task));
    }

    private static SerializableRunnable serializable(Runnable task) {
        return task instanceof SerializableRunnable serializable ? serializable : new PlainRunnable(sendable(task));
    }

    /// A callable that happens to be serializable.
    ///
    /// @param wrapped the callable
    /// @param <V>     type of its result
    private record PlainCallable<V extends @Nullable Object>(Callable<V> wrapped)
            implements SerializableCallable<V>, Label.Wrapping {
        @Override
        public V call() throws Exception {
            return wrapped.call();
        }
    }

    /// A runnable that happens to be serializable.
    ///
    /// @param wrapped the runnable
    private record PlainRunnable(Runnable wrapped) implements SerializableRunnable, Label.Wrapping {
        @Override
        public void execute() {
            wrapped.run();
        }
    }

    /// A task that may be sent, as far as can be seen without looking into it.
    private static <T> T sendable(T task) {
        Objects.requireNonNull(task, "task");
        String why = null;
        if (task instanceof CompletableFuture.AsynchronousCompletionTask) {
            why =
                    "CompletableFuture's supplyAsync, runAsync and …Async methods hand the executor a task that completes a future of this process, which another process cannot do."
                            + "\n  fix:  executor.submit(() -> …) returns a CompletableFuture itself; give another executor to its …Async methods";
        } else if (task instanceof FutureTask<?>) {
            why =
                    "A FutureTask, which is also what an ExecutorCompletionService makes of a task, completes in the process where it runs."
                            + "\n  fix:  executor.submit(() -> …) returns a future; ProcessFuture.asCompleted(futures) gives them as they complete";
        } else if (!(task instanceof Serializable)) {
            String type = task instanceof Callable ? "SerializableCallable<…>" : "SerializableRunnable";
            why =
                    "%s is not Serializable: a lambda is only if its type is, and this one was made as a plain %s.\n  fix:  write it in the call, executor.submit(() -> …), or declare it as %s, of io.github.procession.function"
                            .formatted(Label.of(task), task instanceof Callable ? "Callable" : "Runnable", type);
        }
        if (why != null) {
            throw new IllegalArgumentException("Cannot send the task to another process. " + why);
        }
        return task;
    }

    // ---- many tasks ------------------------------------------------------------------------------------------------

    /// Applies a function to items: the first few at once, the others as results are asked for.
    ///
    /// @param function the function
    /// @param items    what to apply it to; what its iterator throws is thrown after the results of the items before
    /// @param <T>      type of the items
    /// @param <R>      type of the results
    /// @return the results, in the order of the items. Close the stream if it is not read to its end
    /// @throws java.util.concurrent.RejectedExecutionException if the executor is shut down
    public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> map(
            SerializableFunction<T, R> function, Iterable<? extends T> items) {
        return pool.mapNow(items, function);
    }

    @Override
    public <T extends @Nullable Object> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks)
            throws InterruptedException {
        return invokeAll(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    @Override
    public <T extends @Nullable Object> List<Future<T>> invokeAll(
            Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit) throws InterruptedException {
        var limit = Duration.ofNanos(unit.toNanos(timeout));
        List<Future<T>> futures = new ArrayList<>();
        try {
            for (var task : tasks) {
                futures.add(submit(task));
            }
            var _ = ProcessFuture.await(futures, ProcessFuture.Until.ALL_COMPLETED, limit);
        } finally {
            futures.forEach(future -> future.cancel(true)); // those that are done do not mind
        }
        return futures;
    }

    @Override
    public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> tasks)
            throws InterruptedException, ExecutionException {
        try {
            return invokeAny(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("there is no limit", e);
        }
    }

    @Override
    public <T extends @Nullable Object> T invokeAny(
            Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (tasks.isEmpty()) {
            throw new IllegalArgumentException("invokeAny of no tasks: none of them can succeed");
        }
        long limit = unit.toNanos(timeout);
        long begin = System.nanoTime();
        var futures = new ArrayList<ProcessFuture<T>>();
        var arrivals = new LinkedBlockingQueue<ProcessFuture<T>>();
        ExecutionException failure = null;
        try {
            for (var task : tasks) {
                var future = submit(task);
                futures.add(future);
                future.onDone(arrivals::add);
            }
            for (int left = futures.size(); left > 0; left--) {
                var next = arrivals.poll(limit - (System.nanoTime() - begin), TimeUnit.NANOSECONDS);
                if (next == null) {
                    throw new TimeoutException("None of the %d tasks has succeeded within %s"
                            .formatted(futures.size(), Duration.ofNanos(limit)));
                }
                try {
                    return next.get();
                } catch (ExecutionException e) {
                    failure = e;
                } catch (CancellationException e) {
                    failure = new ExecutionException(e);
                }
            }
            throw Objects.requireNonNull(failure);
        } finally {
            futures.forEach(future -> future.cancel(true)); // those that are done do not mind
        }
    }

    // ---- workers ---------------------------------------------------------------------------------------------------

    /// How many workers it has.
    ///
    /// @return as opened, or as last resized
    public int workers() {
        return pool.workers();
    }

    /// What it has done, and does.
    ///
    /// @return a snapshot
    public PoolStats stats() {
        return pool.stats();
    }

    /// Has it have so many workers from here on. More start in the background. If there are too many, those leave that have
    /// the least to do, when they have ended what they run; what waits for them is given to others.
    ///
    /// @param workers 1 to 2048
    /// @throws IllegalArgumentException      if that is out of range
    /// @throws UnsupportedOperationException if this is the [#common] executor
    public void resize(int workers) {
        PoolOptions.checkWorkers("resize", workers);
        refuseIfCommon("resize");
        engine.resize(workers);
    }

    /// Shuts down at once and asks the workers to end, by SIGTERM: their shutdown hooks run, for ten seconds at most. Every
    /// outstanding future completes with a `CancellationException`. Returns at once.
    ///
    /// @throws UnsupportedOperationException if this is the [#common] executor
    public void terminateWorkers() {
        refuseIfCommon("terminateWorkers");
        var _ = engine.terminateGently();
    }

    /// Shuts down at once and kills the workers, by SIGKILL, with the processes below them. Every outstanding future completes
    /// with a `CancellationException`. Returns at once.
    ///
    /// @throws UnsupportedOperationException if this is the [#common] executor
    public void killWorkers() {
        refuseIfCommon("killWorkers");
        var _ = engine.terminate();
    }

    private void refuseIfCommon(String method) {
        if (common) {
            throw new UnsupportedOperationException(
                    method + ": the common executor belongs to the whole program; open one of your own for that");
        }
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    /// Takes no more tasks; those that were given are run. Returns at once.
    @Override
    public void shutdown() {
        if (!common) {
            var _ = engine.close();
        }
    }

    /// Takes no more tasks, cancels those that have not begun, and interrupts the others; a worker whose task has not ended a
    /// second later is killed. Returns at once.
    ///
    /// @return those that have not begun, as they were given; a callable comes as a runnable that calls it in this process.
    ///     Their futures are cancelled
    @Override
    public List<Runnable> shutdownNow() {
        return common
                ? List.of()
                : engine.closeNow().stream().map(ProcessPoolExecutor::runnable).toList();
    }

    private static Runnable runnable(Object origin) {
        return switch (origin) {
            case Runnable runnable -> runnable;
            case Callable<?> callable -> new NeverRun(callable);
            default -> throw new AssertionError(origin);
        };
    }

    /// A callable that was never run.
    ///
    /// @param callable as it was given
    private record NeverRun(Callable<?> callable) implements Runnable {
        @Override
        public void run() {
            try {
                var _ = callable.call();
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Exception e) {
                throw new TaskException(e);
            }
        }
    }

    @Override
    public boolean isShutdown() {
        return !engine.isOpen();
    }

    @Override
    public boolean isTerminated() {
        return engine.ended().isDone() && pool.haveAllCome();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        long begin = System.nanoTime();
        try {
            engine.ended().get(timeout, unit);
            return pool.awaitComing(unit.toNanos(timeout) - (System.nanoTime() - begin));
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new AssertionError("the end of a pool is not a failure", e);
        }
    }

    /// Shuts down, and waits for the tasks that were given. If this thread is interrupted meanwhile, they are cancelled and
    /// the workers killed, and the interrupt stays set. Idempotent.
    @Override
    public void close() {
        if (!common) {
            pool.close();
        }
    }

    @Override
    public String toString() {
        return "ProcessPoolExecutor[" + workers() + " workers" + (isShutdown() ? ", shut down]" : "]");
    }
}
