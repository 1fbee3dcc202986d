package io.github.procession.benchmarks;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.ProcessFuture;
import io.github.procession.ProcessPoolExecutor;
import io.github.procession.benchmarks.Contest.Contender;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Memory and processor time.
///
/// ```text
/// Footprint [--rounds 5] [--only REGEX] [--workers 4] [--tasks 10000000] [--idle-seconds 60]
/// ```
///
/// | figure | what is measured |
/// |---|---|
/// | `new-worker-rss`, `new-worker-private`, `new-worker-pss` | memory of each worker that has not done anything yet |
/// | `worker-rss`, `worker-private`, `worker-pss` | memory of each worker after 10,000 small tasks, in MB of a million bytes; beside a worker of CPython's, and a JVM that only sleeps |
/// | `rested-worker-…` | the same after some more seconds, in which they had nothing to do |
/// | `parent-heap`, `parent-private`, `parent-rss` | what each worker costs its parent, in kB: 17 workers against 1 |
/// | `flat-…` | memory and descriptors of parent and workers after each tenth of so many tasks |
/// | `idle-parent`, `idle-worker` | processor time, in ms a minute, of those who have nothing to do |
/// | `bound` | tasks that compute: 8 workers beside 2, by one and in chunks |
public final class Footprint {
    private static final int SOME = 10_000;
    private static final int CHUNK = 10;
    private static final long SETTLING = 3_000;
    private static final long RESTING = 10_000; // until a worker gives back memory, and some more
    private static final long MAKING = 10_000;
    private static final int FEW = 1;
    private static final int MANY = 17;
    private static final int STEPS = 10;
    private static final int MAPPED = 100_000;
    private static final int SUBMITTED_OF = 5; // one task of so many is submitted, the others are mapped
    private static final int LARGEST = 8000;
    private static final int BOUND_TASKS = 2_000;
    private static final int TOO_MANY = 8;
    private static final int RIGHT = 2;

    private final Options options;
    private final int rounds;
    private final int workers;
    private final Pattern only;
    private final Map<String, Series> series = new LinkedHashMap<>();

    private Footprint(Options options) {
        this.options = options;
        rounds = options.number("--rounds");
        workers = options.number("--workers");
        only = options.pattern("--only");
    }

    /// Runs it.
    public static void main(String[] arguments) throws Exception {
        var options = Options.of(
                arguments,
                Map.of(
                        "--rounds",
                        "5",
                        "--only",
                        ".*",
                        "--workers",
                        "4",
                        "--tasks",
                        "10000000",
                        "--idle-seconds",
                        "60"));
        Machine.describe();
        new Footprint(options).run();
    }

    private void run() throws Exception {
        if (wanted("idle-parent", "idle-worker", "worker-rss", "worker-private", "worker-pss", "new-worker-rss")) {
            Thread.sleep(makeCache());
            newWorkers();
            memoryAndIdleness();
        }
        if (wanted("parent-heap", "parent-private", "parent-rss")) {
            parent();
        }
        if (wanted("flat-parent-heap", "flat-parent-rss", "flat-parent-descriptors", "flat-worker-rss")) {
            flat();
        }
        series.values().forEach(Series::summarize);
        bound("bound-1", 1);
        bound("bound", 0);
    }

    private boolean wanted(String... figures) {
        return Arrays.stream(figures).anyMatch(figure -> only.matcher(figure).find());
    }

    private void add(String name, double value, String unit) {
        if (only.matcher(name).find()) {
            series.computeIfAbsent(name, n -> new Series(n, unit)).add(value);
        }
    }

    // ---- what workers have, and do when there is nothing to do -----------------------------------------------------

    /// The first child of a user has a cache of loaded classes made, in the background.
    private static long makeCache() throws Exception {
        ChildProcess.call(() -> 1);
        return MAKING;
    }

    private void newWorkers() throws Exception {
        try (var _ = Pool.open(workers)) {
            Thread.sleep(SETTLING);
            for (var child : ProcessHandle.current().children().toList()) {
                if (Proc.commandLine(child.pid()).contains("Worker-")) {
                    memory("procession-new-worker", child.pid());
                }
            }
        }
    }

    private void memoryAndIdleness() throws Exception {
        var bare = bareJvm();
        try (var pool = Pool.open(workers);
                var python = new Peer("idle.py", Integer.toString(workers))) {
            var ours = new ArrayList<>(pidsOf(pool));
            pool.map(numbers(SOME), n -> n + 1, CHUNK);
            var theirs = Arrays.stream(python.ask().split(" ", -1))
                    .map(Long::parseLong)
                    .toList();
            Thread.sleep(SETTLING);
            for (long pid : ours) {
                memory("procession-worker", pid);
            }
            for (long pid : theirs.subList(1, theirs.size())) {
                memory("cpython-worker", pid);
            }
            memory("java-asleep", bare.pid());
            if (wanted("procession-rested-worker-rss", "procession-rested-worker-private")) {
                Thread.sleep(RESTING);
                for (long pid : ours) {
                    memory("procession-rested-worker", pid);
                }
            }
            idle(ours, theirs, bare.pid());
        } finally {
            bare.destroy();
        }
    }

    private void memory(String who, long pid) throws IOException {
        var memory = Proc.memory(pid);
        add(who + "-rss", memory.rss(), "MB");
        add(who + "-private", memory.privates(), "MB");
        add(who + "-pss", memory.pss(), "MB");
    }

    private void idle(List<Long> ours, List<Long> theirs, long bare) throws Exception {
        int seconds = options.number("--idle-seconds");
        if (seconds == 0) {
            return;
        }
        long self = ProcessHandle.current().pid();
        var names = new LinkedHashMap<Long, String>();
        names.put(self, "procession-idle-parent");
        ours.forEach(pid -> names.put(pid, "procession-idle-worker"));
        names.put(theirs.getFirst(), "cpython-idle-parent");
        theirs.subList(1, theirs.size()).forEach(pid -> names.put(pid, "cpython-idle-worker"));
        names.put(bare, "java-asleep-idle");
        var before = new LinkedHashMap<Long, Double>();
        for (long pid : names.keySet()) {
            before.put(pid, Proc.cpu(pid));
        }
        var threadsBefore = Proc.threads(self);
        long begin = System.nanoTime();
        Thread.sleep(seconds * 1000L);
        double minutes = (System.nanoTime() - begin) / 60e9;
        for (var entry : before.entrySet()) {
            add(
                    names.getOrDefault(entry.getKey(), ""),
                    (Proc.cpu(entry.getKey()) - entry.getValue()) / minutes,
                    "ms/min");
        }
        Proc.threads(self).forEach((thread, millis) -> {
            double used = millis - threadsBefore.getOrDefault(thread, 0.0);
            if (used > 0) {
                System.out.printf(Locale.ROOT, "# the parent's thread %s: %.0f ms%n", thread, used);
            }
        });
    }

    /// A JVM as a worker's, with nothing in it.
    private static Process bareJvm() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                                .findFirst()
                                .orElseThrow(),
                        Asleep.class.getName())
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.INHERIT)
                .start();
    }

    /// A program that does nothing.
    static final class Asleep {
        private Asleep() {}

        public static void main(String[] arguments) throws InterruptedException {
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    /// All workers, each of which has run something when this returns.
    private static Set<Long> pidsOf(Pool pool) throws InterruptedException {
        var pids = new HashSet<Long>();
        while (pids.size() < pool.workers()) {
            pids.addAll(pool.map(
                    numbers(4 * pool.workers()),
                    n -> {
                        Thread.sleep(5); // so that the others get some
                        return ProcessHandle.current().pid();
                    },
                    1));
        }
        return pids;
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    // ---- what a worker costs its parent ----------------------------------------------------------------------------

    private record Parent(double heap, double privates, double rss) {}

    private void parent() throws Exception {
        withWorkers(MANY); // compilers and their memory
        for (int i = 0; i < rounds; i++) {
            var few = withWorkers(FEW);
            var many = withWorkers(MANY);
            double kilobytes = 1000.0 / (MANY - FEW);
            add("procession-parent-heap", (many.heap - few.heap) * kilobytes, "kB");
            add("procession-parent-private", (many.privates - few.privates) * kilobytes, "kB");
            add("procession-parent-rss", (many.rss - few.rss) * kilobytes, "kB");
        }
    }

    private static Parent withWorkers(int workers) throws Exception {
        try (var pool = Pool.open(workers)) {
            pidsOf(pool);
            pool.map(numbers(SOME), n -> n + 1, CHUNK);
            var memory = Proc.memory(ProcessHandle.current().pid());
            return new Parent(heap(), memory.privates(), memory.rss());
        }
    }

    /// What is alive in the heap, in MB.
    private static double heap() {
        var bean = ManagementFactory.getMemoryMXBean();
        bean.gc();
        bean.gc(); // what the first one has found unreachable by references
        return bean.getHeapMemoryUsage().getUsed() / 1e6;
    }

    // ---- for ever --------------------------------------------------------------------------------------------------

    private void flat() throws Exception {
        long tasks = options.number("--tasks");
        long self = ProcessHandle.current().pid();
        try (var executor = ProcessPoolExecutor.open(workers);
                var pool = Pool.open(workers)) {
            var pids = pidsOf(pool);
            for (int step = 1; step <= STEPS; step++) {
                for (long done = 0; done < tasks / STEPS; done += MAPPED) {
                    pool.map(numbers(MAPPED - MAPPED / SUBMITTED_OF), n -> n + 1, CHUNK);
                    submit(executor, MAPPED / SUBMITTED_OF);
                }
                add("procession-flat-parent-heap", heap(), "MB");
                add("procession-flat-parent-rss", Proc.memory(self).rss(), "MB");
                add("procession-flat-parent-descriptors", (double) Proc.descriptors(self), "descriptors");
                double sum = 0;
                for (long pid : pids) {
                    sum += Proc.memory(pid).rss();
                }
                add("procession-flat-worker-rss", sum / pids.size(), "MB");
            }
        }
        grown("procession-flat-parent-heap", tasks);
        grown("procession-flat-worker-rss", tasks);
    }

    private static void submit(ProcessPoolExecutor executor, int count) throws Exception {
        var futures = new ArrayList<ProcessFuture<Integer>>(count);
        for (int i = 0; i < count; i++) {
            int n = i;
            futures.add(executor.submit(() -> n + 1));
        }
        for (var future : futures) {
            future.get();
        }
    }

    private void grown(String name, long tasks) {
        var measured = series.get(name);
        if (measured != null) {
            var values = measured.values();
            System.out.printf(
                    Locale.ROOT,
                    "# growth %s: %.3f MB from the middle of %,d tasks to their end%n",
                    name,
                    values.getLast() - values.get(STEPS / 2 - 1),
                    tasks);
        }
    }

    // ---- more workers than processors ------------------------------------------------------------------------------

    private void bound(String figure, int chunk) {
        var contest = new Contest(figure, "tasks/s", rounds, only)
                .add("procession-" + TOO_MANY + "-workers", () -> computing(TOO_MANY, chunk))
                .add("procession-" + RIGHT + "-workers", () -> computing(RIGHT, chunk));
        contest.run();
        if (chunk == 1) {
            new Contest(figure, "tasks/s", rounds, only)
                    .python("cpython-" + TOO_MANY + "-workers", "bound.py", Integer.toString(TOO_MANY))
                    .python("cpython-" + RIGHT + "-workers", "bound.py", Integer.toString(RIGHT))
                    .run();
        }
    }

    private static Contender computing(int workers, int chunk) throws InterruptedException {
        var pool = Pool.open(workers);
        var items = numbers(BOUND_TASKS);
        for (int i = 0; i < TOO_MANY; i++) { // each worker has a compiler of its own
            pool.map(items, Footprint::primes, chunk == 0 ? CHUNK : chunk);
        }
        return new Contender() {
            @Override
            public double measure() throws InterruptedException {
                long begin = System.nanoTime();
                var _ = chunk == 0 ? pool.map(items, Footprint::primes) : pool.map(items, Footprint::primes, chunk);
                return BOUND_TASKS * 1e9 / (System.nanoTime() - begin);
            }

            @Override
            public void end() {
                pool.close();
            }
        };
    }

    private static int primes(int task) {
        int found = task & 1;
        for (int n = 2; n < LARGEST; n++) {
            boolean prime = true;
            for (int d = 2; d * d <= n; d++) {
                prime &= n % d != 0;
            }
            found += prime ? 1 : 0;
        }
        return found;
    }
}
