package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.AbandonedLockException;
import io.github.procession.Attempt;
import io.github.procession.Pool;
import io.github.procession.ProcessFuture;
import io.github.procession.ProcessPoolExecutor;
import io.github.procession.RemoteTaskException;
import io.github.procession.Shared;
import io.github.procession.SharedInt;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedLock;
import io.github.procession.SharedQueue;
import io.github.procession.Signal;
import io.github.procession.StartMethod;
import io.github.procession.TaskTimeoutException;
import io.github.procession.WorkerCrashedException;
import io.github.procession.function.SerializableCallable;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What users of other pools suffer from, each by the number it has in the list of pains, does not happen here.
class PainsTest {
    private static final long SOON = 60; // seconds

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static long pidThenSleep(SharedQueue<Long> pids) throws InterruptedException {
        pids.put(ProcessHandle.current().pid());
        Thread.sleep(Duration.ofMinutes(10));
        return 0;
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    @Test
    void pain1AKilledWorkerHangsNobodyAndLosesNothing() throws Exception {
        try (var pool = Pool.open(2);
                SharedQueue<Long> pids = SharedQueue.create(10)) {
            var victim = pool.applyAsync(() -> pidThenSleep(pids));
            long pid = pids.take();
            var others = pool.mapAsync(upTo(200), n -> n + 1);
            kill(pid);
            assertThatThrownBy(() -> victim.get(SOON, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(WorkerCrashedException.class);
            assertThat(others.get(SOON, TimeUnit.SECONDS)).hasSize(200);
            assertThat(pool.apply(() -> 5)).isEqualTo(5);
        }
    }

    @Test
    void pain1AMapWhoseWorkerIsKilledEnds() throws Exception {
        try (var pool = Pool.open(2);
                SharedQueue<Long> pids = SharedQueue.create(100)) {
            var map = pool.mapAsync(upTo(8), n -> pidThenSleep(pids));
            long first = pids.take();
            long second = pids.take(); // one of them has the first item, whose failure is the map's and ends it
            kill(first);
            kill(second);
            assertThatThrownBy(() -> map.get(SOON, TimeUnit.SECONDS)).hasCauseInstanceOf(WorkerCrashedException.class);
            assertThat(pool.stats().crashed()).isPositive();
            pool.terminate();
        }
    }

    @Test
    void pain2ACrashBreaksOneTaskAndSaysWhatHappened() throws Exception {
        try (var executor = ProcessPoolExecutor.open(2);
                SharedQueue<Long> pids = SharedQueue.create(10)) {
            var victim = executor.submit(() -> pidThenSleep(pids), o -> o.name("the victim"));
            long pid = pids.take();
            Thread.sleep(300); // that its memory is seen
            kill(pid);
            assertThatThrownBy(() -> victim.get(SOON, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(WorkerCrashedException.class, crash -> {
                        assertThat(crash.pid()).isEqualTo(pid);
                        assertThat(crash.exitStatus().signal()).contains(Signal.SIGKILL);
                        assertThat(crash)
                                .hasMessageContainingAll(
                                        "the victim", "SIGKILL", "MB resident when last seen", "out-of-memory killer");
                        assertThat(crash).message().containsPattern("for 0\\.[3-9]|for [1-9]");
                    });
            assertThat(executor.submit(() -> 5).get(SOON, TimeUnit.SECONDS)).isEqualTo(5);
        }
    }

    private static int forever() {
        while (true) {
            Thread.onSpinWait();
        }
    }

    @Test
    void pain3ALimitStopsTheWorkAndShowsWhereItWas() throws Exception {
        try (var executor = ProcessPoolExecutor.open(1)) {
            var stuck = executor.submit(PainsTest::forever, o -> o.timeout(Duration.ofMillis(300)));
            assertThatThrownBy(() -> stuck.get(SOON, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(TaskTimeoutException.class, e -> {
                        assertThat(e.threadDump()).contains("PainsTest.forever");
                        Processes.await("the process to be gone", () -> Processes.isGone(e.pid()));
                    });
            assertThat(executor.submit(() -> 5).get(SOON, TimeUnit.SECONDS)).isEqualTo(5);
        }
    }

    private static int lockAndHang(SharedLock lock, SharedQueue<Long> pids) throws InterruptedException {
        lock.lock();
        return (int) pidThenSleep(pids);
    }

    private static int takeAndHang(SharedQueue<Integer> items, SharedQueue<Long> pids) throws InterruptedException {
        return items.take() + (int) pidThenSleep(pids);
    }

    @Test
    void pain4WhoIsKilledPoisonsNeitherLocksNorQueues() throws Exception {
        try (var pool = Pool.open(2);
                var lock = SharedLock.create();
                SharedQueue<Integer> items = SharedQueue.create(2);
                SharedQueue<Long> pids = SharedQueue.create(2)) {
            items.put(7);
            var owner = pool.applyAsync(() -> lockAndHang(lock, pids));
            kill(pids.take());
            assertThatThrownBy(() -> owner.get(SOON, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(WorkerCrashedException.class);
            assertThatThrownBy(() -> lock.tryLock(Duration.ofSeconds(SOON))).isInstanceOf(AbandonedLockException.class);
            lock.recover(() -> {});
            assertThat(lock.tryLock()).isTrue();
            lock.unlock();
            var taker = pool.applyAsync(() -> takeAndHang(items, pids));
            kill(pids.take());
            assertThatThrownBy(() -> taker.get(SOON, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(WorkerCrashedException.class);
            items.put(8);
            assertThat(items.poll(SOON, TimeUnit.SECONDS)).isEqualTo(8);
        }
    }

    @Test
    void pain5NobodyIsLeftWhenTheRootIsKilled() throws Exception {
        try (var program = RootJvm.start(Busy.class)) {
            var workers = program.await("worker (\\d+)", 2).stream()
                    .map(match -> Long.parseLong(match.group(1)))
                    .toList();
            program.kill();
            Processes.awaitGone("after the root was killed", workers);
        }
    }

    private static final class NotMeForTravel extends Exception {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("UnusedVariable") // what makes it unfit to travel
        private final Object luggage = new Object();

        NotMeForTravel() {
            super("has luggage");
        }
    }

    @Test
    void pain6AnExceptionThatCannotTravelHangsNobody() throws Exception {
        try (var pool = Pool.open(1)) {
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> pool.apply(() -> {
                            throw new NotMeForTravel();
                        }))
                        .isInstanceOf(RemoteTaskException.class)
                        .hasMessageContainingAll("NotMeForTravel", "has luggage");
            }
        }
    }

    @Test
    void pain7LambdasAndClosuresJustWork() throws Exception {
        int captured = 3;
        var list = new ArrayList<>(List.of(1, 2));
        record Local(int n) implements java.io.Serializable {}
        try (var pool = Pool.open(1)) {
            assertThat(pool.map(list, n -> new Local(n * captured))).containsExactly(new Local(3), new Local(6));
        }
    }

    @Test
    void pain7LambdasAndWhatTheyCaptureJustWork() throws Exception {
        record Local(int factor) implements Serializable {}
        record Count(List<String> words) implements SerializableCallable<Integer> {
            @Override
            public Integer call() {
                return words.size();
            }
        }
        var local = new Local(3);
        var words = List.of("a", "bb");
        try (var pool = Pool.open(1)) {
            assertThat(pool.map(upTo(3), n -> n * local.factor() + words.size()))
                    .containsExactly(2, 5, 8);
            assertThat(pool.apply(new Count(words))).isEqualTo(2);
        }
    }

    private static final Object MONITOR = new Object();

    private static int underTheMonitor() {
        synchronized (MONITOR) {
            return 1;
        }
    }

    @Test
    void pain8WhatOtherThreadsHoldIsNotInheritedHeld() throws Exception {
        var begun = new CountDownLatch(1);
        var done = new CountDownLatch(1);
        var holder = Thread.ofPlatform().start(() -> {
            synchronized (MONITOR) {
                begun.countDown();
                try {
                    done.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        begun.await();
        try (var pool = Pool.open(2)) { // each starts while the monitor is held here
            assertThat(pool.mapAsync(upTo(10), n -> underTheMonitor()).get(SOON, TimeUnit.SECONDS))
                    .hasSize(10);
        } finally {
            done.countDown();
            holder.join();
        }
    }

    @Test
    void pain9EveryWaitHasALimitAndTheEndDoesNotHang() throws Exception {
        try (var executor = ProcessPoolExecutor.open(1);
                SharedQueue<Long> pids = SharedQueue.create(10)) {
            var task = executor.submit(() -> pidThenSleep(pids));
            var _ = pids.take();
            assertThatThrownBy(() -> task.get(10, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            executor.shutdown();
            assertThat(executor.awaitTermination(10, TimeUnit.MILLISECONDS)).isFalse();
            assertThat(ProcessFuture.await(List.of(task), ProcessFuture.Until.ALL_COMPLETED, Duration.ofMillis(10))
                            .pending())
                    .containsExactly(task);
            assertThat(executor.shutdownNow()).isEmpty();
            assertThat(executor.awaitTermination(SOON, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void pain10AFailingInitializerIsNotTriedForEver() {
        try (var starts = SharedInt.of(0)) {
            try (var pool = Pool.open(o -> o.workers(2).initializer(() -> {
                starts.incrementAndGet();
                throw new IllegalStateException("no licence");
            }))) {
                assertThatThrownBy(() -> pool.map(upTo(100), n -> n))
                        .hasMessageContaining("initializer")
                        .hasRootCauseMessage("no licence");
            }
            assertThat(starts.get()).isBetween(3, 5);
        }
    }

    private static int touchAndHang(SharedIntArray array, SharedQueue<Long> pids) throws InterruptedException {
        array.set(1, 11);
        return (int) pidThenSleep(pids);
    }

    @Test
    void pain11NoBystanderDestroysSharedMemoryAndTooMuchIsAnException() throws Exception {
        try (var pool = Pool.open(1);
                var array = SharedIntArray.ofLength(1000);
                SharedQueue<Long> pids = SharedQueue.create(2)) {
            var bystander = pool.applyAsync(() -> touchAndHang(array, pids));
            kill(pids.take());
            assertThatThrownBy(() -> bystander.get(SOON, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(WorkerCrashedException.class);
            assertThat(array.get(1)).isEqualTo(11);
            assertThat(pool.apply(() -> array.get(1))).isEqualTo(11);
            assertThatThrownBy(() -> SharedIntArray.ofLength(1L << 44)).isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void pain12LargeDataGoOnce() throws Exception {
        var table = new int[1 << 20];
        table[77] = 7;
        try (var pool = Pool.open(2);
                var shared = Shared.of(table)) {
            assertThat(pool.map(upTo(200), n -> shared.get()[77] + n, 1))
                    .hasSize(200)
                    .contains(7);
        }
    }

    @Test
    void pain13TheIterableIsNotSwallowed() {
        try (var pool = Pool.open(2)) {
            var read = new AtomicInteger();
            Iterable<Integer> endless =
                    () -> Stream.generate(read::getAndIncrement).iterator();
            for (Stream<Integer> results : List.of(
                    pool.<Integer, Integer>imap(endless, n -> n),
                    pool.<Integer, Integer>imapUnordered(endless, n -> n),
                    pool.<Integer, Integer>attempt(endless, n -> n).map(Attempt::item),
                    Stream.generate(read::getAndIncrement).gather(pool.<Integer, Integer>mapping(n -> n)))) {
                read.set(0);
                try (results) {
                    assertThat(results.limit(100).toList()).hasSize(100);
                }
                assertThat(read.get()).isLessThan(200);
            }
        }
    }

    @Test
    void pain14WhatCannotBeSentThrowsAtOnceAndResultsOutliveTheirWorker() throws Exception {
        var local = new Object();
        try (var pool = Pool.open(o -> o.workers(1).maxTasksPerWorker(1))) {
            assertThatThrownBy(() -> pool.applyAsync(() -> local.hashCode()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("captured", "java.lang.Object");
            assertThat(pool.apply(() -> new byte[5_000_000])).hasSize(5_000_000);
        }
    }

    /// A program whose pool is busy when Ctrl-C comes.
    static final class Busy {
        private Busy() {}

        public static void main(String[] args) throws Exception {
            try (var pool = Pool.open(2);
                    SharedQueue<Long> pids = SharedQueue.create(10)) {
                for (int i = 0; i < 10; i++) {
                    var _ = pool.applyAsync(() -> pidThenSleep(pids));
                }
                System.out.println("worker " + pids.take());
                System.out.println("worker " + pids.take());
            }
        }
    }

    @Test
    void pain15CtrlCIsOneCleanEnd() throws Exception {
        try (var program = RootJvm.with(List.of())
                .under("env", "--default-signal=INT") // the tests may have been started in the background
                .run(Busy.class)) {
            var workers = program.await("worker (\\d+)", 2).stream()
                    .map(match -> Long.parseLong(match.group(1)))
                    .toList();
            assertThat(new ProcessBuilder("kill", "-INT", Long.toString(program.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(program.exit()).isEqualTo(130);
            Processes.awaitGone("after Ctrl-C", workers);
            assertThat(program.err()).as("traces on standard error").isEmpty();
        }
    }

    private static int print(int n) {
        System.out.println("<" + n + ":" + "x".repeat(500) + ">");
        return n;
    }

    @Test
    void pain16LinesArriveWholeAndAllOfThem() throws Exception {
        try (var captured = new Captured()) {
            try (var pool = Pool.open(2)) {
                assertThat(pool.map(upTo(400), PainsTest::print, 1)).hasSize(400);
            }
            assertThat(captured.out().stream().filter(line -> line.startsWith("<")))
                    .hasSize(400)
                    .allMatch(line -> line.matches("<\\d+:x{500}>"));
        }
    }

    @Test
    void pain17WorkersOfASecondPoolCanBeThereBeforeIt() throws Exception {
        try (var program = RootJvm.start(Warm.class)) {
            assertThat(program.exit()).isZero();
            assertThat(program.out()).contains("from a spare: true");
        }
    }

    /// A program that opens two pools, the second when spares are there.
    static final class Warm {
        private Warm() {}

        public static void main(String[] args) throws Exception {
            long first = worker();
            Set<Long> spares = new HashSet<>();
            Processes.await("a spare", () -> {
                ProcessHandle.current().children().map(ProcessHandle::pid).forEach(spares::add);
                spares.remove(first);
                return !spares.isEmpty();
            });
            System.out.println("from a spare: " + spares.contains(worker()));
        }

        private static long worker() throws InterruptedException {
            try (var pool = Pool.open(o -> o.workers(1).process(p -> p.startMethod(StartMethod.SPARE)))) {
                return pool.<Long>apply(() -> ProcessHandle.current().pid());
            }
        }
    }

    private static int inItsOwnPool(int n) throws InterruptedException {
        try (var pool = Pool.open(1)) {
            return pool.<Integer>apply(() -> n + 1);
        }
    }

    @Test
    void pain19WorkersMayHaveWorkers() throws Exception {
        try (var pool = Pool.open(1)) {
            assertThat(pool.map(upTo(2), PainsTest::inItsOwnPool)).containsExactly(1, 2);
        }
    }

    @Test
    void pain18ThereIsInsight() throws Exception {
        try (var pool = Pool.open(2)) {
            var _ = pool.map(upTo(100), n -> n);
            var stats = pool.stats();
            assertThat(stats.done()).isEqualTo(100);
            assertThat(stats.processes()).isNotEmpty().allSatisfy(process -> {
                assertThat(process.pid()).isPositive();
                assertThat(process.name()).startsWith("Worker-");
            });
        }
    }
}
