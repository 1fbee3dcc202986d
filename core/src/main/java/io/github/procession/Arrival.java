package io.github.procession;

import io.github.procession.internal.supervise.StackRoom;
import io.github.procession.internal.wire.Outcome;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The way of one task's outcome into its future. Safe for use by any thread.
final class Arrival<V extends @Nullable Object> implements ProcessFuture.Origin {
    /*
     * Somebody must decode the outcome and complete the future, which runs what depends on it: never who is on duty for
     * the pool. A thread that waits in `get` does it, so that it need not be woken for it; else [Completions] does.
     * `claimed` is for whoever is first.
     */

    /// What is left of one whose outcome is taken.
    private enum Ended implements Job {
        JOB;

        private static final CompletableFuture<?> DONE = CompletableFuture.completedFuture(null);

        @Override
        public CompletableFuture<?> done() {
            return DONE;
        }

        @Override
        public List<Outcome> outcomes() {
            throw new IllegalStateException("The outcome is taken");
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

    private volatile Job job; // until its outcome is taken: a future that is kept keeps its value alone
    private final Runnable checkWait;
    private final Set<ProcessFuture<?>> coming;
    private final ProcessFuture<V> future = new ProcessFuture<>(this);
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean claimed = new AtomicBoolean();

    /// @param coming    where its future is until it is done
    Arrival(Job job, Runnable checkWait, Set<ProcessFuture<?>> coming) {
        this.job = job;
        this.checkWait = checkWait;
        this.coming = coming;
        coming.add(future);
    }

    ProcessFuture<V> future() {
        return future;
    }

    /// To be called once.
    void watch() {
        if (job.done().isDone() && StackRoom.isThere()) {
            complete();
        } else { // also where this thread could not decode it
            var _ = job.done().whenComplete((_, _) -> {
                if (waiting.get() == 0 && !claimed.get()) {
                    Completions.add(this::complete);
                }
            });
        }
    }

    @Override
    public void cancel(boolean interrupt) {
        job.cancel(interrupt);
    }

    @Override
    public void checkWait() {
        checkWait.run();
    }

    @Override
    public void help(long deadline) throws InterruptedException {
        future.follow(job::rouse); // it may be completed by anybody
        waiting.incrementAndGet();
        try {
            job.help(() -> future.isDone() || job.done().isDone(), deadline);
        } finally {
            waiting.decrementAndGet();
            if (job.done().isDone()) {
                complete(); // whoever saw that there was somebody waiting relies on it
            }
        }
    }

    private void complete() {
        if (!claimed.compareAndSet(false, true)) {
            return;
        }
        var ended = job;
        job = Ended.JOB;
        if (future.isDone() || !future.claim()) { // it was cancelled, or is about to be
            ended.drop();
            var _ = future.whenComplete((_, _) -> coming.remove(future));
            return;
        }
        try {
            var outcome = ended.outcomes().getFirst();
            if (outcome instanceof Outcome.Returned) {
                future.complete(Failures.<V>value(outcome));
            } else {
                future.completeExceptionally(Failures.exception(outcome));
            }
        } catch (Throwable failure) {
            future.completeExceptionally(failure);
        } finally {
            coming.remove(future);
        }
    }
}
