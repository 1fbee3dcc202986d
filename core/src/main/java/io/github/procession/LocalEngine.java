package io.github.procession;

import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableFunction;
import io.github.procession.internal.shared.Local;
import io.github.procession.internal.wire.Outcome;
import io.github.procession.internal.wire.Shipment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Tasks in this process: on threads of the pool's own, or in line, on the thread that asks.
final class LocalEngine implements Engine {
    /*
     * In line, what would be sent is serialized and thrown away, so that code which works there works in processes, too.
     * Threads share memory on purpose: nothing is serialized.
     */
    private static final AtomicInteger POOLS = new AtomicInteger();
    private static final int AHEAD_PER_THREAD = 4;

    private final int threads; // 0: in line
    private final @Nullable ThreadPoolExecutor executor; // null: in line
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private final Set<LocalJob> jobs = new HashSet<>(); // not yet ended; guarded by this, like all below
    private boolean open = true;
    private int running;
    private long done;
    private long failed;
    private long busy;

    private LocalEngine(int threads) {
        this.threads = threads;
        if (threads == 0) {
            executor = null;
            return;
        }
        int pool = POOLS.incrementAndGet();
        var numbers = new AtomicInteger();
        executor = new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> new Worker(task, "ThreadPool-%d-%d".formatted(pool, numbers.incrementAndGet())));
    }

    static LocalEngine threads(int count) {
        return new LocalEngine(count);
    }

    static LocalEngine inline() {
        return new LocalEngine(0);
    }

    /// A thread of this pool.
    private final class Worker extends Thread {
        Worker(Runnable task, String name) {
            super(task, name);
            setDaemon(true);
        }

        LocalEngine engine() {
            return LocalEngine.this;
        }
    }

    // ---- tasks -----------------------------------------------------------------------------------------------------

    private boolean isInline() {
        return executor == null;
    }

    /// What a process would refuse is refused in line, too.
    private void check(@Nullable Object value, String what) {
        if (isInline()) {
            var _ = Local.codec().write(value, what, new Shipment());
        }
    }

    @Override
    public Job submit(SerializableCallable<?> task, TaskOptions options, @Nullable Object origin) {
        check(task, "task");
        return start(new LocalJob(1, outcomes -> {
            var result = task.call();
            check(result, "result");
            outcomes.add(new Outcome.Returned(result));
        }));
    }

    @Override
    public Route route(SerializableFunction<?, ?> function) {
        check(function, "function");
        @SuppressWarnings("unchecked")
        var applied = (SerializableFunction<@Nullable Object, @Nullable Object>) function;
        return new Route() {
            @Override
            public Job submit(List<?> items) {
                var chunk = new ArrayList<@Nullable Object>(items);
                check(chunk, "items");
                return start(new LocalJob(chunk.size(), outcomes -> {
                    for (var item : chunk) {
                        var result = applied.apply(item);
                        check(result, "result");
                        outcomes.add(new Outcome.Returned(result));
                    }
                }));
            }

            @Override
            public void depart() {
                // nothing stays
            }

            @Override
            public void close() {
                // nothing is held
            }
        };
    }

    private Job start(LocalJob job) {
        synchronized (this) {
            if (!open) {
                throw new RejectedExecutionException("The pool is closed");
            }
            jobs.add(job);
            if (executor != null) {
                executor.execute(job);
            }
        }
        if (isInline()) {
            job.run();
        }
        return job;
    }

    /// Runs tasks, adding an outcome for each until one fails.
    private interface Body {
        void run(List<Outcome> outcomes) throws Exception;
    }

    /// One thing to run.
    private final class LocalJob implements Job, Runnable {
        private final int size;
        private final Body body;
        private final CompletableFuture<List<Outcome>> end = new CompletableFuture<>();
        private @Nullable Thread runner; // guarded by this
        private volatile long nanos;

        LocalJob(int size, Body body) {
            this.size = size;
            this.body = body;
        }

        @Override
        public void run() {
            long begin = System.nanoTime();
            synchronized (this) {
                if (end.isDone()) {
                    return;
                }
                runner = Thread.currentThread();
            }
            began();
            var outcomes = new ArrayList<Outcome>();
            boolean interrupted = false; // the caller, whose thread this is
            try {
                body.run(outcomes);
            } catch (Throwable failure) {
                interrupted = isInline() && failure instanceof InterruptedException;
                outcomes.add(new Outcome.Threw(
                        failure,
                        isInline() ? Failures.HERE : Thread.currentThread().getName()));
            }
            synchronized (this) {
                runner = null; // race: an interrupt that comes from here on would hit the next task
            }
            if (!isInline()) {
                var _ = Thread.interrupted();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            nanos = System.nanoTime() - begin;
            ran(outcomes, size, nanos);
            end(outcomes);
        }

        private void end(@Nullable List<Outcome> outcomes) {
            ended(this);
            if (outcomes == null) {
                end.cancel(false);
            } else {
                end.complete(outcomes);
            }
        }

        @Override
        public CompletableFuture<?> done() {
            return end.handle((_, _) -> true);
        }

        @Override
        public List<Outcome> outcomes() {
            if (end.isCancelled()) {
                throw new CancellationException("The task was cancelled, or the pool terminated");
            }
            return end.join();
        }

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public void drop() {
            // nothing is held
        }

        @Override
        public void cancel(boolean interrupt) {
            boolean waits;
            synchronized (this) {
                waits = runner == null && !end.isDone();
                if (runner != null && interrupt) {
                    runner.interrupt();
                }
                if (waits) {
                    end.cancel(false); // race: it must not begin any more
                }
            }
            if (waits) {
                ended(this);
                if (executor != null) {
                    executor.remove(this);
                }
            }
        }

        /// Its outcome is wanted by nobody, whether it can be stopped or not.
        private void abandon() {
            synchronized (this) {
                end.cancel(false); // first: what an interrupt makes of it is no outcome
                if (runner != null) {
                    runner.interrupt();
                }
            }
            ended(this);
        }
    }

    private synchronized void began() {
        running++;
    }

    private synchronized void ran(List<Outcome> outcomes, int size, long nanos) {
        running--;
        busy += nanos;
        int failures = outcomes.size() == size && outcomes.getLast() instanceof Outcome.Returned || size == 0 ? 0 : 1;
        failed += failures;
        done += outcomes.size() - failures;
    }

    private void ended(LocalJob job) {
        boolean last;
        synchronized (this) {
            jobs.remove(job);
            last = !open && jobs.isEmpty();
        }
        if (last) {
            finished.complete(null);
        }
    }

    // ---- the pool --------------------------------------------------------------------------------------------------

    @Override
    public int workers() {
        return Math.max(1, threads);
    }

    @Override
    public int ahead() {
        return isInline() ? 1 : AHEAD_PER_THREAD * threads;
    }

    @Override
    public int chunkLimit() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void checkWait() {
        if (Thread.currentThread() instanceof Worker worker && worker.engine() == this) {
            throw new IllegalStateException(
                    "%s is a thread of the pool for which it would wait here: if all did so, none would be left to run what they wait for. Let the task return, and do the rest where its result arrives (thenApply of the future that applyAsync returns), or use another pool inside it"
                            .formatted(Objects.requireNonNull(worker.getName())));
        }
    }

    @Override
    public synchronized PoolStats stats() {
        int waiting = jobs.size() - running;
        return new PoolStats(
                workers(), Math.max(0, waiting), running, done, failed, 0, 0, 0, 0, Duration.ofNanos(busy), List.of());
    }

    @Override
    public synchronized boolean isOpen() {
        return open;
    }

    @Override
    public CompletableFuture<Void> close() {
        boolean last;
        synchronized (this) {
            open = false;
            last = jobs.isEmpty();
        }
        if (executor != null) {
            executor.shutdown();
        }
        if (last) {
            finished.complete(null);
        }
        return finished;
    }

    @Override
    public CompletableFuture<Void> terminate() {
        List<LocalJob> left;
        synchronized (this) {
            open = false;
            left = List.copyOf(jobs);
        }
        left.forEach(LocalJob::abandon);
        if (executor != null) {
            executor.shutdownNow();
        }
        finished.complete(null); // what resists an interrupt cannot be stopped in this process
        return finished;
    }
}
