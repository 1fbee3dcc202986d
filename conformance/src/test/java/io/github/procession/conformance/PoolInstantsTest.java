package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.Attempt;
import io.github.procession.Pool;
import io.github.procession.ProcessPoolExecutor;
import io.github.procession.SharedEvent;
import io.github.procession.SharedIntArray;
import io.github.procession.TaskTimeoutException;
import io.github.procession.WorkerCrashedException;
import io.github.procession.internal.os.Fuse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Workers halt at each instant of a task's life, and pools at each of theirs. Each task has one outcome, and the right one; of a
/// pool whose process is gone nothing is left.
class PoolInstantsTest {
    private static final int ITEMS = 24;
    private static final int WORKERS = 2;
    private static final int LARGE = 300_000; // ints: more than the channel holds at a time
    private static final long SOON = 60; // seconds

    private static Pool doomed(String plan) {
        return Pool.open(o -> o.workers(WORKERS).process(p -> p.jvmArgs("-D" + Fuse.PROPERTY + "=" + plan)));
    }

    private static int run(SharedIntArray ran, int item) {
        ran.incrementAndGet(item);
        return item;
    }

    /// Runs all items, one a task; each worker that comes dies at its fourth task or so.
    ///
    /// @return the items that crashed
    private static List<Integer> crashed(String plan, SharedIntArray ran) {
        var crashed = new ArrayList<Integer>();
        try (var pool = doomed(plan);
                var attempts = pool.attempt(IntStream.range(0, ITEMS).boxed().toList(), item -> run(ran, item))) {
            int next = 0;
            for (var attempt : attempts.toList()) {
                int item = next++;
                switch (attempt) {
                    case Attempt.Success<Integer, Integer>(Integer given, Integer result) ->
                        assertThat(List.of(given, result)).as(plan).containsOnly(item);
                    case Attempt.Failure<Integer, Integer>(Integer given, Throwable failure) -> {
                        assertThat(given).isEqualTo(item);
                        assertThat(failure).as(plan).isInstanceOf(WorkerCrashedException.class);
                        assertThat(((WorkerCrashedException) failure)
                                        .exitStatus()
                                        .code())
                                .isEqualTo(Fuse.STATUS);
                        crashed.add(item);
                    }
                }
            }
            assertThat(next).isEqualTo(ITEMS);
        }
        return crashed;
    }

    private static void check(SharedIntArray ran, List<Integer> crashed, String plan, int ofCrashed) {
        for (int item = 0; item < ITEMS; item++) {
            assertThat(ran.get(item))
                    .as("%s: item %d ran", plan, item)
                    .isEqualTo(crashed.contains(item) ? ofCrashed : 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TASK_READ:5", "PIPE_FREED:5", "LEAVING:1"})
    void whatHadNotBegunIsRunByAnother(String plan) {
        try (var ran = SharedIntArray.ofLength(ITEMS)) {
            assertThat(crashed(plan, ran)).as(plan).isEmpty();
            check(ran, List.of(), plan, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TASK_BEGUN:4"})
    void whatHadBegunCrashesThoughItHasNotRun(String plan) {
        try (var ran = SharedIntArray.ofLength(ITEMS)) {
            var crashed = crashed(plan, ran);
            assertThat(crashed).as(plan).isNotEmpty().hasSizeLessThanOrEqualTo(ITEMS / 4);
            check(ran, crashed, plan, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TASK_RETURNED:4", "RESULT_PACKED:4", "PIPE_HEADED:5", "PIPE_WRITTEN:5"})
    void whatHasRunCrashesAsLongAsItsResultIsNotPublished(String plan) {
        try (var ran = SharedIntArray.ofLength(ITEMS)) {
            var crashed = crashed(plan, ran);
            assertThat(crashed).as(plan).isNotEmpty().hasSizeLessThanOrEqualTo(ITEMS / 4);
            check(ran, crashed, plan, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPE_PUBLISHED:5", "RESULT_PUBLISHED:5", "RESULT_RUNG:5"})
    void aResultThatIsPublishedCounts(String plan) {
        try (var ran = SharedIntArray.ofLength(ITEMS)) {
            assertThat(crashed(plan, ran)).as(plan).isEmpty();
            check(ran, List.of(), plan, 0);
        }
    }

    private static int[] large() {
        return new int[LARGE];
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPE_HEADED:4", "PIPE_WRITTEN:5", "PIPE_PUBLISHED:3", "RESULT_PUBLISHED:3"})
    void aResultOfManyPartsThatIsCutOffIsACrash(String plan) throws Exception {
        try (var pool = doomed(plan)) {
            for (int i = 0; i < 3; i++) {
                var future = pool.applyAsync(PoolInstantsTest::large);
                assertThatThrownBy(() -> future.get(SOON, TimeUnit.SECONDS))
                        .as(plan)
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(WorkerCrashedException.class);
            }
        }
    }

    private static long memories() throws IOException {
        long count = 0;
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (var descriptor : descriptors.toList()) {
                try {
                    count += Files.readSymbolicLink(descriptor).toString().contains("memfd:") ? 1 : 0;
                } catch (IOException e) {
                    // closed meanwhile
                }
            }
        }
        return count;
    }

    private static SharedIntArray shared() {
        return SharedIntArray.ofLength(LARGE * 10); // has a segment of its own
    }

    @Test
    void sharedObjectsInAResultThatWasNeverSentAreFreed() throws Exception {
        SharedIntArray.ofLength(1).close(); // from here on this process has what the library keeps
        long before = memories();
        try (var pool = doomed("RESULT_PACKED:2")) {
            for (int i = 0; i < 4; i++) {
                try (var array = pool.apply(PoolInstantsTest::shared)) {
                    assertThat(array.length()).isEqualTo(LARGE * 10);
                } catch (WorkerCrashedException e) {
                    assertThat(e.exitStatus().code()).isEqualTo(Fuse.STATUS);
                }
            }
        }
        Processes.await("the memory of results that were never sent", () -> {
            try {
                return memories() <= before;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void aWorkerThatDiesAfterItsInitializerSaysSo() {
        try (var pool = Pool.open(o ->
                o.workers(1).initializer(() -> {}).process(p -> p.jvmArgs("-D" + Fuse.PROPERTY + "=INITIALIZED")))) {
            assertThatThrownBy(() -> pool.apply(() -> 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("workers in a row ended before they could run a task");
        }
    }

    // ---- the pool's process ----------------------------------------------------------------------------------------

    /// A pool that does everything: hands out, takes in, takes back, loses workers, retires them, ends.
    static final class Everything {
        private Everything() {}

        public static void main(String[] arguments) throws Exception {
            while (true) {
                try (var pool = Pool.open(o -> o.workers(WORKERS).maxTasksPerWorker(20))) {
                    var items = IntStream.range(0, 100).boxed().toList();
                    pool.map(items, item -> item + 1, 1);
                    var slow = pool.applyAsync(() -> {
                        Thread.sleep(Duration.ofMillis(50));
                        return 0;
                    });
                    pool.map(items, item -> item + 1, 1); // taken back from the one that is slow
                    slow.get();
                    assertThatThrownBy(() -> pool.apply(() -> {
                                Runtime.getRuntime().halt(1);
                                return 0;
                            }))
                            .isInstanceOf(WorkerCrashedException.class);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TASK_ISSUED:1",
                "TASK_ISSUED:30",
                "TASK_SENT:30",
                "TASK_TAKEN_BACK:1",
                "RESULT_READ:1",
                "RESULT_READ:30",
                "TASK_SETTLED:30",
                "WORKER_STARTED:1",
                "WORKER_STARTED:3",
                "WORKER_LEAVING:1",
                "WORKER_BURIED:1"
            })
    void nothingIsLeftOfAPoolWhoseProcessHalts(String plan) throws Exception {
        var mark = "POOL_INSTANT=" + UUID.randomUUID();
        try (var root = RootJvm.with(List.of("-D" + Fuse.PROPERTY + "=" + plan))
                .environment("POOL_INSTANT", mark.substring(mark.indexOf('=') + 1))
                .run(Everything.class)) {
            assertThat(root.exit()).as(plan + ": " + root.err()).isEqualTo(Fuse.STATUS);
            Processes.await(
                    () -> plan + ": processes left " + Processes.marked(mark),
                    () -> Processes.marked(mark).isEmpty());
        }
    }

    private static void stayWhereTasksBegin(SharedEvent begun) {
        Fuse.watcher = passed -> {
            if (passed.equals("TASK_BEGUN")) {
                begun.set();
                try {
                    Thread.sleep(700); // until the interrupt is here, or would have been
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }

    @Test
    void aTaskCanBeInterruptedAsSoonAsItHasBegun() throws Exception {
        try (var begun = SharedEvent.create();
                var interrupted = SharedEvent.create();
                var pool = Pool.open(o -> o.workers(1)
                        .process(p -> p.jvmArgs("-D" + Fuse.PROPERTY + "=WATCH"))
                        .initializer(() -> stayWhereTasksBegin(begun)))) {
            var future = pool.applyAsync(() -> {
                try {
                    Thread.sleep(Duration.ofMinutes(10));
                } catch (InterruptedException e) {
                    interrupted.set();
                }
                return 0;
            });
            begun.await();
            future.cancel(true);
            assertThat(interrupted.await(Duration.ofSeconds(SOON))).isTrue();
            assertThat(pool.apply(() -> 1)).isEqualTo(1);
            assertThat(pool.stats().restarts()).as("workers killed").isZero();
        }
    }

    /// Lets its task return as soon as it is looked at, and whoever looks stays where he is.
    private static final class LookedAt extends Thread {
        private final CountDownLatch seen = new CountDownLatch(1);

        LookedAt() {
            super("looked-at");
            setDaemon(true);
        }

        @Override
        public void run() {
            park();
        }

        @Override
        public State getState() {
            seen.countDown();
            park();
            return State.RUNNABLE;
        }

        private static void park() {
            while (true) {
                LockSupport.park();
            }
        }

        static int returnWhenLate() throws InterruptedException {
            var thread = new LookedAt();
            thread.start();
            thread.seen.await();
            return 0;
        }
    }

    @Test
    void aLateTaskWhoseWorkerHasAnsweredAndDiedCanBeCancelled() throws Exception {
        var plan = "-D" + Fuse.PROPERTY + "=RESULT_RUNG:2"; // once when it is ready
        try (var executor =
                ProcessPoolExecutor.open(o -> o.workers(1).initializer(() -> {}).process(p -> p.jvmArgs(plan)))) {
            var late = executor.submit(
                    () -> LookedAt.returnWhenLate(), options -> options.timeout(Duration.ofMillis(200)));
            Processes.await("a second worker", () -> executor.stats().restarts() == 1);
            late.cancel(true);
            assertThatThrownBy(() -> late.get(SOON, TimeUnit.SECONDS)).hasCauseInstanceOf(TaskTimeoutException.class);
            assertThat(executor.submit(() -> 1).get(SOON, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }
}
