package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.SharedInt;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedQueue;
import io.github.procession.internal.os.Os;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Children of children, pools in children and in workers, and many of them.
class TreesTest {
    /// More of them by hand: `-Dconformance.inARow=1000 -Dconformance.atOnce=200`.
    private static final int IN_A_ROW = Integer.getInteger("conformance.inARow", 60);

    private static final int AT_ONCE = Integer.getInteger("conformance.atOnce", 30);

    private static final int BREADTH = 2;

    // ---- three generations -----------------------------------------------------------------------------------------

    /// Each process makes an array, and passes it on to whoever takes it.
    static void grow(int depth, SharedInt leaves, SharedQueue<SharedIntArray> arrays) throws InterruptedException {
        if (depth == 0) {
            leaves.incrementAndGet();
            try (var array = SharedIntArray.of((int) ProcessHandle.current().pid())) {
                arrays.put(array);
            }
            return;
        }
        var children = IntStream.range(0, BREADTH)
                .mapToObj(_ -> ChildProcess.of(TreesTest::grow, depth - 1, leaves, arrays)
                        .start())
                .toList();
        for (var child : children) {
            child.join();
        }
    }

    @Test
    void whatADescendantMadeOutlivesItAndReachesTheRoot() throws Exception {
        try (var leaves = SharedInt.of(0);
                var arrays = SharedQueue.<SharedIntArray>create(16)) {
            grow(3, leaves, arrays);
            assertThat(leaves.get()).isEqualTo(BREADTH * BREADTH * BREADTH);
            var pids = new ArrayList<Integer>();
            for (int i = 0; i < leaves.get(); i++) {
                try (var array = arrays.poll(30, TimeUnit.SECONDS)) {
                    pids.add(array.get(0));
                }
            }
            assertThat(pids).doesNotHaveDuplicates();
        }
    }

    static void between(SharedQueue<String> mine, SharedQueue<String> theirs, String word) throws InterruptedException {
        ChildProcess.of(TreesTest::talk, mine, theirs, word).start().join();
    }

    static void talk(SharedQueue<String> mine, SharedQueue<String> theirs, String word) throws InterruptedException {
        theirs.put(word);
        theirs.put(mine.take() + " " + word);
    }

    @Test
    void cousinsTalkToEachOther() throws Exception {
        try (var here = SharedQueue.<String>create(4);
                var there = SharedQueue.<String>create(4)) {
            var one = ChildProcess.of(TreesTest::between, here, there, "one").start();
            var two = ChildProcess.of(TreesTest::between, there, here, "two").start();
            one.join();
            two.join();
            assertThat(here.take()).isEqualTo("one two");
            assertThat(there.take()).isEqualTo("two one");
        }
    }

    // ---- pools below -----------------------------------------------------------------------------------------------

    private static int squares(int n) throws InterruptedException {
        try (var pool = Pool.open(2)) {
            return pool.map(IntStream.range(0, n).boxed().toList(), i -> i * i).stream()
                    .mapToInt(Integer::intValue)
                    .sum();
        }
    }

    static void squaresInto(int n, SharedInt sum) throws InterruptedException {
        sum.set(squares(n));
    }

    @Test
    void aChildHasAPool() throws Exception {
        try (var sum = SharedInt.of(0)) {
            ChildProcess.of(TreesTest::squaresInto, 10, sum).start().join();
            assertThat(sum.get()).isEqualTo(285);
        }
    }

    @Test
    void aWorkerHasAPool() throws Exception {
        try (var pool = Pool.open(2)) {
            assertThat(pool.map(List.of(3, 4, 5), TreesTest::squares)).containsExactly(5, 14, 30);
        }
    }

    static void holdAPool(SharedQueue<Long> there) throws InterruptedException {
        var pool = Pool.open(2);
        for (int i = 0; i < 2; i++) {
            pool.applyAsync(() -> {
                there.put(ProcessHandle.current().pid());
                Thread.sleep(Duration.ofMinutes(10));
                return 0;
            });
        }
        Thread.sleep(Duration.ofMinutes(10));
    }

    @Test
    void aKilledProcessTakesItsPoolAlongAndNobodyElse() throws Exception {
        try (var there = SharedQueue.<Long>create(4)) {
            var one = ChildProcess.of(TreesTest::holdAPool, there).start();
            var ones = List.of(there.take(), there.take());
            var two = ChildProcess.of(TreesTest::holdAPool, there).start();
            var twos = List.of(there.take(), there.take());
            assertThat(Os.kill(one.pid(), Os.SIGKILL)).isTrue(); // alone: what is below it must notice
            one.join();
            Processes.awaitGone("workers of a process that was killed", ones);
            assertThat(Processes.notGone(twos)).isEqualTo(twos);
            two.kill();
            two.join();
            Processes.awaitGone("workers of a process that was killed with them", twos);
        }
    }

    @Test
    void aDaemonGoesWithItsPool() throws Exception {
        try (var there = SharedQueue.<Long>create(4)) {
            var daemon =
                    ChildProcess.of(TreesTest::holdAPool, there).daemon(true).start();
            var workers = List.of(there.take(), there.take());
            daemon.close();
            Processes.awaitGone("workers of a daemon", workers);
        }
    }

    // ---- many ------------------------------------------------------------------------------------------------------

    @Test
    void manyInARowLeaveNothing() throws Exception {
        try (var ran = SharedInt.of(0)) {
            for (int i = 0; i < IN_A_ROW; i++) {
                try (var child =
                        ChildProcess.of(ran::incrementAndGet).name("short-" + i).start()) {
                    child.join();
                    assertThat(child.exitStatus().orElseThrow().code()).isZero();
                }
            }
            assertThat(ran.get()).isEqualTo(IN_A_ROW);
        }
    }

    static void meet(SharedInt here, SharedQueue<String> gate) throws InterruptedException {
        here.incrementAndGet();
        gate.take();
    }

    @Test
    void manyAtOnceLeaveNothing() throws Exception {
        try (var here = SharedInt.of(0);
                var gate = SharedQueue.<String>create(AT_ONCE)) {
            var children = IntStream.range(0, AT_ONCE)
                    .mapToObj(_ -> ChildProcess.of(TreesTest::meet, here, gate).start())
                    .toList();
            Processes.await(() -> AT_ONCE + " processes to meet, not " + here.get(), () -> here.get() == AT_ONCE);
            assertThat(children).allMatch(ChildProcess::isAlive);
            for (int i = 0; i < AT_ONCE; i++) {
                gate.put("go");
            }
            for (var child : children) {
                child.join();
                assertThat(child.exitStatus().orElseThrow().code()).isZero();
            }
        }
    }
}
