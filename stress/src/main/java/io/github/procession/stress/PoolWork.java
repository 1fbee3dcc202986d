package io.github.procession.stress;

import io.github.procession.Attempt;
import io.github.procession.Pool;
import io.github.procession.PoolOptions;
import io.github.procession.ProcessPoolExecutor;
import io.github.procession.TaskTimeoutException;
import io.github.procession.WorkerCrashedException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/// Tasks for pools and executors of all kinds of options: each result is right, each task runs once at the most unless it may
/// be retried, what never ends is ended, and only tasks of workers that were killed crash.
final class PoolWork {
    private static final int WORKERS = 2;
    private static final int ITEMS = 40;
    private static final int ROUNDS = 500;
    private static final int RETRIES = 50; // as often as anything may be killed at the wrong moment
    private static final Duration LIMIT = Duration.ofMillis(20);
    private static final AtomicBoolean KNOWN = new AtomicBoolean();

    private final Member member;

    PoolWork(Member member) {
        this.member = member;
    }

    void play() throws InterruptedException {
        while (member.goesOn()) {
            if (member.random().nextBoolean()) {
                playPool();
            } else {
                playExecutor();
            }
        }
    }

    private void playPool() throws InterruptedException {
        try (var pool = Pool.open(this::options)) {
            for (int i = 0; i < ROUNDS && member.goesOn(); i++) {
                work(() -> {
                    switch (member.random().nextInt(4)) {
                        case 0 -> map(pool);
                        case 1 -> apply(pool);
                        case 2 -> stream(pool);
                        default -> attempt(pool);
                    }
                });
            }
        }
    }

    private void playExecutor() throws InterruptedException {
        try (var executor = ProcessPoolExecutor.open(this::options)) {
            for (int i = 0; i < ROUNDS && member.goesOn(); i++) {
                work(() -> {
                    switch (member.random().nextInt(16)) {
                        case 0 -> executor.resize(member.random().nextInt(1, WORKERS + 1));
                        case 1 -> neverEnding(executor);
                        case 2 -> cancelled(executor);
                        case 3, 4, 5 -> retried(executor);
                        default -> submit(executor);
                    }
                });
            }
        }
    }

    private PoolOptions options(PoolOptions options) {
        var sized = options.workers(WORKERS).process(p -> Crew.options(p, member.shares()));
        return switch (member.random().nextInt(4)) {
            case 0 -> sized.maxTasksPerWorker(member.random().nextInt(1, 100));
            case 1 -> sized.idleTimeout(Duration.ofMillis(5));
            case 2 -> sized.maxWorkerMemory("200m");
            default -> sized;
        };
    }

    /// One thing that is asked of a pool.
    @FunctionalInterface
    private interface Round {
        void play() throws InterruptedException, ExecutionException;
    }

    private void work(Round round) throws InterruptedException {
        try {
            round.play();
            member.done();
        } catch (WorkerCrashedException e) {
            judge(e);
        } catch (CancellationException e) { // how a stream says that it was interrupted
            if (!Thread.interrupted()) {
                throw e;
            }
            throw new InterruptedException(e.getMessage());
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof WorkerCrashedException crash)) {
                throw new IllegalStateException(e);
            }
            judge(crash);
        }
    }

    private void map(Pool pool) throws InterruptedException {
        long first = announce(ITEMS);
        var items = items();
        int base = items.getFirst();
        var file = file();
        var name = name();
        List<Integer> results = pool.map(items, n -> square(file, name, first + n - base, n));
        member.check(results.equals(squares(items)), "map of %s gave %s", items, results);
        checkRan(first, ITEMS);
    }

    private void stream(Pool pool) {
        long first = announce(ITEMS);
        var items = items();
        int base = items.getFirst();
        var file = file();
        var name = name();
        try (var stream = pool.imap(items, n -> square(file, name, first + n - base, n))) {
            var results = stream.toList();
            member.check(results.equals(squares(items)), "imap of %s gave %s", items, results);
        }
        checkRan(first, ITEMS);
    }

    private void attempt(Pool pool) {
        long first = announce(ITEMS);
        var items = items();
        int base = items.getFirst();
        var file = file();
        var name = name();
        try (var stream = pool.attempt(items, n -> square(file, name, first + n - base, n))) {
            var results = stream.toList();
            member.check(results.size() == ITEMS, "%d of %d attempts", results.size(), ITEMS);
            for (int i = 0; i < results.size(); i++) {
                int item = items.get(i);
                switch (results.get(i)) {
                    case Attempt.Success(Integer n, Integer square) -> {
                        member.check(
                                n == item && square == item * item, "%s is no success of %d", results.get(i), item);
                        checkRan(first + i, 1);
                    }
                    case Attempt.Failure(Integer n, WorkerCrashedException crash) when n == item -> judge(crash);
                    case Attempt.Failure<Integer, Integer> other -> member.check(false, "%s", other);
                }
            }
        }
    }

    private void apply(Pool pool) throws InterruptedException {
        long item = announce(1);
        int number = number();
        var file = file();
        var name = name();
        int result = pool.apply(() -> square(file, name, item, number));
        member.check(result == number * number, "apply of %d gave %d", number, result);
        checkRan(item, 1);
    }

    private void submit(ProcessPoolExecutor executor) throws InterruptedException, ExecutionException {
        long item = announce(1);
        int number = number();
        var file = file();
        var name = name();
        int result = executor.submit(() -> square(file, name, item, number)).get();
        member.check(result == number * number, "submit of %d gave %d", number, result);
        checkRan(item, 1);
    }

    private void retried(ProcessPoolExecutor executor) throws InterruptedException, ExecutionException {
        int number = number();
        var file = file();
        var name = name();
        int result = executor.submit(() -> square(file, name, number), o -> o.retries(RETRIES))
                .get();
        member.check(result == number * number, "submit of %d with retries gave %d", number, result);
    }

    private void neverEnding(ProcessPoolExecutor executor) throws InterruptedException, ExecutionException {
        var file = file();
        var name = name();
        boolean heeds = member.random().nextBoolean();
        try {
            executor.submit(() -> spin(file, name, heeds), o -> o.timeout(LIMIT))
                    .get();
            member.check(false, "what never ends has ended");
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TaskTimeoutException)) {
                throw e;
            }
        }
    }

    private void cancelled(ProcessPoolExecutor executor) throws InterruptedException {
        var file = file();
        var name = name();
        var future = executor.submit(() -> spin(file, name, true));
        member.pause();
        member.check(future.cancel(true) || future.isDone(), "%s cannot be cancelled", future);
        member.check(future.isDone(), "%s was cancelled and is not done", future);
        if (future.state() == Future.State.FAILED && future.exceptionNow() instanceof WorkerCrashedException crash) {
            judge(crash);
        } else {
            member.check(future.isCancelled(), "%s is not cancelled", future);
        }
    }

    private List<Integer> items() {
        int base = number();
        return IntStream.range(base, base + ITEMS).boxed().toList();
    }

    private static List<Integer> squares(List<Integer> items) {
        return items.stream().map(n -> n * n).toList();
    }

    private int number() {
        return member.random().nextInt(1 << 14);
    }

    private String file() {
        return member.shares().ledger();
    }

    private String name() {
        return member.life().seat() + "/worker";
    }

    /// @return the number of the first of so many tasks; the others' follow
    private long announce(int tasks) {
        return member.ledger().announce(Activity.POOL, tasks);
    }

    private void checkRan(long first, int tasks) {
        for (long task = first; task < first + tasks; task++) {
            member.check(member.ledger().isTakenOnce(task), "task %d has a result and did not run once", task);
        }
    }

    private void judge(WorkerCrashedException crash) {
        boolean killed = member.ledger().isDoomed(crash.pid()) || Member.isDying(member.ledger());
        member.check(killed, "a worker died and nobody had killed it: %s", crash);
    }

    /// The task, which runs once.
    static int square(String file, String name, long task, int number) {
        var ledger = ledger(file, name);
        ledger.taken(Activity.POOL, task);
        return number * number;
    }

    /// The task, which may run again after a crash.
    static int square(String file, String name, int number) {
        ledger(file, name);
        return number * number;
    }

    /// A task without an end.
    static void spin(String file, String name, boolean heeds) {
        ledger(file, name);
        while (!heeds || !Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
    }

    private static Ledger ledger(String file, String name) {
        var ledger = Member.ledger(file);
        if (KNOWN.compareAndSet(false, true)) {
            ledger.begin(Activity.POOL, name, ProcessHandle.current().pid());
        }
        return ledger;
    }
}
