package io.github.procession.benchmarks;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.SharedQueue;
import io.github.procession.benchmarks.Contest.Contender;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// How costs grow, beside CPython's.
///
/// ```text
/// Scale [--rounds 3] [--only REGEX]
/// ```
///
/// Names end in `@` and what grows:
///
/// | figure | what is measured | grows with |
/// |---|---|---|
/// | `open` | a pool, from nothing until each worker has run a task, ms | workers, 1 to 64 |
/// | `tasks` | tasks one by one, tasks/s | workers, 1 to 64 |
/// | `items` | integers mapped in chunks as it comes, items/s | items, 10^3 to 10^7 |
/// | `queue-size` | an item from one process to another, µs | bytes, 8 to 256 MiB |
/// | `result-size` | a result of a task, µs | bytes, 8 to 256 MiB |
/// | `consumers` | integers from one producer, items/s | consumers, 1 to 16 |
public final class Scale {
    private static final double WARM_UP = 1.5; // seconds
    private static final int TASKS = 20_000;
    private static final List<Integer> WORKERS = List.of(1, 2, 4, 8, 16, 32, 64);
    private static final List<Integer> ITEMS = List.of(1_000, 10_000, 100_000, 1_000_000, 10_000_000);
    private static final List<Integer> SIZES =
            List.of(8, 64, 512, 4 << 10, 32 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20, 256 << 20);
    private static final List<Integer> CONSUMERS = List.of(1, 2, 4, 8, 16);
    private static final int ROUND_BYTES = 1 << 28;
    private static final int MOST_OF_A_SIZE = 20_000;
    private static final int FEWEST_OF_A_SIZE = 3;
    private static final int CONSUMED = 200_000;

    private final int rounds;
    private final Pattern only;

    private Scale(Options options) {
        rounds = options.number("--rounds");
        only = options.pattern("--only");
    }

    /// Runs it.
    public static void main(String[] arguments) {
        Machine.describe();
        new Scale(Options.of(arguments, Map.of("--rounds", "3", "--only", ".*"))).run();
    }

    private interface Growing {
        Contender open(int by) throws Exception;
    }

    private void run() {
        grow("open", "ms", WORKERS, Scale::opening);
        grow("tasks", "tasks/s", WORKERS, Scale::tasks);
        grow("items", "items/s", ITEMS, Scale::items);
        grow("queue-size", "us", SIZES, Scale::queued);
        grow("result-size", "us", SIZES, Scale::results);
        grow("consumers", "items/s", CONSUMERS, Scale::consumers);
    }

    private void grow(String figure, String unit, List<Integer> sizes, Growing growing) {
        for (int size : sizes) {
            new Contest(figure + "@" + size, unit, rounds, only)
                    .warmUp(WARM_UP)
                    .add("procession", () -> growing.open(size))
                    .python("cpython", "scale.py", figure, Integer.toString(size))
                    .run();
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private static double seconds(Action action) throws Exception {
        long begin = System.nanoTime();
        action.run();
        return (System.nanoTime() - begin) / 1e9;
    }

    private static Contender of(Pool pool, Contender measure) {
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

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    // ---- pools -----------------------------------------------------------------------------------------------------

    private static Contender opening(int workers) {
        return () -> {
            long begin = System.nanoTime();
            try (var pool = Pool.open(workers);
                    var started = SharedQueue.<Integer>create();
                    var go = SharedQueue.<Integer>create()) {
                var tasks = new ArrayList<Future<?>>();
                for (int i = 0; i < workers; i++) {
                    tasks.add(pool.applyAsync(() -> {
                        started.put(1);
                        return go.take(); // so that each worker has one
                    }));
                }
                for (int i = 0; i < workers; i++) {
                    started.take();
                }
                double millis = (System.nanoTime() - begin) / 1e6;
                for (int i = 0; i < workers; i++) {
                    go.put(1);
                }
                for (var task : tasks) {
                    task.get();
                }
                return millis;
            }
        };
    }

    private static Contender tasks(int workers) {
        var pool = Pool.open(workers);
        var items = numbers(TASKS);
        return of(pool, () -> TASKS / seconds(() -> pool.map(items, n -> n + 1, 1)));
    }

    private static Contender items(int count) {
        var pool = Pool.open(2);
        var items = numbers(count);
        return of(pool, () -> count / seconds(() -> pool.map(items, n -> n + 1)));
    }

    private static int countOf(int bytes) {
        return Math.clamp(ROUND_BYTES / bytes, FEWEST_OF_A_SIZE, MOST_OF_A_SIZE);
    }

    private static Contender results(int bytes) {
        var pool = Pool.open(2);
        int count = countOf(bytes);
        var items = numbers(count);
        return of(
                pool,
                () -> seconds(() -> {
                            try (var results = pool.imap(items, _ -> new byte[bytes])) {
                                results.forEach(result -> check(result.length == bytes));
                            }
                        })
                        * 1e6
                        / count);
    }

    private static void check(boolean right) {
        if (!right) {
            throw new IllegalStateException("a wrong result");
        }
    }

    // ---- queues ----------------------------------------------------------------------------------------------------

    private static void produce(SharedQueue<byte[]> queue, SharedQueue<Integer> orders, int bytes)
            throws InterruptedException {
        var item = new byte[bytes];
        for (int count; (count = orders.take()) > 0; ) {
            for (int i = 0; i < count; i++) {
                queue.put(item);
            }
        }
    }

    private static Contender queued(int bytes) {
        var queue = SharedQueue.<byte[]>create();
        var orders = SharedQueue.<Integer>create(1);
        var producer = ChildProcess.of(Scale::produce, queue, orders, bytes)
                .daemon(true)
                .start();
        int count = countOf(bytes);
        return new Contender() {
            @Override
            public double measure() throws Exception {
                orders.put(count + 1);
                queue.take();
                return seconds(() -> {
                            for (int i = 0; i < count; i++) {
                                check(queue.take().length == bytes);
                            }
                        })
                        * 1e6
                        / count;
            }

            @Override
            public void end() throws InterruptedException {
                orders.put(0);
                producer.join();
                queue.close();
                orders.close();
            }
        };
    }

    private static void consume(SharedQueue<Integer> queue, SharedQueue<Integer> ends) throws InterruptedException {
        while (true) {
            int item = queue.take();
            if (item < 0) {
                return;
            }
            if (item == 0) {
                ends.put(0); // the last of a round
            }
        }
    }

    private static Contender consumers(int consumers) {
        var queue = SharedQueue.<Integer>create();
        var ends = SharedQueue.<Integer>create();
        var processes = new ArrayList<ChildProcess>();
        for (int i = 0; i < consumers; i++) {
            processes.add(
                    ChildProcess.of(Scale::consume, queue, ends).daemon(true).start());
        }
        return new Contender() {
            @Override
            public double measure() throws Exception {
                return CONSUMED
                        / seconds(() -> {
                            for (int i = CONSUMED - 1; i >= 0; i--) {
                                queue.put(i);
                            }
                            ends.take();
                        });
            }

            @Override
            public void end() throws InterruptedException {
                for (int i = 0; i < consumers; i++) {
                    queue.put(-1);
                }
                for (var process : processes) {
                    process.join();
                }
                queue.close();
                ends.close();
            }
        };
    }
}
