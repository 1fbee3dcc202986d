package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.Pool;
import io.github.procession.PoolOptions;
import io.github.procession.ProcessFuture;
import io.github.procession.ProcessPoolExecutor;
import io.github.procession.Progress;
import io.github.procession.SharedInt;
import io.github.procession.SharedQueue;
import io.github.procession.TaskException;
import io.github.procession.TaskTimeoutException;
import io.github.procession.WorkerCrashedException;
import java.io.FileNotFoundException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What the options of a pool of processes do.
class PoolOptionsTest {
    private static final long SOON = 60; // seconds

    private static int loaded; // in each worker

    private static long pid() {
        return ProcessHandle.current().pid();
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static int forever(SharedInt begun) {
        begun.incrementAndGet();
        while (begun.get() < 1_000_000) {
            Thread.onSpinWait();
        }
        return 0;
    }

    private static int sleepForever() throws InterruptedException {
        Thread.sleep(Duration.ofMinutes(10));
        return 0;
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    // ---- wrong values ----------------------------------------------------------------------------------------------

    @Test
    void wrongValuesAreRefusedAtOnce() {
        refused(o -> o.maxTasksPerWorker(0), "maxTasksPerWorker(0)", "at least 1");
        refused(o -> o.retries(-1), "retries(-1)", "0");
        refused(o -> o.taskTimeout(Duration.ZERO), "taskTimeout(PT0S)", "longer than zero");
        refused(o -> o.idleTimeout(Duration.ofSeconds(-1)), "idleTimeout(PT-1S)", "longer than zero");
        refused(o -> o.maxWorkerMemory("much"), "maxWorkerMemory(\"much\")", "512m");
        refused(o -> o.maxWorkerMemory("1m"), "maxWorkerMemory(\"1m\")", "32 MB");
        refused(o -> o.workers(0), "workers(0)", "between 1 and 2048");
        assertThatThrownBy(() -> Pool.threads(0)).hasMessageContaining("threads(0)");
        try (var executor = ProcessPoolExecutor.open(1)) {
            assertThatThrownBy(() -> executor.submit(() -> 1, o -> o.timeout(Duration.ZERO)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("timeout(PT0S)");
            assertThatThrownBy(() -> executor.submit(() -> 1, o -> o.retries(-2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("retries(-2)");
            assertThatThrownBy(() -> executor.resize(0)).hasMessageContaining("resize(0)");
        }
        var local = new Object();
        assertThatThrownBy(() -> Pool.open(o -> o.initializer(() -> local.hashCode())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("initializer", "java.lang.Object");
    }

    private static void refused(UnaryOperator<PoolOptions> options, String... words) {
        assertThatThrownBy(() -> Pool.open(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(words);
    }

    // ---- initializer -----------------------------------------------------------------------------------------------

    private static void load(SharedInt runs) {
        runs.incrementAndGet();
        loaded = 42;
    }

    @Test
    void theInitializerRunsInEachWorkerBeforeItsTasks() throws Exception {
        try (var runs = SharedInt.of(0);
                var pool = Pool.open(o -> o.workers(2).initializer(() -> load(runs)))) {
            assertThat(pool.map(upTo(20), _ -> loaded, 1)).containsOnly(42);
            assertThat(runs.get()).isBetween(1, 2);
            assertThatThrownBy(() -> pool.apply(() -> Runtime.getRuntime().halt(3)))
                    .isInstanceOf(WorkerCrashedException.class);
            assertThat(pool.map(upTo(20), _ -> loaded, 1)).containsOnly(42);
            assertThat(runs.get()).isBetween(2, 3);
        }
    }

    @Test
    void anInitializerThatAlwaysFailsIsTriedThreeTimesAndIsTheCauseThen() throws Exception {
        try (var runs = SharedInt.of(0);
                var pool = Pool.open(o -> o.workers(1).initializer(() -> failToLoad(runs)))) {
            var future = pool.applyAsync(() -> 1);
            assertThatThrownBy(() -> future.get(SOON, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseInstanceOf(FileNotFoundException.class)
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("initializer", "3 times", "no model");
            assertThat(runs.get()).isEqualTo(3);
            assertThatThrownBy(() -> pool.apply(() -> 2))
                    .isInstanceOfAny(RejectedExecutionException.class, IllegalStateException.class)
                    .cause()
                    .isInstanceOf(FileNotFoundException.class)
                    .hasMessage("no model");
            assertThatThrownBy(() -> pool.map(upTo(3), n -> n)).cause().isInstanceOf(FileNotFoundException.class);
        }
    }

    private static void failToLoad(SharedInt runs) throws FileNotFoundException {
        runs.incrementAndGet();
        throw new FileNotFoundException("no model");
    }

    @Test
    void anInitializerThatFailsTwiceDoesNoHarm() throws Exception {
        try (var runs = SharedInt.of(0);
                var pool = Pool.open(o -> o.workers(1).initializer(() -> {
                    if (runs.incrementAndGet() < 3) {
                        throw new IllegalStateException("not yet");
                    }
                }))) {
            assertThat(pool.apply(() -> 7)).isEqualTo(7);
            assertThat(runs.get()).isEqualTo(3);
        }
    }

    @Test
    void anInitializerThatEndsItsWorkerBreaksThePoolToo() {
        try (var pool = Pool.open(
                o -> o.workers(2).initializer(() -> Runtime.getRuntime().halt(4)))) {
            assertThatThrownBy(() -> pool.apply(() -> 7)).hasMessageContaining("exit code 4");
        }
    }

    // ---- the life of a worker --------------------------------------------------------------------------------------

    @Test
    void aWorkerIsReplacedAfterItsTasks() throws Exception {
        try (var pool = Pool.open(o -> o.workers(2).maxTasksPerWorker(10))) {
            var pids = new ArrayList<Long>();
            for (int i = 0; i < 50; i++) {
                pids.add(pool.apply(PoolOptionsTest::pid));
            }
            assertThat(new HashSet<>(pids)).hasSizeBetween(5, 6);
            var mapped = pool.map(upTo(100), _ -> pid());
            assertThat(mapped).hasSize(100);
            assertThat(new HashSet<>(mapped)).hasSizeBetween(10, 12);
        }
    }

    @Test
    void aBacklogLongerThanTheLifeOfAWorkerIsDoneBeforeTheCloseReturns() throws Exception {
        var futures = new ArrayList<ProcessFuture<Long>>();
        try (var pool = Pool.open(o -> o.workers(1).maxTasksPerWorker(1))) {
            for (int i = 0; i < 6; i++) {
                futures.add(pool.applyAsync(PoolOptionsTest::pid));
            }
        }
        var pids = new HashSet<Long>();
        for (var future : futures) {
            pids.add(future.get(SOON, TimeUnit.SECONDS));
        }
        assertThat(pids).hasSize(6);
    }

    @Test
    void idleWorkersLeaveAndComeBack() throws Exception {
        try (var pool = Pool.open(o -> o.workers(2).idleTimeout(Duration.ofMillis(200)))) {
            assertThat(pool.stats().processes()).isEmpty();
            long first = pool.apply(PoolOptionsTest::pid);
            Processes.await("the idle worker to leave", () -> Processes.isGone(first));
            Processes.await("the pool to know", () -> pool.stats().processes().isEmpty());
            assertThat(pool.apply(PoolOptionsTest::pid)).isNotEqualTo(first);
            assertThat(pool.workers()).isEqualTo(2);
            assertThat(pool.map(upTo(100), n -> n + 1)).hasSize(100);
        }
    }

    @Test
    void sequentialTasksUseOneWorkerIfIdleOnesLeave() throws Exception {
        try (var pool = Pool.open(o -> o.workers(4).idleTimeout(Duration.ofMinutes(1)))) {
            var pids = new HashSet<Long>();
            for (int i = 0; i < 20; i++) {
                pids.add(pool.apply(PoolOptionsTest::pid));
            }
            assertThat(pids).hasSize(1);
            assertThat(pool.stats().processes()).hasSize(1);
        }
    }

    private static byte[] leak = {};

    private static long leak(int megabytes) {
        leak = new byte[megabytes << 20];
        for (int i = 0; i < leak.length; i += 1024) {
            leak[i] = 1;
        }
        return pid();
    }

    @Test
    void aWorkerThatHasGrownIsReplacedAfterTheTask() throws Exception {
        try (var pool = Pool.open(o -> o.workers(1).maxWorkerMemory("200m"))) {
            long small = pool.apply(() -> leak(1));
            assertThat(pool.apply(() -> leak(1))).isEqualTo(small);
            assertThat(pool.apply(() -> leak(250))).isEqualTo(small);
            assertThat(pool.apply(() -> leak(1))).isNotEqualTo(small);
            assertThat(pool.stats().restarts()).isEqualTo(1);
        }
    }

    // ---- limits ----------------------------------------------------------------------------------------------------

    @Test
    void aTaskPastItsLimitFailsWithWhatItWasDoing() throws Exception {
        try (var begun = SharedInt.of(0);
                var pool = Pool.open(o -> o.workers(2).taskTimeout(Duration.ofMillis(300)))) {
            long pid = pool.apply(PoolOptionsTest::pid);
            var stuck = pool.applyAsync(() -> forever(begun));
            var others = new ArrayList<ProcessFuture<Integer>>();
            for (int i = 0; i < 20; i++) {
                others.add(pool.applyAsync(() -> 5));
            }
            assertThatThrownBy(() -> stuck.get(SOON, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(TaskTimeoutException.class, e -> {
                        assertThat(e.threadDump()).contains("PoolOptionsTest.forever", "\"main\"");
                        assertThat(e).hasMessageContainingAll("0.300 s", "PoolOptionsTest.forever");
                        assertThat(e.limit()).isEqualTo(Duration.ofMillis(300));
                        Processes.await("the stuck process to be gone", () -> Processes.isGone(e.pid()));
                    });
            for (var other : others) {
                assertThat(other.get(SOON, TimeUnit.SECONDS)).isEqualTo(5);
            }
            assertThat(pid).isPositive();
            assertThatThrownBy(() -> pool.apply(PoolOptionsTest::sleepForever))
                    .isInstanceOf(TaskException.class)
                    .cause()
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("sleepForever");
            assertThatThrownBy(() -> pool.map(List.of(1, 2, 3), n -> n == 2 ? sleepForever() : n))
                    .isInstanceOf(TaskException.class)
                    .hasCauseInstanceOf(TimeoutException.class);
            assertThat(pool.stats().timedOut()).isEqualTo(3);
        }
    }

    @Test
    void anInterruptIsEnoughForAPoliteTaskAndItsWorkerStays() throws Exception {
        try (var pool = Pool.open(o -> o.workers(1).taskTimeout(Duration.ofMillis(200)))) {
            long before = pool.apply(PoolOptionsTest::pid);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> pool.apply(PoolOptionsTest::sleepForever))
                        .hasCauseInstanceOf(TimeoutException.class);
                assertThat(pool.apply(PoolOptionsTest::pid)).isEqualTo(before);
            }
        }
    }

    private static int nap(int n) throws InterruptedException {
        Thread.sleep(60);
        return n;
    }

    @Test
    void eachItemOfAChunkHasTheLimitForItself() throws Exception {
        try (var pool = Pool.open(o -> o.workers(1).taskTimeout(Duration.ofMillis(600)))) {
            assertThat(pool.map(upTo(20), PoolOptionsTest::nap, 20)).isEqualTo(upTo(20));
        }
    }

    @Test
    void theLimitOfATaskDoesNotRunWhileItWaits() throws Exception {
        try (var executor = ProcessPoolExecutor.open(1);
                SharedQueue<Integer> gate = SharedQueue.create(1)) {
            var first = executor.submit(() -> gate.take());
            var second = executor.submit(() -> 2, o -> o.timeout(Duration.ofMillis(100)));
            assertThatThrownBy(() -> first.get(400, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            gate.put(1);
            assertThat(first.get(SOON, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(second.get(SOON, TimeUnit.SECONDS)).isEqualTo(2);
        }
    }

    // ---- retries ---------------------------------------------------------------------------------------------------

    private static int haltUntil(SharedInt runs, int enough) {
        if (runs.incrementAndGet() < enough) {
            Runtime.getRuntime().halt(9);
        }
        return runs.get();
    }

    @Test
    void aTaskIsRunAgainAfterACrashAndNotAfterAnException() throws Exception {
        try (var runs = SharedInt.of(0);
                var pool = Pool.open(o -> o.workers(2).retries(2))) {
            assertThat(pool.apply(() -> haltUntil(runs, 3))).isEqualTo(3);
            runs.set(0);
            assertThatThrownBy(() -> pool.apply(() -> haltUntil(runs, 4))).isInstanceOf(WorkerCrashedException.class);
            assertThat(runs.get()).isEqualTo(3);
            runs.set(0);
            assertThatThrownBy(() -> pool.apply(() -> failToLoad(runs))).isInstanceOf(TaskException.class);
            assertThat(runs.get()).isEqualTo(1);
            assertThat(pool.stats().retried()).isEqualTo(4);
            assertThat(pool.stats().crashed()).isEqualTo(5);
        }
    }

    // ---- progress --------------------------------------------------------------------------------------------------

    @Test
    void progressIsTold() throws Exception {
        var states = new CopyOnWriteArrayList<Progress.State>();
        try (var pool = Pool.open(o -> o.workers(2).progress(state -> {
            states.add(state);
            throw new IllegalStateException("a listener is nobody's business");
        }))) {
            assertThat(pool.map(upTo(50), PoolOptionsTest::nap, 1)).hasSize(50);
            var last = states.getLast();
            assertThat(last.ended()).isTrue();
            assertThat(last.done()).isEqualTo(50);
            assertThat(last.items()).isEqualTo(50);
            assertThat(states.size()).isGreaterThan(1);
            assertThat(states).filteredOn(Progress.State::ended).hasSize(1);
            states.clear();
            assertThat(pool.imap(upTo(3), n -> n).toList()).hasSize(3);
            assertThat(states.getLast().items()).isEqualTo(Progress.UNKNOWN);
            assertThat(states.getLast().done()).isEqualTo(3);
        }
    }

    // ---- whatever dies ---------------------------------------------------------------------------------------------

    @Test
    void workersThatAreKilledAtAnyTimeCostNothingThatIsRunAgain() throws Exception {
        long seed = System.nanoTime();
        System.out.println("workersThatAreKilledAtAnyTimeCostNothingThatIsRunAgain: seed " + seed);
        var random = new Random(seed);
        try (var executor = ProcessPoolExecutor.open(o -> o.workers(2)
                .initializer(() -> loaded = 1)
                .maxTasksPerWorker(40)
                .idleTimeout(Duration.ofMillis(50))
                .taskTimeout(Duration.ofSeconds(30))
                .retries(1000))) {
            var futures = new ArrayList<ProcessFuture<Integer>>();
            for (int round = 0; round < 12; round++) {
                for (int i = 0; i < 25; i++) {
                    int n = futures.size();
                    futures.add(executor.submit(() -> quickNap(n)));
                }
                executor.resize(1 + random.nextInt(3));
                for (var process : executor.stats().processes()) {
                    if (random.nextInt(3) == 0) {
                        kill(process.pid());
                    }
                }
                java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(120)));
            }
            for (int i = 0; i < futures.size(); i++) {
                assertThat(futures.get(i).get(SOON, TimeUnit.SECONDS)).isEqualTo(i + 1);
            }
        }
    }

    private static int quickNap(int n) throws InterruptedException {
        Thread.sleep(n % 7);
        return n + loaded;
    }
}
