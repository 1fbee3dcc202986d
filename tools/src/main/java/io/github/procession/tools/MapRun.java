package io.github.procession.tools;

import io.github.procession.Pool;
import io.github.procession.PoolOptions;
import io.github.procession.ProcessFuture;
import io.github.procession.SharedQueue;
import io.github.procession.WorkerCrashedException;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One run of `procession map`: inputs in, results and failures out, in the order of the inputs.
final class MapRun {
    /*
     *   reader thread                      pool                        this thread
     *   next input ── slot free? ────────► attempt 1 ──► outcome ────► print, in order
     *        └──────────── entry ──────────────┼──────── inOrder ─────────┘
     *                                          ├ crashed: attempt 2 …
     *   begun thread ◄── begun (a queue) ── attempt: starts its time ──► cancel
     *
     * Two bounds keep memory small however many inputs there are: `slots`, of inputs that are with the pool, and the capacity
     * of `inOrder`, of inputs whose outcome is not printed yet. The time of an attempt starts when the worker says that it
     * has begun, so neither the start of a JVM nor waiting for a worker counts.
     */
    private static final int SLOTS_PER_WORKER = 2; // one that runs and the next
    private static final int AHEAD_PER_WORKER = 32; // results that wait for one before them

    /// As of a program that has been ended by SIGPIPE.
    static final int BROKEN_PIPE = 128 + 13;

    private static final int SOME_FAILED = 1;

    private final Settings settings;
    private final Inputs inputs;
    private final Progress progress;
    private final Pool pool;
    private final @Nullable SharedQueue<Long> begun;
    private final Semaphore slots;
    private final BlockingQueue<Entry> inOrder;
    private final AtomicLong attempts = new AtomicLong();
    private final Map<Long, Attempt> running = new ConcurrentHashMap<>(); // those with a limit, by number
    private final ScheduledThreadPoolExecutor clock;

    /// What to do.
    ///
    /// @param reference the method
    /// @param pool      its workers
    /// @param limit     for each attempt
    /// @param retries   after a crash
    record Settings(
            MethodReference reference,
            UnaryOperator<PoolOptions> pool,
            @Nullable Duration limit,
            int retries) {}

    /// An input on its way.
    ///
    /// @param input   null at the end of the inputs
    /// @param outcome completed once
    private record Entry(@Nullable String input, CompletableFuture<Outcome> outcome) {
        static Entry of(@Nullable String input) {
            return new Entry(input, new CompletableFuture<>());
        }
    }

    /// What an input has come to.
    private sealed interface Outcome {
        record Value(String text) implements Outcome {}

        record Done() implements Outcome {}

        record Failed(String why) implements Outcome {}

        /// No further input can succeed.
        record Hopeless(String why) implements Outcome {}

        /// There are no more inputs.
        record End() implements Outcome {}
    }

    MapRun(Settings settings, Inputs inputs, Progress progress) {
        this.settings = settings;
        this.inputs = inputs;
        this.progress = progress;
        pool = Pool.open(settings.pool);
        slots = new Semaphore(SLOTS_PER_WORKER * pool.workers());
        inOrder = new ArrayBlockingQueue<>(AHEAD_PER_WORKER * pool.workers());
        begun = settings.limit == null ? null : SharedQueue.create(2 * SLOTS_PER_WORKER * pool.workers());
        clock = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("map-clock").factory());
        clock.setRemoveOnCancelPolicy(true);
    }

    /// Does it all.
    ///
    /// @return the exit code
    int run() throws InterruptedException {
        Thread.ofPlatform().daemon().name("map-reader").start(this::read);
        if (begun != null) {
            Thread.ofPlatform().daemon().name("map-begun").start(() -> takeBegun(begun));
        }
        PrintStream out = System.out;
        var ofWorkers = new WithoutCrashPages(out, System.err);
        System.setOut(new PrintStream(ofWorkers, false, out.charset()));
        try {
            return print(out, ofWorkers);
        } finally {
            System.setOut(out);
            pool.terminate(); // all is settled, or nobody wants to know it
            clock.shutdownNow();
            if (begun != null) {
                begun.close();
            }
        }
    }

    // ---- the reader's thread ---------------------------------------------------------------------------------------

    private void read() {
        try {
            String input;
            do {
                slots.acquire();
                input = inputs.next();
                var entry = Entry.of(input);
                if (input == null) {
                    entry.outcome.complete(new Outcome.End());
                } else {
                    new Attempt(entry, input, 1).start();
                }
                inOrder.put(entry);
            } while (input != null);
        } catch (IOException e) {
            giveUp(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does that
        } catch (RuntimeException | Error e) {
            giveUp("the inputs cannot be read: " + e);
        }
    }

    private void giveUp(String why) {
        var last = Entry.of(null);
        last.outcome.complete(new Outcome.Hopeless(why));
        try {
            inOrder.put(last);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- attempts --------------------------------------------------------------------------------------------------

    /// One input with one worker.
    private final class Attempt {
        private final Entry entry;
        private final String input;
        private final int ordinal;
        private final long number = attempts.incrementAndGet();
        private final CompletableFuture<ProcessFuture<MapTask.Answer>> submitted = new CompletableFuture<>();
        private volatile boolean late; // set before it is cancelled for that

        Attempt(Entry entry, String input, int ordinal) {
            this.entry = entry;
            this.input = input;
            this.ordinal = ordinal;
        }

        void start() {
            if (begun != null) {
                running.put(number, this); // race: the worker may say that it has begun before applyAsync returns
            }
            try {
                var future = pool.applyAsync(new MapTask(settings.reference, input, number, begun));
                future.whenComplete(this::ended);
                submitted.complete(future);
            } catch (RuntimeException e) { // of a pool that can have no workers
                settle(new Outcome.Hopeless(String.valueOf(e.getMessage())));
            }
        }

        /// The worker has begun.
        void startTime(Duration limit) {
            var alarm = clock.schedule(this::stop, limit.toNanos(), TimeUnit.NANOSECONDS);
            submitted.thenAccept(future -> future.whenComplete((_, _) -> alarm.cancel(false)));
        }

        private void stop() {
            late = true;
            submitted.thenAccept(future -> future.cancel(true)); // race: if it has ended this does nothing
        }

        private void ended(MapTask.@Nullable Answer answer, @Nullable Throwable failure) {
            running.remove(number);
            if (failure instanceof WorkerCrashedException && ordinal <= settings.retries) {
                new Attempt(entry, input, ordinal + 1).start();
            } else {
                settle(answer != null ? outcome(answer) : outcome(failure));
            }
        }

        private static Outcome outcome(MapTask.Answer answer) {
            return switch (answer) {
                case MapTask.Answer.Value(String text) -> new Outcome.Value(text);
                case MapTask.Answer.Done() -> new Outcome.Done();
                case MapTask.Answer.Threw(String trace) -> new Outcome.Failed(trace);
            };
        }

        private Outcome outcome(@Nullable Throwable failure) {
            return switch (failure) {
                case WorkerCrashedException crash ->
                    new Outcome.Failed(
                            crash.getMessage() + (ordinal == 1 ? "" : "\n  tried:    %d times".formatted(ordinal)));
                case CancellationException _
                when late ->
                    new Outcome.Failed(
                            "it ran longer than %s, the limit of --timeout; it was interrupted, and what does not heed that is killed with its worker"
                                    .formatted(Durations.text(settings.limit)));
                case CancellationException _ -> new Outcome.Hopeless("the pool has been terminated");
                case IllegalStateException broken -> new Outcome.Hopeless(String.valueOf(broken.getMessage()));
                case null -> new Outcome.Failed("it has no result");
                default -> new Outcome.Failed(failure.toString());
            };
        }

        private void settle(Outcome outcome) {
            running.remove(number);
            progress.count(outcome instanceof Outcome.Failed);
            entry.outcome.complete(outcome);
            slots.release();
        }
    }

    private void takeBegun(SharedQueue<Long> queue) {
        var limit = settings.limit;
        try {
            while (limit != null) {
                var attempt = running.get(queue.take());
                if (attempt != null) {
                    attempt.startTime(limit);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // the run is over: the queue is closed, or the clock stopped
        }
    }

    // ---- the thread that runs it -----------------------------------------------------------------------------------

    private int print(PrintStream out, WithoutCrashPages ofWorkers) throws InterruptedException {
        long printed = 0;
        long failed = 0;
        while (true) {
            var entry = inOrder.take();
            switch (outcome(entry)) {
                case Outcome.Value(String text) -> out.println(text);
                case Outcome.Done() -> {}
                case Outcome.Failed(String why) -> {
                    failed++;
                    complain(entry.input + ": " + why);
                }
                case Outcome.Hopeless(String why) -> {
                    complain(why);
                    return SOME_FAILED;
                }
                case Outcome.End() -> {
                    pool.close(); // workers end as they like to, and what they print comes first
                    ofWorkers.close();
                    progress.close();
                    if (failed > 0) {
                        complain("%,d of %,d inputs failed".formatted(failed, printed));
                    }
                    return failed == 0 ? 0 : SOME_FAILED;
                }
            }
            printed++;
            if (out.checkError()) { // flushes; what workers print counts as well
                return BROKEN_PIPE;
            }
        }
    }

    private static Outcome outcome(Entry entry) throws InterruptedException {
        try {
            return entry.outcome.get();
        } catch (ExecutionException e) {
            throw new AssertionError("an outcome is a value", e);
        }
    }

    private static void complain(String message) {
        System.err.println("procession map: " + message);
        System.err.flush();
    }
}
