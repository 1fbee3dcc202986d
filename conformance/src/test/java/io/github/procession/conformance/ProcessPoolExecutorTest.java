package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ProcessFuture;
import io.github.procession.ProcessPoolExecutor;
import io.github.procession.SharedInt;
import io.github.procession.SharedQueue;
import io.github.procession.TaskTimeoutException;
import io.github.procession.WorkerCrashedException;
import io.github.procession.function.SerializableCallable;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The executor, as those expect it who know `java.util.concurrent`.
class ProcessPoolExecutorTest {
    private static final long SOON = 60; // seconds

    private static long pid() {
        return ProcessHandle.current().pid();
    }

    private static void work() {}

    private static int compute() {
        return 7;
    }

    private static int sleepAfter(SharedInt begun) throws InterruptedException {
        begun.incrementAndGet();
        Thread.sleep(Duration.ofMinutes(10));
        return 0;
    }

    private static int spinAfter(SharedInt begun) {
        begun.incrementAndGet();
        while (begun.get() < 1_000_000) {
            Thread.onSpinWait();
        }
        return 0;
    }

    private static void awaitValue(SharedInt shared, int value) {
        Processes.await("a shared value of " + value, () -> shared.get() >= value);
    }

    @Test
    void everyFormOfALambdaCompilesAndRuns() throws Exception {
        try (var executor = ProcessPoolExecutor.open(1)) {
            assertThat(executor.submit(() -> 42).get(SOON, TimeUnit.SECONDS)).isEqualTo(42);
            assertThat(executor.submit(() -> compute()).get(SOON, TimeUnit.SECONDS))
                    .isEqualTo(7);
            assertThat(executor.submit(ProcessPoolExecutorTest::compute).get(SOON, TimeUnit.SECONDS))
                    .isEqualTo(7);
            assertThat(executor.submit(() -> work()).get(SOON, TimeUnit.SECONDS))
                    .isNull();
            assertThat(executor.submit(ProcessPoolExecutorTest::work).get(SOON, TimeUnit.SECONDS))
                    .isNull();
            assertThat(executor.submit(() -> {
                                work();
                            })
                            .get(SOON, TimeUnit.SECONDS))
                    .isNull();
            assertThat(executor.submit(() -> compute(), o -> o.name("a name")).get(SOON, TimeUnit.SECONDS))
                    .isEqualTo(7);
            assertThat(executor.submit(() -> work(), o -> o.retries(1)).get(SOON, TimeUnit.SECONDS))
                    .isNull();
            Future<Integer> future = executor.submit(() -> compute());
            assertThat(future.get(SOON, TimeUnit.SECONDS)).isEqualTo(7);
        }
    }

    @Test
    void executeRuns() {
        try (var runs = SharedInt.of(0)) {
            try (var executor = ProcessPoolExecutor.open(1)) {
                executor.execute(() -> runs.incrementAndGet());
                executor.execute(() -> {
                    throw new IllegalStateException("logged");
                });
                executor.execute(() -> runs.incrementAndGet());
            }
            assertThat(runs.get()).isEqualTo(2);
        }
    }

    @Test
    void aPlainLambdaIsToldWhatToWrite() throws Exception {
        try (var executor = ProcessPoolExecutor.open(1)) {
            ExecutorService service = executor;
            Callable<Integer> plain = () -> 1;
            assertThatThrownBy(() -> service.submit(plain))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(
                            "not Serializable", "fix:", "executor.submit(() -> …)", "SerializableCallable");
            Runnable action = () -> {};
            assertThatThrownBy(() -> service.execute(action))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("not Serializable", "fix:", "SerializableRunnable");
            assertThatThrownBy(() -> CompletableFuture.supplyAsync(() -> 1, executor))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("supplyAsync", "fix:", "executor.submit");
            assertThatThrownBy(() -> CompletableFuture.runAsync(() -> {}, executor))
                    .hasMessageContainingAll("runAsync", "fix:", "executor.submit");
            assertThatThrownBy(() -> new ExecutorCompletionService<Integer>(executor).submit(() -> 1))
                    .hasMessageContainingAll("ExecutorCompletionService", "asCompleted");
            var serializable = (Callable<Integer> & Serializable) () -> 3;
            assertThat(service.submit(serializable).get(SOON, TimeUnit.SECONDS)).isEqualTo(3);
            assertThat(service.submit((Runnable & Serializable) () -> {}, "done")
                            .get(SOON, TimeUnit.SECONDS))
                    .isEqualTo("done");
        }
    }

    @Test
    void mapKeepsTheOrderAndReadsAnEndlessIterableOnlyAhead() throws Exception {
        try (var executor = ProcessPoolExecutor.open(2)) {
            var read = new AtomicInteger();
            Iterable<Integer> endless =
                    () -> Stream.generate(read::getAndIncrement).iterator();
            try (var results = executor.map((Integer n) -> n * 2, endless)) {
                assertThat(read.get()).isPositive();
                assertThat(results.limit(100).toList())
                        .isEqualTo(IntStream.range(0, 100).mapToObj(n -> n * 2).toList());
            }
            assertThat(read.get()).isLessThan(200);
        }
    }

    private static List<SerializableCallable<Integer>> three(int failing) {
        var tasks = new ArrayList<SerializableCallable<Integer>>();
        for (int i = 0; i < 3; i++) {
            int n = i;
            tasks.add(() -> {
                if (n < failing) {
                    throw new IllegalStateException("task " + n);
                }
                return n;
            });
        }
        return tasks;
    }

    @Test
    void invokeAllAndInvokeAny() throws Exception {
        try (var executor = ProcessPoolExecutor.open(2);
                var begun = SharedInt.of(0)) {
            var futures = executor.invokeAll(three(1));
            assertThat(futures).hasSize(3).allMatch(Future::isDone);
            assertThat(futures.get(0).state()).isEqualTo(Future.State.FAILED);
            assertThat(futures.get(2).get()).isEqualTo(2);
            assertThat(executor.invokeAny(three(2))).isEqualTo(2);
            assertThatThrownBy(() -> executor.invokeAny(three(3)))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> executor.invokeAny(List.<SerializableCallable<Integer>>of()))
                    .isInstanceOf(IllegalArgumentException.class);
            SerializableCallable<Integer> slow = () -> sleepAfter(begun);
            SerializableCallable<Integer> quick = () -> 1;
            var limited = executor.invokeAll(List.of(quick, slow), 2, TimeUnit.SECONDS);
            assertThat(limited.get(1)).isCancelled();
            assertThatThrownBy(() -> executor.invokeAny(List.of(slow), 200, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            assertThat(executor.invokeAny(List.of(slow, quick), SOON, TimeUnit.SECONDS))
                    .isEqualTo(1);
        }
    }

    @Test
    void shutdownRunsWhatWasGiven() throws Exception {
        var executor = ProcessPoolExecutor.open(1);
        var futures = new ArrayList<ProcessFuture<Integer>>();
        for (int i = 0; i < 20; i++) {
            futures.add(executor.submit(() -> compute()));
        }
        assertThat(executor.isShutdown()).isFalse();
        executor.shutdown();
        assertThat(executor.isShutdown()).isTrue();
        assertThatThrownBy(() -> executor.submit(() -> 1)).isInstanceOf(RejectedExecutionException.class);
        assertThat(executor.awaitTermination(SOON, TimeUnit.SECONDS)).isTrue();
        assertThat(executor.isTerminated()).isTrue();
        for (var future : futures) {
            assertThat(future.get()).isEqualTo(7);
        }
        assertThat(executor.shutdownNow()).isEmpty();
        executor.close();
    }

    @Test
    void shutdownNowGivesBackWhatNeverRanAndEndsWhatRuns() throws Exception {
        try (var begun = SharedInt.of(0)) {
            var executor = ProcessPoolExecutor.open(2);
            var polite = executor.submit(() -> sleepAfter(begun));
            var stubborn = executor.submit(() -> spinAfter(begun));
            awaitValue(begun, 2);
            var waiting = new ArrayList<ProcessFuture<Integer>>();
            for (int i = 0; i < 30; i++) {
                waiting.add(executor.submit(() -> compute()));
            }
            assertThat(executor.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
            var neverRan = executor.shutdownNow();
            assertThat(neverRan).hasSize(30);
            neverRan.forEach(Runnable::run);
            assertThat(executor.awaitTermination(SOON, TimeUnit.SECONDS)).isTrue();
            for (var future : waiting) {
                assertThatThrownBy(() -> future.get(SOON, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
            }
            assertThatThrownBy(() -> polite.get(SOON, TimeUnit.SECONDS))
                    .hasRootCauseInstanceOf(InterruptedException.class);
            assertThatThrownBy(() -> stubborn.get(SOON, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void workersAreTerminatedOrKilled() throws Exception {
        for (boolean gently : new boolean[] {true, false}) {
            try (var begun = SharedInt.of(0)) {
                var executor = ProcessPoolExecutor.open(2);
                var pid = executor.submit(() -> pid()).get(SOON, TimeUnit.SECONDS);
                var running = executor.submit(() -> sleepAfter(begun));
                var waiting = executor.submit(() -> sleepAfter(begun));
                awaitValue(begun, 1);
                if (gently) {
                    executor.terminateWorkers();
                } else {
                    executor.killWorkers();
                }
                assertThatThrownBy(() -> running.get(SOON, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
                assertThatThrownBy(() -> waiting.get(SOON, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
                assertThat(executor.awaitTermination(SOON, TimeUnit.SECONDS)).isTrue();
                assertThat(Processes.isGone(pid)).isTrue();
            }
        }
    }

    @Test
    void resizeWorksWhileTasksRun() throws Exception {
        try (var executor = ProcessPoolExecutor.open(1);
                SharedQueue<Integer> gate = SharedQueue.create();
                var begun = SharedInt.of(0)) {
            var tasks = new ArrayList<ProcessFuture<Long>>();
            for (int i = 0; i < 12; i++) {
                tasks.add(executor.submit(() -> {
                    begun.incrementAndGet();
                    gate.take();
                    return pid();
                }));
            }
            awaitValue(begun, 1);
            executor.resize(3);
            assertThat(executor.workers()).isEqualTo(3);
            awaitValue(begun, 3);
            executor.resize(1);
            for (int i = 0; i < 12; i++) {
                gate.put(i);
            }
            var pids = new HashSet<Long>();
            for (var task : tasks) {
                pids.add(task.get(SOON, TimeUnit.SECONDS));
            }
            assertThat(pids).hasSize(3);
            Processes.await(
                    "two workers to leave", () -> executor.stats().processes().size() == 1);
            assertThat(executor.submit(() -> 1).get(SOON, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    @Test
    void aTaskHasANameAndALimitOfItsOwn() throws Exception {
        try (var executor = ProcessPoolExecutor.open(2);
                var begun = SharedInt.of(0)) {
            var crash = executor.submit(() -> Runtime.getRuntime().halt(5), o -> o.name("invoice 17"));
            assertThatThrownBy(() -> crash.get(SOON, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(WorkerCrashedException.class, e -> {
                        assertThat(e).hasMessageContainingAll("invoice 17", "code 5");
                        assertThat(e.task()).isEqualTo("invoice 17");
                    });
            var late = executor.submit(
                    () -> spinAfter(begun), o -> o.name("page 3").timeout(Duration.ofMillis(200)));
            assertThatThrownBy(() -> late.get(SOON, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(TaskTimeoutException.class)
                    .hasMessageContainingAll("page 3", "spinAfter");
        }
    }

    @Test
    void anExecutorCannotBeSentAndSaysWhatToDo() {
        try (var executor = ProcessPoolExecutor.open(1)) {
            assertThatThrownBy(() -> executor.submit(
                            () -> executor.submit(() -> compute()).get()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("open another one inside the task");
        }
    }

    /// A program of its own, since the common executor stays.
    static final class CommonProgram {
        private CommonProgram() {}

        public static void main(String[] args) throws Exception {
            var executor = ProcessPoolExecutor.common();
            executor.close();
            executor.shutdown();
            System.out.println("same: " + (executor == ProcessPoolExecutor.common()));
            System.out.println("result: " + executor.submit(() -> compute()).get());
            System.out.println("never ran: " + executor.shutdownNow());
            System.out.println("shutdown: " + executor.isShutdown());
        }
    }

    @Test
    void theCommonExecutorIsThereForAll() throws Exception {
        try (var program = RootJvm.start(CommonProgram.class)) {
            program.await("same: true");
            program.await("result: 7");
            program.await("never ran: \\[\\]");
            program.await("shutdown: false");
            assertThat(program.exit()).isZero();
        }
    }
}
