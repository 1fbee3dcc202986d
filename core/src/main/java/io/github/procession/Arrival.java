package io.github.procession;

import io.github.procession.internal.wire.Outcome;
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
    private final Job job;
    private final Runnable checkWait;
    private final ProcessFuture<V> future = new ProcessFuture<>(this);
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean claimed = new AtomicBoolean();

    Arrival(Job job, Runnable checkWait) {
        this.job = job;
        this.checkWait = checkWait;
    }

    ProcessFuture<V> future() {
        return future;
    }

    /// To be called once.
    void watch() {
        if (job.done().isDone()) {
            complete();
        } else {
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
        if (future.isDone()) { // it was cancelled
            job.drop();
            return;
        }
        try {
            var outcome = job.outcomes().getFirst();
            if (outcome instanceof Outcome.Returned) {
                future.complete(Failures.<V>value(outcome));
            } else {
                future.completeExceptionally(Failures.exception(outcome));
            }
        } catch (Throwable failure) {
            future.completeExceptionally(failure);
        }
    }
}
