package io.github.procession.tools;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.ProcessPoolExecutor;
import io.github.procession.SharedLock;
import io.github.procession.SharedQueue;
import io.github.procession.StartMethod;
import io.github.procession.function.SerializableCallable;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Measures the main figures beside those of CPython and of a pool of threads of this JVM, for `procession bench`.
final class Bench {
    private static final int WORKERS = 2;
    private static final int ROUNDS = 5;
    private static final double WARM_UP = 1.5; // seconds
    private static final long PAUSE_MILLIS = 500; // between starts: the next spare boots
    private static final int LESS = 50; // of everything, if it shall be quick
    private static final int AGAIN = 2; // times, if a ratio seems lost

    private final PrintStream out;
    private final boolean quick;
    private final String python;
    private final @Nullable String version;

    /// @param quick whether one small round is enough, to see that it works
    /// @param python a command
    Bench(PrintStream out, boolean quick, String python) {
        this.out = out;
        this.quick = quick;
        this.python = python;
        this.version = version(python);
    }

    private static @Nullable String version(String python) {
        try {
            return PythonContender.version(python);
        } catch (IOException e) {
            return null;
        }
    }

    /// What the figures depend on.
    String machine() {
        return "%d processors, Java %s, %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        Runtime.version().feature(),
                        version == null ? "no Python" : version);
    }

    /// Measures all figures, and prints what it finds.
    ///
    /// @param recorded what to compare the ratios with; what seems lost is measured again
    /// @return a comparison for each figure and peer
    List<Comparison> run(Ratios recorded) throws Exception {
        out.printf(Locale.ROOT, "Procession %s on %s%n", Main.Version.number(), machine());
        if (version == null) {
            out.printf("CPython is left out: there is no %s%n", python);
        }
        out.printf(
                Locale.ROOT,
                "%n%-12s%14s   %-8s%14s%10s   %s%n",
                "figure",
                "Procession",
                "peer",
                "peer's",
                "ratio",
                "by round");
        var all = new ArrayList<Comparison>();
        for (var figure : figures()) {
            var found = measure(figure);
            for (int i = 0; i < AGAIN && found.stream().anyMatch(recorded::hasLost); i++) {
                out.printf("%s seems to have lost: once more%n", figure.name());
                found = measure(figure);
            }
            all.addAll(found);
        }
        out.printf(
                "%nThe ratio says how many times as good Procession is as the peer; less than 1: not as good.%n"
                        + "start and spare: a process, until it speaks, beside spawn and forkserver. round-trip and submit:%n"
                        + "tasks of an executor. map: integers, in chunks and one by one (map-1). lock: a free one, there and back.%n");
        return all;
    }

    private List<Comparison> measure(BenchFigure figure) throws Exception {
        var found = quick ? figure.measure(1, 0, out::println) : figure.measure(ROUNDS, WARM_UP, out::println);
        if (found.beside().isEmpty()) {
            out.printf("%-12s%14s   no peer%n", figure.name(), Comparison.amount(found.ours(), figure.unit()));
        }
        for (var c : found.beside()) {
            out.printf(
                    Locale.ROOT,
                    "%-12s%14s   %-8s%14s%10s   %s to %s%n",
                    c.figure(),
                    Comparison.amount(c.ours(), c.unit()),
                    c.peer(),
                    Comparison.amount(c.theirs(), c.unit()),
                    Comparison.three(c.ratio()),
                    Comparison.three(c.least()),
                    Comparison.three(c.most()));
        }
        out.flush();
        return found.beside();
    }

    // ---- the figures -----------------------------------------------------------------------------------------------

    private List<BenchFigure> figures() {
        return List.of(
                figure("round-trip", "us", () -> trips(ProcessPoolExecutor.open(WORKERS), some(10_000)), 2000)
                        .beside("threads", () -> trips(Executors.newFixedThreadPool(WORKERS), some(10_000))),
                figure("submit", "tasks/s", () -> submissions(ProcessPoolExecutor.open(WORKERS), some(100_000)), 5000)
                        .beside("threads", () -> submissions(Executors.newFixedThreadPool(WORKERS), some(100_000))),
                figure("map", "items/s", () -> maps(some(100_000), 0), 100_000),
                figure("map-1", "items/s", () -> maps(some(100_000), 1), 50_000),
                figure("queue", "items/s", () -> queued(some(1_000_000)), 50_000),
                figure("lock", "ns", () -> locked(some(5_000_000)), 200_000),
                figure("start", "ms", () -> starts(StartMethod.SPAWN), 1),
                figure("spare", "ms", () -> starts(StartMethod.SPARE), 1));
    }

    private int some(int count) {
        return quick ? Math.max(1, count / LESS) : count;
    }

    /// @param count how many of it Python does at once
    private BenchFigure figure(String name, String unit, Contender.Opening ours, int count) {
        var figure = new BenchFigure(name, unit, ours);
        return version == null
                ? figure
                : figure.beside("cpython", () -> PythonContender.open(python, name, some(count)));
    }

    private interface Measure {
        double measure() throws Exception;
    }

    private static Contender of(Measure measure, Action end) {
        return new Contender() {
            @Override
            public double measure() throws Exception {
                return measure.measure();
            }

            @Override
            public void end() throws Exception {
                end.run();
            }
        };
    }

    private interface Action {
        void run() throws Exception;
    }

    private static double seconds(Action action) throws Exception {
        long begin = System.nanoTime();
        action.run();
        return (System.nanoTime() - begin) / 1e9;
    }

    private static SerializableCallable<Integer> next(int n) {
        return () -> n + 1;
    }

    private static Contender trips(ExecutorService executor, int count) {
        Callable<Integer> task = next(3);
        return of(
                () -> seconds(() -> {
                            for (int i = 0; i < count; i++) {
                                executor.submit(task).get();
                            }
                        })
                        * 1e6
                        / count,
                executor::close);
    }

    private static Contender submissions(ExecutorService executor, int count) {
        return of(
                () -> count
                        / seconds(() -> {
                            var futures = new ArrayList<Future<Integer>>(count);
                            for (int i = 0; i < count; i++) {
                                futures.add(executor.submit((Callable<Integer>) next(i)));
                            }
                            for (var future : futures) {
                                future.get();
                            }
                        }),
                executor::close);
    }

    /// @param chunk 0 for what the pool chooses
    private static Contender maps(int count, int chunk) {
        var pool = Pool.open(WORKERS);
        var items = IntStream.range(0, count).boxed().toList();
        return of(
                () -> count
                        / seconds(() -> {
                            var _ = chunk == 0 ? pool.map(items, n -> n + 1) : pool.map(items, n -> n + 1, chunk);
                        }),
                pool::close);
    }

    private static void produce(SharedQueue<Integer> queue, SharedQueue<Integer> orders) throws InterruptedException {
        for (int count; (count = orders.take()) > 0; ) {
            for (int i = 0; i < count; i++) {
                queue.put(i);
            }
        }
    }

    private static Contender queued(int count) {
        var queue = SharedQueue.<Integer>create();
        var orders = SharedQueue.<Integer>create(1);
        var producer =
                ChildProcess.of(Bench::produce, queue, orders).daemon(true).start();
        return of(
                () -> {
                    orders.put(count + 1);
                    queue.take();
                    return count
                            / seconds(() -> {
                                for (int i = 0; i < count; i++) {
                                    queue.take();
                                }
                            });
                },
                () -> {
                    orders.put(0);
                    producer.join();
                    queue.close();
                    orders.close();
                });
    }

    @SuppressWarnings("LockNotBeforeTry") // a failure would be the end of it all
    private static Contender locked(int count) {
        var lock = SharedLock.create();
        return of(
                () -> seconds(() -> {
                            for (int i = 0; i < count; i++) {
                                lock.lock();
                                lock.unlock();
                            }
                        })
                        * 1e9
                        / count,
                lock::close);
    }

    private static void speak(SharedQueue<Integer> queue) throws InterruptedException {
        queue.put(1);
    }

    private static Contender starts(StartMethod method) {
        var queue = SharedQueue.<Integer>create(1);
        return of(
                () -> {
                    TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
                    long begin = System.nanoTime();
                    var child = ChildProcess.of(Bench::speak, queue)
                            .options(o -> o.startMethod(method))
                            .start();
                    queue.take();
                    double millis = (System.nanoTime() - begin) / 1e6;
                    child.join();
                    return millis;
                },
                queue::close);
    }
}
