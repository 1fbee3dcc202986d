package io.github.procession;

import io.github.procession.function.SerializableBiFunction;
import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableFunction;
import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.os.Threads;
import io.github.procession.internal.wire.Outcome;
import java.io.Serializable;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.Gatherer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What all pools have in common: chunks, order, laziness, futures. Where tasks run is the [Engine]'s affair.
final class TaskPool implements Pool {
    private static final int WINDOW = 16; // chunks of a map in flight, for each worker,
    private static final int ITEMS = 64; // or so many items, where that is more;
    private static final int WINDOW_OF_UNEVEN = 3; // if their size is still to be found

    private final Engine engine;
    private final TaskOptions taskOptions;
    private final @Nullable Progress progress;
    private final Set<ProcessFuture<?>> coming =
            ConcurrentHashMap.newKeySet(); // those that are not done, and perhaps some

    private TaskPool(Engine engine, TaskOptions taskOptions, @Nullable Progress progress) {
        this.engine = engine;
        this.taskOptions = taskOptions;
        this.progress = progress;
    }

    static TaskPool processes(ProcessEngine engine, PoolOptions options) {
        return new TaskPool(engine, TaskOptions.of(options), options.progress());
    }

    static TaskPool local(LocalEngine engine) {
        return new TaskPool(engine, TaskOptions.none(), null);
    }

    TaskOptions taskOptions() {
        return taskOptions;
    }

    // ---- one task --------------------------------------------------------------------------------------------------

    @Override
    public <V extends @Nullable Object> V apply(SerializableCallable<V> task) throws InterruptedException {
        engine.checkWait();
        var job = engine.submit(Objects.requireNonNull(task, "task"), taskOptions, null);
        try {
            job.help(job.done()::isDone, Long.MAX_VALUE);
            job.done().get();
        } catch (InterruptedException e) {
            job.cancel(true);
            job.drop();
            throw e;
        } catch (ExecutionException e) {
            throw new AssertionError("the end of a job is never a failure", e);
        }
        var outcome = job.outcomes().getFirst();
        Failures.checkInterrupt(outcome);
        return Failures.<V>value(outcome);
    }

    @Override
    public void apply(SerializableRunnable task) throws InterruptedException {
        Object _ = apply(new Action(task));
    }

    /// A runnable as a callable, in a form that travels.
    ///
    /// @param wrapped the runnable
    record Action(SerializableRunnable wrapped) implements SerializableCallable<@Nullable Void>, Label.Wrapping {
        Action {
            Objects.requireNonNull(wrapped, "task");
        }

        @Override
        @SuppressWarnings("NullAway") // it does not see that the type of the result may be null
        public @Nullable Void call() throws Exception {
            wrapped.execute();
            return null;
        }
    }

    @Override
    public <V extends @Nullable Object> ProcessFuture<V> applyAsync(SerializableCallable<V> task) {
        return submit(task, taskOptions, null);
    }

    /// The same, with all that can be said about it.
    <V extends @Nullable Object> ProcessFuture<V> submit(
            SerializableCallable<V> task, TaskOptions options, @Nullable Object origin) {
        var job = engine.submit(Objects.requireNonNull(task, "task"), options, origin);
        var arrival = new Arrival<V>(job, engine::checkWait, coming);
        arrival.watch();
        return arrival.future();
    }

    // ---- many items, all at once -----------------------------------------------------------------------------------

    @Override
    public <T extends @Nullable Object, R extends @Nullable Object> List<R> map(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function)
            throws InterruptedException {
        List<T> all = copy(items);
        var chunking = new Chunking(engine.chunkLimit());
        return map(all, function, WINDOW_OF_UNEVEN, chunking::took, left -> chunking.next(left, workers()));
    }

    @Override
    public <T extends @Nullable Object, R extends @Nullable Object> List<R> map(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function, int chunkSize)
            throws InterruptedException {
        if (chunkSize < 1) {
            throw new IllegalArgumentException(
                    "map with chunkSize %d: a chunk has at least 1 item".formatted(chunkSize));
        }
        int window = Math.max(WINDOW, ITEMS / chunkSize);
        return map(copy(items), function, window, (_, _) -> {}, left -> Math.min(left, chunkSize));
    }

    /// Chunks land in any order, so that none waits for a long one. The failure of the first item that failed counts: no more
    /// chunks depart then, and those that departed before it are waited for.
    private <T extends @Nullable Object, R extends @Nullable Object> List<R> map(
            List<T> all,
            SerializableFunction<? super T, ? extends R> function,
            int window,
            BiConsumer<Integer, Long> took,
            IntUnaryOperator size)
            throws InterruptedException {
        engine.checkWait();
        var results = new ArrayList<@Nullable R>(Collections.nCopies(all.size(), null));
        try (var flight = this.<T>flight(function, false, all.size())) {
            Outcome failure = null;
            long wanted = all.size(); // results from there on are not
            var awaited = new HashSet<Long>();
            int next = 0;
            while (next < wanted || !awaited.isEmpty()) {
                while (next < wanted && flight.inFlight() < window * workers()) {
                    awaited.add((long) next);
                    next = load(flight, all, next, size.applyAsInt(all.size() - next));
                }
                flight.depart();
                do {
                    var landing = flight.next();
                    awaited.remove(landing.at());
                    var outcomes = landing.outcomes();
                    took.accept(outcomes.size(), landing.nanos());
                    for (int i = 0; i < outcomes.size() && landing.at() + i < wanted; i++) {
                        if (outcomes.get(i) instanceof Outcome.Returned) {
                            results.set((int) landing.at() + i, Failures.<R>value(outcomes.get(i)));
                        } else {
                            failure = outcomes.get(i);
                            wanted = landing.at() + i;
                            long last = wanted;
                            awaited.removeIf(at -> at > last);
                        }
                    }
                } while (flight.isNextThere() && flight.inFlight() > window * workers() / 2);
            }
            if (failure != null) {
                Failures.<R>value(failure);
            }
        }
        return results;
    }

    @Override
    public <T extends @Nullable Object, R extends @Nullable Object> ProcessFuture<List<R>> mapAsync(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function) {
        List<T> all = copy(items);
        var chunking = new Chunking(engine.chunkLimit());
        var flight = this.<T>flight(function, true, all.size());
        try {
            for (int next = 0; next < all.size(); ) { // all of them: the pool may be closed before they have run
                next = load(flight, all, next, chunking.next(all.size() - next, workers()));
            }
            flight.depart();
        } catch (RuntimeException | Error e) {
            flight.close();
            throw e;
        }
        var future = new ProcessFuture<List<R>>(flight::cancel, engine::checkWait);
        Runnable complete = () -> {
            try (flight) {
                var results = new ArrayList<R>(all.size());
                while (flight.inFlight() > 0) {
                    collect(flight, results);
                }
                if (future.claim()) {
                    future.complete(results);
                }
            } catch (Throwable failure) {
                if (future.claim()) {
                    future.completeExceptionally(
                            failure instanceof TaskException e && e.getCause() instanceof TaskTimeoutException t
                                    ? t
                                    : failure);
                }
            }
        };
        expect(future);
        try {
            Threads.start(Thread.ofVirtual().name("procession-map").unstarted(complete));
        } catch (RuntimeException | Error e) { // no thread is left to carry it
            future.cancel(true);
            flight.close();
            throw e;
        }
        return future;
    }

    /// The end of the pool is not told before that future is done.
    void expect(ProcessFuture<?> future) {
        coming.add(future);
        var _ = future.whenComplete((_, _) -> coming.remove(future));
    }

    private static <T extends @Nullable Object> int load(Flight<T> flight, List<T> all, int next, int chunkSize) {
        int end = (int) Math.min(all.size(), (long) next + chunkSize);
        flight.load(all.subList(next, end));
        return end;
    }

    private static <T extends @Nullable Object, R extends @Nullable Object> void collect(
            Flight<T> flight, List<R> results) throws InterruptedException {
        for (var outcome : flight.next().outcomes()) {
            results.add(Failures.<R>value(outcome));
        }
    }

    private static <T extends @Nullable Object> List<T> copy(Iterable<? extends T> items) {
        var all = new ArrayList<T>();
        items.forEach(all::add);
        return all;
    }

    @Override
    public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object> List<R> starmap(
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
            SerializableBiFunction<? super A, ? super B, ? extends R> function)
            throws InterruptedException {
        return this.<Both<A, B>, R>map(both(pairs), new Spread<A, B, R>(function));
    }

    @Override
    public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
            ProcessFuture<List<R>> starmapAsync(
                    Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs,
                    SerializableBiFunction<? super A, ? super B, ? extends R> function) {
        return this.<Both<A, B>, R>mapAsync(both(pairs), new Spread<A, B, R>(function));
    }

    /// A pair that travels, which an entry need not.
    ///
    /// @param a the one
    /// @param b the other
    /// @param <A> type of the one
    /// @param <B> type of the other
    private record Both<A extends @Nullable Object, B extends @Nullable Object>(A a, B b) implements Serializable {}

    private static <A extends @Nullable Object, B extends @Nullable Object> List<Both<A, B>> both(
            Iterable<? extends Map.Entry<? extends A, ? extends B>> pairs) {
        var all = new ArrayList<Both<A, B>>();
        for (var pair : pairs) {
            all.add(new Both<>(pair.getKey(), pair.getValue()));
        }
        return all;
    }

    /// A function of two, applied to pairs.
    ///
    /// @param wrapped the function
    /// @param <A> type of its first argument
    /// @param <B> type of its second
    /// @param <R> type of its result
    private record Spread<A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>(
            SerializableBiFunction<? super A, ? super B, ? extends R> wrapped)
            implements SerializableFunction<Both<A, B>, R>, Label.Wrapping {
        Spread {
            Objects.requireNonNull(wrapped, "function");
        }

        @Override
        public R apply(Both<A, B> pair) throws Exception {
            return wrapped.apply(pair.a, pair.b);
        }
    }

    // ---- many items, as the results are asked for ------------------------------------------------------------------

    @Override
    public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imap(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function) {
        return stream(items, function, true, (_, outcome) -> Failures.<R>value(outcome));
    }

    /// The same, with the first items under way when it returns.
    <T extends @Nullable Object, R extends @Nullable Object> Stream<R> mapNow(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function) {
        var results = this.<T, R>results(items, function, true, (_, outcome) -> Failures.<R>value(outcome));
        results.begin();
        return results.stream();
    }

    @Override
    public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imapUnordered(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function) {
        return stream(items, function, false, (_, outcome) -> Failures.<R>value(outcome));
    }

    @Override
    public <T extends @Nullable Object, R extends @Nullable Object> Stream<Attempt<T, R>> attempt(
            Iterable<? extends T> items, SerializableFunction<? super T, ? extends R> function) {
        return stream(items, function, true, TaskPool::<T, R>attempted);
    }

    private static <T extends @Nullable Object, R extends @Nullable Object> Attempt<T, R> attempted(
            T item, Outcome outcome) {
        return outcome instanceof Outcome.Returned
                ? new Attempt.Success<>(item, Failures.<R>value(outcome))
                : new Attempt.Failure<>(item, Failures.exception(outcome));
    }

    private <T extends @Nullable Object, E extends @Nullable Object> Stream<E> stream(
            Iterable<? extends T> items,
            SerializableFunction<? super T, ?> function,
            boolean inOrder,
            BiFunction<T, Outcome, E> result) {
        return results(items, function, inOrder, result).stream();
    }

    private <T extends @Nullable Object, E extends @Nullable Object> Results<T, E> results(
            Iterable<? extends T> items,
            SerializableFunction<? super T, ?> function,
            boolean inOrder,
            BiFunction<T, Outcome, E> result) {
        Objects.requireNonNull(items, "items");
        var iterator = items.iterator(); // may throw: before anything is made
        var flight = this.<T>flight(function, inOrder, Progress.UNKNOWN);
        return new Results<>(iterator, flight, engine.ahead(), result);
    }

    private <T extends @Nullable Object> Flight<T> flight(
            SerializableFunction<? super T, ?> function, boolean inOrder, long items) {
        Objects.requireNonNull(function, "function");
        Supplier<Tally> tally =
                () -> progress == null ? Tally.NONE : new ProgressTally(progress, Label.of(function), items);
        return new Flight<>(engine, function, inOrder, tally);
    }

    @Override
    public <T extends @Nullable Object, R extends @Nullable Object> Gatherer<T, ?, R> mapping(
            SerializableFunction<? super T, ? extends R> function) {
        Objects.requireNonNull(function, "function");
        return Gatherer.<T, Mapping<T, R>, R>ofSequential(
                () -> new Mapping<>(this.<T>flight(function, true, Progress.UNKNOWN), engine.ahead()),
                Gatherer.Integrator.of((mapping, item, downstream) -> mapping.accept(item, downstream)),
                (mapping, downstream) -> mapping.finish(downstream));
    }

    /// A stream on its way through the pool: items that are under way, results that are pushed on in order.
    private static final class Mapping<T extends @Nullable Object, R extends @Nullable Object> {
        /*
         * A stream does not tell a gatherer that it has failed before or behind it. What the flight holds is released when
         * nobody can reach the gatherer's state any more.
         */
        private static final Threads.LateCleaner CLEANER = new Threads.LateCleaner("procession-streams");

        private final Flight<T> flight;
        private final int ahead;
        private final Cleaner.Cleanable forgotten;

        Mapping(Flight<T> flight, int ahead) {
            this.flight = flight;
            this.ahead = ahead;
            this.forgotten =
                    CLEANER.get().register(this, () -> Thread.ofVirtual().start(flight::close)); // it tells a listener
        }

        boolean accept(T item, Gatherer.Downstream<? super R> downstream) {
            return orClose(() -> {
                flight.submit(Collections.singletonList(item));
                boolean wanted = true;
                while (wanted && flight.inFlight() > 0 && (flight.inFlight() >= ahead || flight.isNextThere())) {
                    wanted = push(downstream);
                }
                return wanted;
            });
        }

        void finish(Gatherer.Downstream<? super R> downstream) {
            var _ = orClose(() -> {
                while (flight.inFlight() > 0 && !downstream.isRejecting() && push(downstream)) {
                    // until nothing is left, or wanted
                }
                return false;
            });
        }

        private boolean push(Gatherer.Downstream<? super R> downstream) {
            var outcome = Results.next(flight).outcomes().getFirst();
            return downstream.push(Failures.<R>value(outcome));
        }

        /// Closes the flight when it is over, or fails in here.
        private boolean orClose(BooleanSupplier step) {
            boolean goesOn = false;
            try {
                goesOn = step.getAsBoolean();
            } finally {
                if (!goesOn) {
                    flight.close();
                    forgotten.clean(); // closes nothing twice
                }
                Reference.reachabilityFence(this);
            }
            return goesOn;
        }
    }

    // ---- the pool --------------------------------------------------------------------------------------------------

    @Override
    public int workers() {
        return engine.workers();
    }

    @Override
    public PoolStats stats() {
        return engine.stats();
    }

    @Override
    public void close() {
        engine.checkWait();
        awaitEnd(engine.close());
    }

    @Override
    public void terminate() {
        awaitEnd(engine.terminate());
    }

    private void awaitEnd(CompletableFuture<Void> end) {
        boolean interrupted = false;
        boolean exiting = AtExit.hasBegun();
        while (true) {
            try {
                end.get();
                awaitComing(Long.MAX_VALUE);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
                var _ = engine.terminate();
            } catch (ExecutionException | CancellationException e) {
                throw new AssertionError("the end of a pool is not a failure", e);
            }
        }
        AtExit.holdBack(exiting);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whether each future of this pool that has ended is done: they are a little later than their tasks, and the pool.
    boolean haveAllCome() {
        return coming.stream().allMatch(ProcessFuture::isDone);
    }

    /// Waits for the futures of a pool that has ended, one after the other: what depends on them may itself wait for the end.
    ///
    /// @return false at the limit
    boolean awaitComing(long nanos) throws InterruptedException {
        long begin = System.nanoTime();
        for (var future : coming) {
            if (AtExit.hasBegun()) { // some never come
                break;
            }
            if (!future.awaitDone(nanos - (System.nanoTime() - begin))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return "Pool[" + workers() + " workers" + (engine.isOpen() ? "]" : ", closed]");
    }
}
