package io.github.procession.benchmarks;

import io.github.procession.Pool;
import io.github.procession.ProcessPoolExecutor;
import io.github.procession.Shared;
import io.github.procession.SharedByteArray;
import io.github.procession.benchmarks.Contest.Contender;
import io.github.procession.function.SerializableCallable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import net.viktorc.pp4j.impl.ProcessExecutors;

/// Tasks in pools of two workers, beside a pool of two threads of this JVM, CPython's `Pool` and `ProcessPoolExecutor`, and PP4J.
///
/// ```text
/// Pools [--rounds 5] [--only REGEX]
/// ```
///
/// | figure | what is measured |
/// |---|---|
/// | `trip` | one task and its result, before the next one |
/// | `submit` | tasks that are all handed in, and then waited for |
/// | `map`, `map-1` | 100,000 integers, in chunks as it comes, or one by one |
/// | `results-1m` | tasks that return a mebibyte each |
/// | `array` | 100 MiB that are in the heap of the parent, put where 1,000 tasks can read them, until these are done |
/// | `short`, `short-1` | 10,000 tasks of 100 µs by the clock: the part of the time in which workers work, with a map or by one |
public final class Pools {
    private static final int WORKERS = 2;
    private static final long ROUND = 300_000_000;
    private static final int BATCH = 100;
    private static final int SUBMITTED = 100_000;
    private static final int MAPPED = 100_000;
    private static final int LARGE = 1 << 20;
    private static final int LARGE_TASKS = 200;
    private static final int ARRAY = 100 << 20;
    private static final int ARRAY_TASKS = 1000;
    private static final int PAGE = 4096;
    private static final int SHORT_TASKS = 10_000;
    private static final long SHORT = 100_000;

    /// PP4J is slower by orders of magnitude: fewer tasks are enough.
    private static final int FEWER = 50;

    private final int rounds;
    private final Pattern only;

    private Pools(Options options) {
        rounds = options.number("--rounds");
        only = options.pattern("--only");
    }

    /// Runs it.
    public static void main(String[] arguments) {
        Machine.describe();
        new Pools(Options.of(arguments, Map.of("--rounds", "5", "--only", ".*"))).run();
        System.exit(0); // a peer leaves threads behind
    }

    private void run() {
        contest("trip", "ns")
                .add("procession", () -> trips(ours()))
                .add("procession-apply", Pools::applications)
                .add("threads", () -> trips(threads()))
                .add("pp4j", () -> trips(pp4j()))
                .python("cpython-executor", "pools.py", "executor-trip")
                .python("cpython-pool", "pools.py", "pool-trip")
                .run();
        contest("submit", "tasks/s")
                .add("procession", () -> submissions(ours(), SUBMITTED, Pools::next))
                .add("threads", () -> submissions(threads(), SUBMITTED, Pools::next))
                .add("pp4j", () -> submissions(pp4j(), SUBMITTED / FEWER, Pools::next))
                .python("cpython-executor", "pools.py", "executor-submit")
                .python("cpython-pool", "pools.py", "pool-submit")
                .run();
        contest("map", "items/s")
                .add("procession", () -> maps(0))
                .python("cpython-pool", "pools.py", "pool-map")
                .run();
        contest("map-1", "items/s")
                .add("procession", () -> maps(1))
                .add("threads", () -> allOf(threads(), MAPPED))
                .add("pp4j", () -> allOf(pp4j(), MAPPED / FEWER))
                .python("cpython-pool", "pools.py", "pool-map-1")
                .python("cpython-executor", "pools.py", "executor-map-1")
                .run();
        contest("results-1m", "results/s")
                .add("procession", () -> submissions(ours(), LARGE_TASKS, Pools::large))
                .add("threads", () -> submissions(threads(), LARGE_TASKS, Pools::large))
                .add("pp4j", () -> submissions(pp4j(), LARGE_TASKS / FEWER, Pools::large))
                .python("cpython-executor", "pools.py", "executor-large")
                .python("cpython-pool", "pools.py", "pool-large")
                .run();
        contest("array", "ms")
                .add("procession-array", () -> arrays(Pools::sharedArray))
                .add("procession-object", () -> arrays(Pools::sharedObject))
                .add("threads", Pools::arrayOfThreads)
                .python("cpython-shared-memory", "pools.py", "array-shared")
                .python("cpython-new-pool", "pools.py", "array-forked")
                .run();
        contest("short", "%")
                .add("procession", () -> shortMaps(0))
                .python("cpython-pool", "pools.py", "pool-short")
                .run();
        contest("short-1", "%")
                .add("procession", () -> shortMaps(1))
                .add("procession-submit", () -> shortTasks(ours(), SHORT_TASKS))
                .add("threads", () -> shortTasks(threads(), SHORT_TASKS))
                .add("pp4j", () -> shortTasks(pp4j(), SHORT_TASKS / FEWER))
                .python("cpython-pool", "pools.py", "pool-short-1")
                .python("cpython-executor", "pools.py", "executor-short-1")
                .run();
    }

    private Contest contest(String figure, String unit) {
        return new Contest(figure, unit, rounds, only);
    }

    // ---- contenders ------------------------------------------------------------------------------------------------

    private static ExecutorService ours() {
        return ProcessPoolExecutor.open(WORKERS);
    }

    private static ExecutorService threads() {
        return Executors.newFixedThreadPool(WORKERS);
    }

    private static ExecutorService pp4j() throws InterruptedException {
        return ProcessExecutors.newFixedJavaProcessPool(WORKERS);
    }

    private interface Measure {
        double measure() throws Exception;
    }

    private static Contender of(ExecutorService executor, Measure measure) {
        return new Contender() {
            @Override
            public double measure() throws Exception {
                return measure.measure();
            }

            @Override
            public void end() {
                executor.shutdownNow();
            }
        };
    }

    private static Contender of(Pool pool, Measure measure) {
        return new Contender() {
            @Override
            public double measure() throws Exception {
                return measure.measure();
            }

            @Override
            public void end() {
                pool.close();
            }
        };
    }

    // ---- tasks -----------------------------------------------------------------------------------------------------

    private static SerializableCallable<Integer> next(int n) {
        return () -> n + 1;
    }

    private static SerializableCallable<byte[]> large(int n) {
        return () -> mebibyte(n);
    }

    private static byte[] mebibyte(int n) {
        var bytes = new byte[LARGE];
        bytes[0] = (byte) n;
        return bytes;
    }

    private static int work(int n) {
        long end = System.nanoTime() + SHORT;
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
        return n;
    }

    // ---- figures ---------------------------------------------------------------------------------------------------

    private static double timeOf(Callable<?> step) throws Exception {
        long begin = System.nanoTime();
        long count = 0;
        long nanos;
        do {
            for (int i = 0; i < BATCH; i++) {
                step.call();
            }
            count += BATCH;
            nanos = System.nanoTime() - begin;
        } while (nanos < ROUND);
        return (double) nanos / count;
    }

    private static Contender trips(ExecutorService executor) {
        var task = next(3);
        return of(
                executor,
                () -> timeOf(() -> executor.submit((Callable<Integer>) task).get()));
    }

    private static Contender applications() {
        var pool = Pool.open(WORKERS);
        var task = next(3);
        return of(pool, () -> timeOf(() -> pool.apply(task)));
    }

    private static <T> double rateOf(ExecutorService executor, int count, IntFunction<? extends Callable<T>> task)
            throws Exception {
        var futures = new ArrayList<Future<T>>(count);
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            futures.add(executor.submit(task.apply(i)));
        }
        for (var future : futures) {
            future.get();
        }
        return count * 1e9 / (System.nanoTime() - begin);
    }

    private static <T> Contender submissions(
            ExecutorService executor, int count, IntFunction<? extends Callable<T>> task) {
        return of(executor, () -> rateOf(executor, count, task));
    }

    private static Contender allOf(ExecutorService executor, int count) {
        var tasks = IntStream.range(0, count)
                .mapToObj(n -> (Callable<Integer>) next(n))
                .toList();
        return of(executor, () -> {
            long begin = System.nanoTime();
            for (var future : executor.invokeAll(tasks)) {
                future.get();
            }
            return count * 1e9 / (System.nanoTime() - begin);
        });
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    /// @param chunk 0 for what the pool chooses
    private static Contender maps(int chunk) {
        var pool = Pool.open(WORKERS);
        var items = numbers(MAPPED);
        return of(pool, () -> {
            long begin = System.nanoTime();
            var next = chunk == 0 ? pool.map(items, n -> n + 1) : pool.map(items, n -> n + 1, chunk);
            long nanos = System.nanoTime() - begin;
            if (next.get(MAPPED - 1) != MAPPED) {
                throw new IllegalStateException("a wrong result");
            }
            return MAPPED * 1e9 / nanos;
        });
    }

    private static Contender shortMaps(int chunk) {
        var pool = Pool.open(WORKERS);
        var items = numbers(SHORT_TASKS);
        return of(pool, () -> {
            long begin = System.nanoTime();
            var _ = chunk == 0 ? pool.map(items, Pools::work) : pool.map(items, Pools::work, chunk);
            return efficiency(SHORT_TASKS, (double) (System.nanoTime() - begin));
        });
    }

    private static Contender shortTasks(ExecutorService executor, int count) {
        return of(executor, () -> {
            IntFunction<SerializableCallable<Integer>> task = n -> () -> work(n);
            return efficiency(count, count * 1e9 / rateOf(executor, count, task));
        });
    }

    private static double efficiency(int tasks, double nanos) {
        return 100.0 * tasks * (double) SHORT / WORKERS / nanos;
    }

    // ---- an array --------------------------------------------------------------------------------------------------

    private interface Sharing {
        void run(Pool pool, byte[] bytes, List<Integer> tasks) throws InterruptedException;
    }

    private static Contender arrays(Sharing sharing) {
        var pool = Pool.open(WORKERS);
        var bytes = new byte[ARRAY];
        var tasks = numbers(ARRAY_TASKS);
        return of(pool, () -> {
            long begin = System.nanoTime();
            sharing.run(pool, bytes, tasks);
            return (System.nanoTime() - begin) / 1e6;
        });
    }

    private static void sharedArray(Pool pool, byte[] bytes, List<Integer> tasks) throws InterruptedException {
        try (var shared = SharedByteArray.of(bytes)) {
            pool.map(tasks, task -> {
                int sum = 0;
                for (int i = from(task); i < from(task + 1); i += PAGE) {
                    sum += shared.get(i);
                }
                return sum;
            });
        }
    }

    private static void sharedObject(Pool pool, byte[] bytes, List<Integer> tasks) throws InterruptedException {
        try (var shared = Shared.of(bytes)) {
            pool.map(tasks, task -> sum(shared.get(), task));
        }
    }

    private static Contender arrayOfThreads() {
        var executor = threads();
        var bytes = new byte[ARRAY];
        return of(executor, () -> {
            IntFunction<Callable<Integer>> task = n -> () -> sum(bytes, n);
            return ARRAY_TASKS * 1e3 / rateOf(executor, ARRAY_TASKS, task);
        });
    }

    private static int from(int task) {
        return (int) ((long) ARRAY * task / ARRAY_TASKS);
    }

    /// Of one byte of each page of the task's part.
    private static int sum(byte[] bytes, int task) {
        int sum = 0;
        for (int i = from(task); i < from(task + 1); i += PAGE) {
            sum += bytes[i];
        }
        return sum;
    }
}
