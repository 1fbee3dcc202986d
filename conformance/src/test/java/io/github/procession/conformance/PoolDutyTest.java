package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.Pool;
import io.github.procession.ProcessFuture;
import io.github.procession.ProcessPoolExecutor;
import io.github.procession.SharedInt;
import io.github.procession.SharedQueue;
import io.github.procession.TaskTimeoutException;
import io.github.procession.WorkerCrashedException;
import java.io.InvalidObjectException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Threads that submit and wait do a part of their pool's work. Whatever else happens meanwhile, they learn of it, and what they
/// leave behind is done by others.
class PoolDutyTest {
    private static final long SOON = 60; // seconds

    private static long report(SharedQueue<Long> pids) throws InterruptedException {
        pids.put(ProcessHandle.current().pid());
        Thread.sleep(Duration.ofMinutes(10));
        return 0;
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    /// What happens to a task that never ends by itself, while a thread waits for it.
    private interface Event {
        void happen(Pool pool, ProcessFuture<Long> future, long pid, Thread waiting) throws Exception;
    }

    private static Throwable ofWaiting(Event event) throws Exception {
        try (SharedQueue<Long> pids = SharedQueue.create(1);
                var pool = Pool.open(1)) {
            var future = pool.applyAsync(() -> report(pids));
            var failure = new CompletableFuture<Throwable>();
            var waiting = Thread.ofPlatform().start(() -> {
                try {
                    future.get();
                    failure.complete(new AssertionError("it returned"));
                } catch (Throwable e) {
                    failure.complete(e);
                }
            });
            long pid = pids.take();
            Processes.await(() -> "a thread that waits, not " + waiting.getState(), () -> isAsleep(waiting));
            event.happen(pool, future, pid, waiting);
            var thrown = failure.get(SOON, TimeUnit.SECONDS);
            pool.terminate();
            return thrown;
        }
    }

    private static boolean isAsleep(Thread thread) {
        for (var frame : thread.getStackTrace()) {
            if (frame.getMethodName().equals("sleep") && frame.getClassName().endsWith("WaitPoint")) {
                return true;
            }
        }
        return false;
    }

    @Test
    void whoWaitsLearnsThatTheWorkerDied() throws Exception {
        assertThat(ofWaiting((_, _, pid, _) -> kill(pid))).hasCauseInstanceOf(WorkerCrashedException.class);
    }

    @Test
    void whoWaitsLearnsThatTheTaskWasCancelledAndRunsOn() throws Exception {
        assertThat(ofWaiting((_, future, _, _) -> future.cancel(false))).isInstanceOf(CancellationException.class);
    }

    @Test
    void whoWaitsLearnsThatTheTaskWasStopped() throws Exception {
        assertThat(ofWaiting((_, future, _, _) -> future.cancel(true))).isInstanceOf(CancellationException.class);
    }

    @Test
    void whoWaitsLearnsThatSomebodyElseHasFailedTheFuture() throws Exception {
        var failure = ofWaiting((_, future, _, _) -> future.completeExceptionally(new IllegalStateException("mine")));
        assertThat(failure).hasRootCauseMessage("mine");
        var late = ofWaiting((_, future, _, _) -> future.orTimeout(1, TimeUnit.MILLISECONDS));
        assertThat(late).hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void whoWaitsLearnsThatThePoolWasTerminated() throws Exception {
        assertThat(ofWaiting((pool, _, _, _) -> pool.terminate())).isInstanceOf(CancellationException.class);
    }

    @Test
    void whoWaitsCanBeInterrupted() throws Exception {
        assertThat(ofWaiting((_, _, _, waiting) -> waiting.interrupt())).isInstanceOf(InterruptedException.class);
    }

    @Test
    void whoWaitsLearnsThatTheLimitIsReached() throws Exception {
        try (SharedQueue<Long> pids = SharedQueue.create(1);
                var executor = ProcessPoolExecutor.open(1)) {
            executor.submit(() -> 1).get(); // a warm worker
            var future = executor.submit(() -> report(pids), options -> options.timeout(Duration.ofSeconds(2)));
            assertThatThrownBy(future::get).hasCauseInstanceOf(TaskTimeoutException.class);
        }
    }

    @Test
    void waitingForALimitedTimeEndsThen() throws Exception {
        try (SharedQueue<Long> pids = SharedQueue.create(1);
                var pool = Pool.open(1)) {
            var future = pool.applyAsync(() -> report(pids));
            assertThatThrownBy(() -> future.get(20, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> future.get(0, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> future.get(-5, TimeUnit.DAYS)).isInstanceOf(TimeoutException.class);
            long pid = pids.take();
            kill(pid);
            assertThatThrownBy(() -> future.get(Long.MAX_VALUE, TimeUnit.DAYS))
                    .hasCauseInstanceOf(WorkerCrashedException.class);
        }
    }

    @Test
    void dependentsRunThoughNobodyWaits() throws Exception {
        try (var pool = Pool.open(2)) {
            pool.apply(() -> 1);
            for (int i = 0; i < 200; i++) {
                int n = i;
                assertThat(pool.apply(() -> n)).isEqualTo(n); // whoever has waited has left
                var dependent = pool.applyAsync(() -> n).thenApply(x -> x + 1);
                assertThat(dependent.get(SOON, TimeUnit.SECONDS)).isEqualTo(n + 1);
                var all = CompletableFuture.allOf(pool.applyAsync(() -> n), pool.applyAsync(() -> n));
                all.get(SOON, TimeUnit.SECONDS);
            }
        }
    }

    private static void spin(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static int halt() {
        Runtime.getRuntime().halt(3);
        return 0;
    }

    /// Has a thread wait so many times that its place is kept for it.
    private static void waitAgainAndAgain(Pool pool) throws Exception {
        for (int i = 0; i < 2_000; i++) {
            int number = i;
            assertThat(pool.applyAsync(() -> number + 1).get()).isEqualTo(i + 1);
        }
    }

    @Test
    void whatFollowsIsDoneWhenWhoWaitedAgainAndAgainHasGone() throws Exception {
        try (var pool = Pool.open(2)) {
            waitAgainAndAgain(pool);
            var futures = new ArrayList<CompletableFuture<Integer>>();
            for (int i = 0; i < 1_000; i++) {
                int number = i;
                futures.add(pool.applyAsync(() -> number + 1).thenApply(result -> 2 * result));
            }
            CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)).get(SOON, TimeUnit.SECONDS);
            assertThat(futures.getLast().join()).isEqualTo(2_000);
        }
    }

    @Test
    void whoWaitedAgainAndAgainStillHasLimitsDeathsAndAnEnd() throws Exception {
        try (SharedQueue<Long> pids = SharedQueue.create(1);
                var pool = Pool.open(o -> o.workers(2).taskTimeout(Duration.ofSeconds(3)))) {
            waitAgainAndAgain(pool);
            var overrun = pool.applyAsync(() -> report(pids));
            assertThatThrownBy(overrun::get).hasCauseInstanceOf(TaskTimeoutException.class);
            long stopped = pids.take();
            waitAgainAndAgain(pool);
            var killed = pool.applyAsync(PoolDutyTest::halt);
            assertThatThrownBy(killed::get).hasCauseInstanceOf(WorkerCrashedException.class);
            waitAgainAndAgain(pool);
            assertThat(stopped).isPositive();
        }
    }

    @Test
    void whatWaitsBehindALongTaskIsRunByOthers() throws Exception {
        try (SharedQueue<Long> pids = SharedQueue.create(1);
                SharedInt ran = SharedInt.of(0);
                var pool = Pool.open(2)) {
            pool.map(
                    IntStream.range(0, 5_000).boxed().toList(),
                    n -> n,
                    1); // they run many in no time: many wait with each
            var futures = new ArrayList<ProcessFuture<Long>>();
            for (int i = 0; i < 2_000; i++) {
                boolean isLong = i == 20;
                futures.add(pool.applyAsync(() -> {
                    if (isLong) {
                        return report(pids);
                    }
                    ran.incrementAndGet();
                    return 1L;
                }));
            }
            pids.take();
            for (int i = 0; i < futures.size(); i++) {
                if (i != 20) {
                    assertThat(futures.get(i).get(SOON, TimeUnit.SECONDS)).isEqualTo(1);
                }
            }
            assertThat(ran.get()).isEqualTo(1_999);
            assertThat(pool.stats().waiting())
                    .as("what was taken back waits no more")
                    .isZero();
            assertThat(pool.stats().running()).isEqualTo(1);
            pool.terminate();
        }
    }

    @Test
    void tasksOfOneWorkerRunInTheOrderOfSubmissionHoweverManyWaitWithIt() throws Exception {
        try (SharedQueue<Integer> order = SharedQueue.create(10_000);
                var pool = Pool.open(1)) {
            var random = new Random(7);
            var futures = new ArrayList<ProcessFuture<Integer>>();
            for (int i = 0; i < 3_000; i++) {
                int n = i;
                long nanos = random.nextInt(100) == 0 ? 3_000_000 : 0;
                futures.add(pool.applyAsync(() -> {
                    spin(nanos);
                    order.put(n);
                    return n;
                }));
            }
            for (int i = 0; i < 3_000; i++) {
                assertThat(order.take()).isEqualTo(i);
            }
            assertThat(futures.getLast().get()).isEqualTo(2_999);
        }
    }

    @Test
    void manyThreadsOfBothKindsSubmitAndWaitWhileWorkersAreKilled() throws Exception {
        long seed = System.nanoTime();
        System.out.println("manyThreadsOfBothKindsSubmitAndWaitWhileWorkersAreKilled: seed " + seed);
        var random = new Random(seed);
        var crashed = new AtomicInteger();
        var asked = new AtomicInteger();
        try (var executor = ProcessPoolExecutor.open(3)) {
            var threads = new ArrayList<Thread>();
            var failures = new ArrayList<CompletableFuture<Void>>();
            for (int t = 0; t < 8; t++) {
                var own = new Random(random.nextLong());
                var end = new CompletableFuture<Void>();
                failures.add(end);
                Runnable body = () -> {
                    try {
                        useIt(executor, own, asked, crashed);
                        end.complete(null);
                    } catch (Throwable e) {
                        end.completeExceptionally(e);
                    }
                };
                threads.add(
                        t % 2 == 0
                                ? Thread.ofPlatform().start(body)
                                : Thread.ofVirtual().start(body));
            }
            for (int i = 0; i < 6; i++) {
                var workers = executor.stats().processes();
                if (!workers.isEmpty()) {
                    kill(workers.get(random.nextInt(workers.size())).pid());
                }
                int next = 400 * (i + 1);
                Processes.await(() -> next + " tasks, not " + asked.get(), () -> asked.get() >= next);
            }
            for (var end : failures) {
                end.get(SOON, TimeUnit.SECONDS);
            }
            for (var thread : threads) {
                assertThat(thread.join(Duration.ofSeconds(SOON))).isTrue();
            }
            assertThat(crashed.get()).isLessThanOrEqualTo(6);
            assertThat(executor.submit(() -> 1).get(SOON, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    private static void useIt(ProcessPoolExecutor executor, Random random, AtomicInteger asked, AtomicInteger crashed)
            throws Exception {
        for (int i = 0; i < 400; i++) {
            asked.incrementAndGet();
            int n = random.nextInt();
            long nanos = random.nextInt(10) == 0 ? random.nextInt(2_000_000) : 0;
            var future = executor.submit(() -> {
                spin(nanos);
                return n;
            });
            try {
                int how = random.nextInt(8);
                int result = switch (how) {
                    case 0 -> future.get(SOON, TimeUnit.SECONDS);
                    case 1 -> future.thenApply(x -> x).get(SOON, TimeUnit.SECONDS);
                    case 2 -> future.join();
                    case 3 -> {
                        var all = List.of(future, executor.submit(() -> n));
                        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                                .get(SOON, TimeUnit.SECONDS);
                        yield future.resultNow();
                    }
                    case 4 -> {
                        future.cancel(random.nextBoolean());
                        yield n;
                    }
                    default -> future.get();
                };
                assertThat(result).isEqualTo(n);
            } catch (ExecutionException | java.util.concurrent.CompletionException e) {
                assertThat(e).hasRootCauseInstanceOf(WorkerCrashedException.class);
                crashed.incrementAndGet();
            }
        }
    }

    /// Says who this worker is as soon as it waits for its first task.
    private static void reportWhenReady(SharedQueue<Long> pids) {
        var main = Thread.currentThread();
        Thread.ofPlatform().daemon().start(() -> {
            Processes.await("a worker that waits", () -> isAsleep(main));
            try {
                pids.put(ProcessHandle.current().pid());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void killingWorkersThatAreReadyAndHaveYetToRunATaskBreaksNoPool() throws Exception {
        try (SharedQueue<Long> pids = SharedQueue.create(100);
                var pool = Pool.open(o -> o.workers(1).initializer(() -> reportWhenReady(pids)))) {
            for (int i = 0; i < 20; i++) {
                kill(pids.take());
            }
            assertThat(pool.applyAsync(() -> 1).get(SOON, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    private static int submitAtTheEndOfTheStack(ProcessPoolExecutor executor, List<ProcessFuture<Integer>> futures) {
        try {
            int deeper = submitAtTheEndOfTheStack(executor, futures);
            if (deeper < 400) {
                try {
                    futures.add(executor.submit(() -> 1)); // again with a little more room each time
                } catch (StackOverflowError e) {
                    // not even that
                }
            }
            return deeper + 1;
        } catch (StackOverflowError e) {
            return 0;
        }
    }

    @Test
    void aStackThatIsAlmostFullHarmsNoPool() throws Exception {
        try (var executor = ProcessPoolExecutor.open(1)) {
            var futures = new ArrayList<ProcessFuture<Integer>>();
            executor.submit(() -> 1).get();
            var thread = new Thread(null, () -> submitAtTheEndOfTheStack(executor, futures), "deep", 512 << 10);
            thread.start();
            assertThat(thread.join(Duration.ofSeconds(SOON))).isTrue();
            assertThat(futures).isNotEmpty();
            for (var future : futures) {
                assertThat(future.get(SOON, TimeUnit.SECONDS)).isEqualTo(1);
            }
            assertThat(executor.submit(() -> 2).get(SOON, TimeUnit.SECONDS)).isEqualTo(2);
        }
    }

    private static int waitAtTheEndOfTheStack(Pool pool, List<CompletableFuture<Integer>> futures) {
        try {
            int deeper = waitAtTheEndOfTheStack(pool, futures);
            if (deeper < 400) {
                try {
                    for (int i = 0; i < 8; i++) {
                        futures.add(pool.applyAsync(() -> 1).thenApply(result -> result)); // that others complete
                    }
                    assertThat(pool.applyAsync(() -> 1).get()).isEqualTo(1);
                } catch (StackOverflowError | IllegalArgumentException e) {
                    // not even that; the latter says that the task is nested too deeply for what is left
                } catch (InterruptedException | ExecutionException e) {
                    throw new AssertionError(e);
                }
            }
            return deeper + 1;
        } catch (StackOverflowError e) {
            return 0;
        }
    }

    /// How much room a call needs changes as it is compiled.
    @ParameterizedTest
    @ValueSource(ints = {0, 100, 100, 200, 1000})
    void whoWaitsWithAStackThatIsAlmostFullHarmsNoPool(int before) throws Exception {
        var futures = new ArrayList<CompletableFuture<Integer>>();
        try (var pool = Pool.open(1)) {
            for (int i = 0; i <= before; i++) {
                assertThat(pool.applyAsync(() -> 1).get()).isEqualTo(1);
            }
            var thread = new Thread(null, () -> waitAtTheEndOfTheStack(pool, futures), "deep", 512 << 10);
            thread.start();
            assertThat(thread.join(Duration.ofSeconds(SOON))).isTrue();
            assertThat(futures).isNotEmpty();
            for (var future : futures) {
                assertThat(future.get(SOON, TimeUnit.SECONDS)).isEqualTo(1);
            }
            assertThat(pool.apply(() -> 2)).isEqualTo(2);
        }
    }

    private static long reportOnce(SharedInt runs, SharedQueue<Long> pids) throws InterruptedException {
        return runs.incrementAndGet() == 1 ? report(pids) : 0;
    }

    @Test
    void aCancelledTaskIsNotRunAgainWhenItsWorkerDies() throws Exception {
        try (var runs = SharedInt.of(0);
                SharedQueue<Long> pids = SharedQueue.create(1)) {
            try (var executor = ProcessPoolExecutor.open(1)) {
                var future = executor.submit(() -> reportOnce(runs, pids), options -> options.retries(1));
                long pid = pids.take();
                assertThat(future.cancel(false)).isTrue();
                assertThat(executor.stats().retried()).isZero(); // and the pool knows of the cancellation
                kill(pid);
            }
            assertThat(runs.get()).isOne();
        }
    }

    @Test
    void whatDependsOnACancelledFutureMayWaitForTheEndOfItsPool() throws Exception {
        try (SharedQueue<Long> pids = SharedQueue.create(1);
                var executor = ProcessPoolExecutor.open(1);
                var pool = Pool.open(1)) {
            var future = executor.submit(() -> report(pids));
            future.onDone(_ -> executor.close());
            pids.take();
            assertThat(future.cancel(true)).isTrue();
            assertThat(executor.isTerminated()).isTrue();
            assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);

            var all = pool.mapAsync(List.of(1, 2), _ -> report(pids));
            all.onDone(_ -> pool.close());
            pids.take();
            assertThat(all.cancel(true)).isTrue();
            assertThatThrownBy(all::get).isInstanceOf(CancellationException.class);
        }
    }

    private static long used() {
        System.gc();
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    void aFutureThatIsKeptKeepsItsValueAndNotWhatItWasReadFrom() throws Exception {
        int bytes = 100_000;
        int count = 600;
        try (var pool = Pool.open(1)) {
            pool.apply(() -> 1);
            long before = used();
            var futures = new ArrayList<ProcessFuture<byte[]>>();
            for (int i = 0; i < count; i++) {
                var future = pool.applyAsync(() -> new byte[bytes]);
                futures.add(future);
                assertThat(future.get()).hasSize(bytes);
            }
            long kept = used() - before;
            assertThat(futures).allMatch(ProcessFuture::isDone);
            assertThat(kept).isLessThan((long) bytes * count * 3 / 2);
        }
    }

    /// Comes when it is let.
    private static final class Slow implements Serializable {
        private static final CountDownLatch LET = new CountDownLatch(1);

        private Object readResolve() throws InvalidObjectException {
            try {
                return LET.await(SOON, TimeUnit.SECONDS) ? "it is here" : "nobody let it";
            } catch (InterruptedException e) {
                throw new InvalidObjectException("interrupted");
            }
        }
    }

    @Test
    void futuresAreDoneWhenTheirPoolHasEnded() throws Exception {
        var executor = ProcessPoolExecutor.open(1);
        ProcessFuture<Object> slow = executor.submit(() -> new Slow());
        var closed = new CompletableFuture<ProcessPoolExecutor>();
        var quick = executor.submit(() -> 1);
        quick.onDone(_ -> {
            executor.close(); // from within
            closed.complete(executor);
        });
        executor.shutdown();
        assertThat(executor.awaitTermination(1, TimeUnit.SECONDS)).isFalse();
        assertThat(executor.isTerminated()).isFalse();
        Slow.LET.countDown();
        assertThat(executor.awaitTermination(SOON, TimeUnit.SECONDS)).isTrue();
        assertThat(executor.isTerminated()).isTrue();
        assertThat(slow.resultNow()).isEqualTo("it is here");
        assertThat(closed.get(SOON, TimeUnit.SECONDS)).isSameAs(executor);
    }
}
