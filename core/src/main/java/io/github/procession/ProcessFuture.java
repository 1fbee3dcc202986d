package io.github.procession;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// The result of a task that a pool runs.
///
/// Dependents run on a virtual thread or on one that waits for this future or cancels it, never on one that is at work for the
/// pool: they may take their time, throw, and wait for the same pool. Safe for use by any thread.
///
/// @param <V> type of the result
@SuppressWarnings("UndefinedEquals") // futures are told apart by identity
public final class ProcessFuture<V extends @Nullable Object> extends CompletableFuture<V> {
    private static final System.Logger LOG = System.getLogger("io.github.procession");

    private final Origin origin;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private final AtomicBoolean followed = new AtomicBoolean();
    private final List<Consumer<? super ProcessFuture<V>>> callbacks = new ArrayList<>(); // guarded by itself

    /// Where the value comes from.
    interface Origin {
        /// The future was cancelled.
        void cancel(boolean interrupt);

        /// Fails if the calling thread is one that must not wait.
        void checkWait();

        /// The calling thread is going to wait, and may do something for it. May return early.
        ///
        /// @param deadline in terms of [System#nanoTime()], or [Long#MAX_VALUE] for no limit
        default void help(long deadline) throws InterruptedException {
            // the value comes by itself
        }
    }

    /// A value that comes by itself.
    private record ByItself(Consumer<Boolean> onCancel, Runnable onWait) implements Origin {
        @Override
        public void cancel(boolean interrupt) {
            onCancel.accept(interrupt);
        }

        @Override
        public void checkWait() {
            onWait.run();
        }
    }

    ProcessFuture(Origin origin) {
        this.origin = origin;
    }

    /// @param onCancel  what is done when the future is cancelled; it gets whether to interrupt
    /// @param checkWait fails if the calling thread is one that must not wait
    ProcessFuture(Consumer<Boolean> onCancel, Runnable checkWait) {
        this(new ByItself(onCancel, checkWait));
    }

    /// To be asked by the origin before it completes this.
    ///
    /// @return false if somebody cancels this, and completes it
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /// Has an action done when this completes; only the first is.
    void follow(Runnable action) {
        if (!followed.getAndSet(true)) {
            var _ = whenComplete((_, _) -> action.run());
        }
    }

    /// What [#await] waits for.
    public enum Until {
        /// One of them is done.
        FIRST_COMPLETED,
        /// One of them has failed or was cancelled, or all are done.
        FIRST_EXCEPTION,
        /// All of them are done.
        ALL_COMPLETED
    }

    /// Who is done and who is not.
    ///
    /// @param done    those that are, in the order in which they were given
    /// @param pending those that are not
    /// @param <F>     type of the futures
    public record Settled<F>(Set<F> done, Set<F> pending) {}

    /// Cancels the task. One that has not begun never begins. One that runs is interrupted if so wished, and its worker is
    /// killed if it does not end within a second. Dependents run in this call, when the pool has been told: they may wait for
    /// its end.
    ///
    /// @param mayInterrupt whether to stop it if it runs; otherwise it runs on and its result is ignored
    /// @return whether it is cancelled: false if it had ended
    @Override
    public boolean cancel(boolean mayInterrupt) {
        boolean cancelled = false;
        try {
            if (!isDone() || isCancelled()) {
                claim(); // first: what the task comes to when it is stopped is no result
                origin.cancel(mayInterrupt);
            }
        } finally {
            cancelled = super.cancel(mayInterrupt);
        }
        return cancelled;
    }

    /// Waits until this is done, however it ended.
    ///
    /// @return false at the limit
    boolean awaitDone(long nanos) throws InterruptedException {
        try {
            if (!isDone()) {
                var _ = super.get(nanos, TimeUnit.NANOSECONDS);
            }
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException | CancellationException e) {
            // that is done, too
        }
        return true;
    }

    /// Waits for the result.
    ///
    /// @return what the task returned
    /// @throws IllegalStateException if this thread is one of the pool of threads that runs the task, and waiting here could
    ///                               keep the task from being run
    @Override
    public V get() throws InterruptedException, ExecutionException {
        checkWait();
        if (!isDone()) {
            origin.help(Long.MAX_VALUE);
        }
        return super.get();
    }

    /// Waits for the result, as [#get()], for so long at most.
    ///
    /// @return what the task returned
    /// @throws IllegalStateException if this thread is one of the pool of threads that runs the task
    @Override
    public V get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        checkWait();
        if (!isDone()) {
            long now = System.nanoTime();
            long nanos = unit.toNanos(timeout);
            if (nanos > 0) {
                origin.help(now + Math.min(nanos, Long.MAX_VALUE / 2));
            }
            return super.get(Math.max(0, nanos - (System.nanoTime() - now)), TimeUnit.NANOSECONDS);
        }
        return super.get(timeout, unit);
    }

    /// Waits for the result, as [#get()].
    ///
    /// @return what the task returned
    /// @throws IllegalStateException if this thread is one of the pool of threads that runs the task
    @Override
    public V join() {
        checkWait();
        return super.join();
    }

    private void checkWait() {
        if (!isDone()) {
            origin.checkWait();
        }
    }

    /// Has something done when this is done, however it ended; soon if it is. Callbacks are run one after the other in the
    /// order in which they were given here. What one throws is logged, and the next is run.
    ///
    /// @param callback gets this future
    /// @return this
    public ProcessFuture<V> onDone(Consumer<? super ProcessFuture<V>> callback) {
        boolean first;
        synchronized (callbacks) {
            first = callbacks.isEmpty();
            callbacks.add(callback);
        }
        if (first) {
            var _ = whenComplete((_, _) -> runCallbacks());
        }
        return this;
    }

    private void runCallbacks() {
        while (true) {
            Consumer<? super ProcessFuture<V>> next;
            synchronized (callbacks) {
                if (callbacks.isEmpty()) {
                    return;
                }
                next = callbacks.getFirst();
            }
            try {
                next.accept(this);
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.ERROR, "A callback of " + this + " failed", e);
            }
            synchronized (callbacks) {
                callbacks.removeFirst(); // only now: who adds one to an empty list runs it
            }
        }
    }

    /// Waits for one or all of some futures, of any kind.
    ///
    /// @param futures whom to wait for
    /// @param until   for how much of them
    /// @param limit   how long at most
    /// @param <F>     type of the futures
    /// @return who was done when the wait ended, and who was not
    /// @throws InterruptedException if this thread is interrupted; the futures go on
    public static <F extends Future<?>> Settled<F> await(Collection<? extends F> futures, Until until, Duration limit)
            throws InterruptedException {
        var all = new LinkedHashSet<F>(futures);
        long nanos = nanos(limit);
        long begin = System.nanoTime();
        var arrivals = new LinkedBlockingQueue<F>();
        var watches = watch(all, arrivals);
        try {
            int pending = all.size();
            while (pending > 0) {
                var next = arrivals.poll(nanos - (System.nanoTime() - begin), TimeUnit.NANOSECONDS);
                if (next == null) {
                    break;
                }
                pending--;
                if (until == Until.FIRST_COMPLETED || until == Until.FIRST_EXCEPTION && hasFailed(next)) {
                    break;
                }
            }
        } finally {
            watches.forEach(watch -> watch.cancel(true));
        }
        var done = new LinkedHashSet<F>();
        var pending = new LinkedHashSet<F>();
        for (var future : all) {
            (future.isDone() ? done : pending).add(future);
        }
        return new Settled<>(done, pending);
    }

    /// The futures in the order in which they are done, each as soon as it is. The stream waits where there is none yet; if
    /// its thread is interrupted it throws a `CancellationException`, and the interrupt stays set.
    ///
    /// @param futures whom to wait for
    /// @param <F>     type of the futures
    /// @return all of them, each once
    public static <F extends Future<?>> Stream<F> asCompleted(Collection<? extends F> futures) {
        var all = new LinkedHashSet<F>(futures);
        var arrivals = new LinkedBlockingQueue<F>();
        var watches = watch(all, arrivals);
        var iterator = new Iterator<F>() {
            private int left = all.size();

            @Override
            public boolean hasNext() {
                return left > 0;
            }

            @Override
            public F next() {
                if (left == 0) {
                    throw new NoSuchElementException();
                }
                try {
                    var next = arrivals.take();
                    left--;
                    return next;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new CancellationException("Interrupted while waiting for a future");
                }
            }
        };
        int characteristics = Spliterator.DISTINCT | Spliterator.NONNULL | Spliterator.ORDERED;
        return StreamSupport.stream(Spliterators.spliterator(iterator, all.size(), characteristics), false)
                .onClose(() -> watches.forEach(watch -> watch.cancel(true)));
    }

    private static boolean hasFailed(Future<?> future) {
        return switch (future.state()) {
            case FAILED, CANCELLED -> true;
            case SUCCESS, RUNNING -> false;
        };
    }

    private static long nanos(Duration limit) {
        try {
            return Math.min(limit.toNanos(), Long.MAX_VALUE / 2);
        } catch (ArithmeticException tooLong) {
            return limit.isNegative() ? 0 : Long.MAX_VALUE / 2;
        }
    }

    /// Puts each future where it is seen when it is done. Those that are done come first.
    ///
    /// @return what to cancel when nobody looks any more
    private static <F extends Future<?>> List<Future<?>> watch(Set<F> futures, LinkedBlockingQueue<F> arrivals) {
        var watches = new ArrayList<Future<?>>();
        var running = new ArrayList<F>();
        for (var future : futures) {
            if (future.isDone()) {
                arrivals.add(future);
            } else {
                running.add(future);
            }
        }
        for (var future : running) {
            watches.add(
                    future instanceof CompletableFuture<?> completable
                            ? completable.whenComplete((_, _) -> arrivals.add(future))
                            : watcher(future, arrivals));
        }
        return watches;
    }

    /// A future that tells nobody when it is done needs somebody who waits.
    private static <F extends Future<?>> Future<?> watcher(F future, LinkedBlockingQueue<F> arrivals) {
        var watcher = new java.util.concurrent.FutureTask<>(
                () -> {
                    try {
                        var _ = future.get();
                    } catch (ExecutionException | CancellationException e) {
                        // that is done, too
                    } catch (InterruptedException e) {
                        return; // nobody looks any more
                    }
                    arrivals.add(future);
                },
                null);
        Thread.ofVirtual().start(watcher);
        return watcher;
    }
}
