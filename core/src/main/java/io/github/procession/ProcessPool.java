package io.github.procession;

import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableFunction;
import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.shared.Local;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.supervise.Setup;
import io.github.procession.internal.supervise.Supervisor;
import io.github.procession.internal.supervise.Task;
import io.github.procession.internal.supervise.Task.Settlement;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Outcome;
import io.github.procession.internal.wire.Outcomes;
import io.github.procession.internal.wire.Work;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// The pool of processes: what is asked becomes tasks of the supervisor; what they come to becomes values and exceptions.
final class ProcessPool implements Pool {
    private static final int CHUNKS_PER_WORKER = 4;
    private static final int AHEAD_PER_WORKER = 4; // chunks of imap in flight
    private static final int WINDOW_PER_WORKER = 16; // chunks of map in flight
    private static final int HEAP_PERCENT_OF_ALL = 50;

    private final Supervisor supervisor;

    private ProcessPool(Supervisor supervisor) {
        this.supervisor = supervisor;
    }

    static Pool open(PoolOptions options) {
        var process = options.process().jvmArgs("-XX:+ExitOnOutOfMemoryError");
        return new ProcessPool(
                Supervisor.open(new Supervisor.Spec(options.workers(), shared(process, options.workers()))));
    }

    /// The workers share the machine: each sizes itself for its part of the processors and of the memory.
    private static Setup shared(ProcessOptions process, int workers) {
        var sized = process;
        if (!process.hasCpus()) {
            sized = sized.cpus(Math.max(1, Pool.defaultWorkers() / workers));
        }
        return sized.setup(workers > 2 ? Math.max(1.0, (double) HEAP_PERCENT_OF_ALL / workers) : 0);
    }

    // ---- one task --------------------------------------------------------------------------------------------------

    @Override
    public <V extends @Nullable Object> V apply(SerializableCallable<V> task) throws InterruptedException {
        return ProcessPool.<V>value(await(submit(task)));
    }

    @Override
    public void apply(SerializableRunnable task) throws InterruptedException {
        Objects.requireNonNull(task, "task");
        Object _ = apply(new Action(task));
    }

    /// A runnable as a callable, in a form that travels.
    ///
    /// @param task the runnable
    private record Action(SerializableRunnable task) implements SerializableCallable<Boolean> {
        @Override
        public Boolean call() throws Exception {
            task.execute();
            return true;
        }
    }

    @Override
    public <V extends @Nullable Object> ProcessFuture<V> applyAsync(SerializableCallable<V> callable) {
        var task = submit(callable);
        var future = new ProcessFuture<V>(interrupt -> supervisor.cancel(task, interrupt));
        task.done()
                .thenAcceptAsync(
                        settlement -> {
                            try {
                                future.complete(ProcessPool.<V>value(settlement));
                            } catch (Throwable failure) {
                                future.completeExceptionally(failure);
                            }
                        },
                        run -> Thread.ofVirtual().start(run));
        return future;
    }

    private Task submit(SerializableCallable<?> callable) {
        Objects.requireNonNull(callable, "task");
        var parcel = Parcels.pack(callable, "task", Node.self().slot());
        var task = supervisor.submit(parcel.bytes(), parcel.pin(), label(callable));
        if (task == null) {
            Parcels.settle(parcel.pin());
            throw refused();
        }
        return task;
    }

    /// A task or function for people.
    static String label(Object function) {
        var named = function instanceof Action(SerializableRunnable task) ? task : function;
        return named.getClass().getName().replaceFirst("\\$\\$Lambda.*", " (a lambda)");
    }

    private RejectedExecutionException refused() {
        var cause = supervisor.broken();
        return cause == null
                ? new RejectedExecutionException("The pool is closed")
                : new RejectedExecutionException("The pool can have no workers: " + cause.getMessage(), cause);
    }

    /// Waits for a task; an interrupt cancels it.
    private Settlement await(Task task) throws InterruptedException {
        try {
            return task.done().get();
        } catch (InterruptedException e) {
            supervisor.cancel(task, true);
            task.done().thenAccept(ProcessPool::ignore);
            throw e;
        } catch (ExecutionException e) {
            throw new AssertionError("the end of a task is never a failure of the supervisor", e);
        }
    }

    private static <V extends @Nullable Object> V value(Settlement settlement) {
        var answer = answer(settlement);
        try {
            return Failures.value(Outcomes.read(Local.codec(), answer.outcome()));
        } catch (IOException e) {
            throw unreadable(e);
        } finally {
            Parcels.settle(answer.pin());
        }
    }

    /// What the worker sent; anything else is thrown.
    private static Settlement.Answered answer(Settlement settlement) {
        return switch (settlement) {
            case Settlement.Answered answered -> answered;
            case Settlement.Crashed(Outcome.Crash crash) -> throw new WorkerCrashedException(crash);
            case Settlement.Cancelled _ ->
                throw new CancellationException("The task was cancelled, or the pool terminated");
            case Settlement.Broken(Throwable cause) ->
                throw new IllegalStateException("The pool can have no workers: " + cause.getMessage(), cause);
        };
    }

    private static IllegalStateException unreadable(IOException e) {
        return new IllegalStateException("The worker's answer cannot be read: " + e, e);
    }

    /// An answer that nobody will read any more.
    private static void ignore(Settlement settlement) {
        if (settlement instanceof Settlement.Answered(byte[] _, long pin)) {
            Parcels.settle(pin);
        }
    }

    // ---- many items ------------------------------------------------------------------------------------------------

    @Override
    public <T extends @Nullable Object, R extends @Nullable Object> List<R> map(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function)
            throws InterruptedException {
        List<T> all = copy(items);
        int chunks = CHUNKS_PER_WORKER * workers();
        return map(all, function, Math.max(1, (all.size() + chunks - 1) / chunks));
    }

    @Override
    public <T extends @Nullable Object, R extends @Nullable Object> List<R> map(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function, int chunkSize)
            throws InterruptedException {
        if (chunkSize < 1) {
            throw new IllegalArgumentException(
                    "map with chunkSize %d: a chunk has at least 1 item".formatted(chunkSize));
        }
        List<T> all = copy(items);
        var results = new ArrayList<R>(all.size());
        try (var run = new MapRun<T, R>(function)) {
            int next = 0;
            while (next < all.size() || run.inFlight() > 0) {
                while (next < all.size() && run.inFlight() < WINDOW_PER_WORKER * workers()) {
                    int end = Math.min(all.size(), next + chunkSize);
                    run.submit(all.subList(next, end));
                    next = end;
                }
                for (var outcome : run.next()) {
                    results.add(Failures.value(outcome));
                }
            }
        }
        return results;
    }

    private static <T extends @Nullable Object> List<T> copy(Iterable<? extends T> items) {
        var all = new ArrayList<T>();
        items.forEach(all::add);
        return all;
    }

    @Override
    public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imap(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function) {
        Objects.requireNonNull(items, "items");
        var iterator = items.iterator(); // may throw: before anything is made
        var run = new MapRun<T, R>(function);
        var results = new LazyResults<T, R>(iterator, run, AHEAD_PER_WORKER * workers());
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(results, Spliterator.ORDERED), false)
                .onClose(run::close);
    }

    /// One function on its way over many items. Used by one thread at a time.
    private final class MapRun<T extends @Nullable Object, R extends @Nullable Object> implements AutoCloseable {
        private final ArrayDeque<Task> inFlight = new ArrayDeque<>(); // in the order of the items
        private final int number;
        private final String label;
        private boolean closed;

        MapRun(SerializableFunction<? super T, ? extends R> function) {
            Objects.requireNonNull(function, "function");
            number = supervisor.define(
                    Parcels.pack(function, "function", Node.self().slot()));
            label = label(function);
        }

        int inFlight() {
            return inFlight.size();
        }

        void submit(List<? extends T> items) {
            var chunk =
                    Parcels.pack(new ArrayList<>(items), "items", Node.self().slot());
            var task = supervisor.submitChunk(number, chunk.bytes(), chunk.pin(), label);
            if (task == null) {
                Parcels.settle(chunk.pin());
                throw refused();
            }
            inFlight.add(task);
        }

        /// The outcomes of the oldest chunk.
        List<Outcome> next() throws InterruptedException {
            var answer = answer(await(inFlight.remove()));
            try {
                return Work.outcomes(Local.codec(), answer.outcome());
            } catch (IOException e) {
                throw unreadable(e);
            } finally {
                Parcels.settle(answer.pin());
            }
        }

        @Override
        public void close() {
            if (closed) {
                return;
            }
            closed = true;
            for (var task : inFlight) {
                supervisor.cancel(task, false);
                task.done().thenAccept(ProcessPool::ignore);
            }
            CompletableFuture.allOf(inFlight.stream().map(Task::done).toArray(CompletableFuture[]::new))
                    .thenRun(() -> supervisor.forget(number));
        }
    }

    /// The results of imap, one item a chunk.
    private static final class LazyResults<T extends @Nullable Object, R extends @Nullable Object>
            implements Iterator<R> {
        private final Iterator<? extends T> items;
        private final ProcessPool.MapRun<T, R> run;
        private final int ahead;
        private @Nullable Throwable itemsFailed;
        private boolean itemsEnded;

        LazyResults(Iterator<? extends T> items, ProcessPool.MapRun<T, R> run, int ahead) {
            this.items = items;
            this.run = run;
            this.ahead = ahead;
        }

        @Override
        public boolean hasNext() {
            fill();
            if (run.inFlight() > 0 || itemsFailed != null) {
                return true;
            }
            run.close();
            return false;
        }

        @Override
        public R next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            if (run.inFlight() == 0) {
                var failure = Objects.requireNonNull(itemsFailed);
                itemsFailed = null;
                run.close();
                throw Failures.<RuntimeException>asIs(failure);
            }
            try {
                return Failures.value(run.next().getFirst());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                run.close();
                throw new CancellationException("Interrupted while waiting for a result");
            }
        }

        private void fill() {
            while (!itemsEnded && run.inFlight() < ahead) {
                try {
                    if (!items.hasNext()) {
                        itemsEnded = true;
                        return;
                    }
                    run.submit(Collections.singletonList(items.next()));
                } catch (RuntimeException | Error failure) {
                    itemsEnded = true;
                    itemsFailed = failure;
                }
            }
        }
    }

    // ---- the pool --------------------------------------------------------------------------------------------------

    @Override
    public int workers() {
        return supervisor.workers();
    }

    @Override
    public void close() {
        awaitEnd(supervisor.close());
    }

    @Override
    public void terminate() {
        awaitEnd(supervisor.terminate());
    }

    private void awaitEnd(CompletableFuture<Void> end) {
        boolean interrupted = false;
        boolean exiting = AtExit.hasBegun();
        while (true) {
            try {
                end.get();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
                supervisor.terminate();
            } catch (ExecutionException e) {
                throw new AssertionError("the end of a pool is not a failure", e);
            }
        }
        AtExit.holdBack(exiting);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "Pool[" + workers() + " workers" + (supervisor.isOpen() ? "]" : ", closed]");
    }
}
