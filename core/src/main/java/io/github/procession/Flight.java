package io.github.procession;

import io.github.procession.function.SerializableFunction;
import io.github.procession.internal.wire.Outcome;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One function on its way over many items: chunks depart, and land in the order of departure or of arrival. Used by one
/// thread at a time, but for [#cancel].
final class Flight<T extends @Nullable Object> implements AutoCloseable {
    private static final int TOGETHER = 16; // chunks

    private final Engine engine;
    private final Engine.Route route;
    private final @Nullable LinkedBlockingQueue<Chunk<T>> arrived; // null if in order
    private final ArrayDeque<Chunk<T>> flying = new ArrayDeque<>(); // guarded by itself
    private final Tally tally;
    private long departed; // items
    private int loaded; // chunks that have yet to depart
    private boolean closed;

    /// Items that travel together.
    ///
    /// @param at how many departed before
    private record Chunk<T extends @Nullable Object>(long at, List<? extends T> items, Job job) {}

    /// What items came to.
    ///
    /// @param at       how many departed before them
    /// @param items    as they departed
    /// @param outcomes one for each of them, fewer if the last failed
    /// @param nanos    how long they ran, 0 if that is not known
    record Landing<T extends @Nullable Object>(long at, List<? extends T> items, List<Outcome> outcomes, long nanos) {}

    /// One that could not even be sent.
    ///
    /// @param failure why
    private record Unsent(Throwable failure) implements Job {
        @Override
        public CompletableFuture<?> done() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public List<Outcome> outcomes() {
            return List.of(new Outcome.Threw(failure, Failures.HERE));
        }

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public void drop() {
            // nothing is held
        }

        @Override
        public void cancel(boolean interrupt) {
            // it has ended
        }
    }

    Flight(Engine engine, SerializableFunction<?, ?> function, boolean inOrder, Supplier<Tally> tally) {
        this.engine = engine;
        this.route = engine.route(Objects.requireNonNull(function, "function"));
        this.arrived = inOrder ? null : new LinkedBlockingQueue<>();
        this.tally = tally.get(); // not before: a function that cannot be sent is no run
    }

    int inFlight() {
        synchronized (flying) {
            return flying.size();
        }
    }

    /// Whether [#next] has something without waiting.
    boolean isNextThere() {
        if (arrived != null) {
            return !arrived.isEmpty();
        }
        synchronized (flying) {
            var first = flying.peek();
            return first != null && first.job.done().isDone();
        }
    }

    /// Lets a chunk depart. One that cannot be sent lands with that failure.
    ///
    /// @throws RejectedExecutionException if the pool takes no more
    void submit(List<? extends T> items) {
        load(items);
        depart();
    }

    /// Lets all chunks depart that are loaded.
    void depart() {
        if (loaded > 0) {
            loaded = 0;
            route.depart();
        }
    }

    /// The same as [#submit], but that it may stay until some more have been loaded, or [#depart] is called.
    void load(List<? extends T> items) {
        var chunk = new Chunk<T>(departed, items, job(items));
        departed += items.size();
        loaded++;
        synchronized (flying) {
            flying.add(chunk);
        }
        if (arrived != null) {
            chunk.job.done().whenComplete((_, _) -> arrived.add(chunk));
        }
        if (loaded == TOGETHER) {
            depart();
        }
    }

    private Job job(List<? extends T> items) {
        try {
            return route.submit(items);
        } catch (RejectedExecutionException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            return new Unsent(e);
        }
    }

    /// Waits for the next chunk to land.
    ///
    /// @throws java.util.concurrent.CancellationException if the pool was terminated
    /// @throws IllegalStateException                      if the pool can have no workers
    Landing<T> next() throws InterruptedException {
        Chunk<T> chunk;
        if (arrived != null) {
            if (arrived.isEmpty()) {
                engine.checkWait();
                anyJob().help(() -> !arrived.isEmpty(), Long.MAX_VALUE);
            }
            chunk = arrived.take();
            synchronized (flying) {
                flying.remove(chunk);
            }
        } else {
            synchronized (flying) {
                chunk = flying.element();
            }
            await(chunk.job);
            synchronized (flying) {
                flying.remove();
            }
        }
        var outcomes = chunk.job.outcomes();
        if (!outcomes.isEmpty()) {
            Failures.checkInterrupt(outcomes.getLast());
        }
        tally.landed(chunk.items.size(), outcomes);
        return new Landing<>(chunk.at, chunk.items, outcomes, chunk.job.nanos());
    }

    private Job anyJob() {
        synchronized (flying) {
            return flying.element().job;
        }
    }

    private void await(Job job) throws InterruptedException {
        var done = job.done();
        if (!done.isDone()) {
            engine.checkWait();
            job.help(done::isDone, Long.MAX_VALUE);
        }
        try {
            done.get();
        } catch (ExecutionException e) {
            throw new AssertionError("the end of a job is never a failure", e);
        }
    }

    /// Ends what is under way; whoever waits for it sees that. Called by any thread.
    void cancel(boolean interrupt) {
        for (var chunk : chunks()) {
            chunk.job.cancel(interrupt);
        }
    }

    private List<Chunk<T>> chunks() {
        synchronized (flying) {
            return List.copyOf(flying);
        }
    }

    /// Ends it: what has not begun never begins, what runs is ignored. Idempotent.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        var left = chunks();
        for (var chunk : left) {
            chunk.job.cancel(false);
            chunk.job.drop();
        }
        CompletableFuture.allOf(left.stream().map(chunk -> chunk.job.done()).toArray(CompletableFuture[]::new))
                .thenRun(route::close);
        tally.close();
    }
}
