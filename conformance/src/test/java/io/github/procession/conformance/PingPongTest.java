package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.ChildProcess;
import io.github.procession.Connection;
import io.github.procession.Pipe;
import io.github.procession.SharedQueue;
import io.github.procession.internal.os.Os;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// No wake is lost: not between two processes that wait for each other at any pace, not when either is stopped for a while,
/// not when the sleeper that got it dies.
///
/// `-Dconformance.pingPongs=1000000` plays a million rounds.
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class PingPongTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int ROUNDS = Integer.getInteger("conformance.pingPongs", 20_000);
    private static final int ROUNDS_FOR_A_DEATH = 2_500;
    private static final int SLEEPERS = 3;

    private record Game(boolean begins, int rounds, long seed) implements Serializable {}

    /// Mostly nothing, so that the other side is met spinning; at times longer than anybody spins.
    private static void pause(Random random) {
        int kind = random.nextInt(256);
        if (kind == 0) {
            LockSupport.parkNanos(random.nextInt(1_000_000));
        } else if (kind < 32) {
            long until = System.nanoTime() + random.nextInt(50_000);
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
        }
    }

    private static void same(int expected, Object there) {
        if (!there.equals(expected)) {
            throw new AssertionError("expected " + expected + ", got " + there);
        }
    }

    static void play(SharedQueue<Integer> in, SharedQueue<Integer> out, Game game) throws InterruptedException {
        var random = new Random(game.seed);
        for (int i = 0; i < game.rounds; i++) {
            if (game.begins) {
                out.put(i);
            }
            same(i, in.take());
            pause(random);
            if (!game.begins) {
                out.put(i);
            }
        }
    }

    static void talk(Connection end, Game game) throws IOException, InterruptedException {
        var random = new Random(game.seed);
        try (end) {
            for (int i = 0; i < game.rounds; i++) {
                if (game.begins) {
                    end.send(i);
                }
                same(i, end.receive(Integer.class));
                pause(random);
                if (!game.begins) {
                    end.send(i);
                }
            }
        }
    }

    /// Stops and continues one of the two at random until both have played all rounds.
    private static void disturb(Random random, ChildProcess left, ChildProcess right) throws InterruptedException {
        int stops = 0;
        while (!left.join(Duration.ofMillis(random.nextInt(20)))) {
            var child = random.nextBoolean() ? left : right;
            if (Os.kill(child.pid(), Os.SIGSTOP)) {
                stops++;
                right.join(Duration.ofMillis(random.nextInt(5)));
                Os.kill(child.pid(), Os.SIGCONT);
            }
        }
        assertThat(right.join(SOON)).isTrue();
        for (var child : List.of(left, right)) {
            assertThat(child.exitStatus().orElseThrow().success())
                    .as("after %d stops", stops)
                    .isTrue();
        }
        System.out.println(ROUNDS + " rounds, " + stops + " stops");
    }

    private static Random random() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        return new Random(seed);
    }

    @Test
    void twoProcessesPlayOverQueues() throws Exception {
        var random = random();
        try (var there = SharedQueue.<Integer>create(1);
                var back = SharedQueue.<Integer>create(1)) {
            var left = ChildProcess.of(PingPongTest::play, back, there, new Game(true, ROUNDS, random.nextLong()))
                    .start();
            var right = ChildProcess.of(PingPongTest::play, there, back, new Game(false, ROUNDS, random.nextLong()))
                    .start();
            disturb(random, left, right);
            assertThat(there).isEmpty();
            assertThat(back).isEmpty();
        }
    }

    @Test
    void twoProcessesPlayOverAConnection() throws Exception {
        var random = random();
        try (var pipe = Pipe.open()) {
            var left = ChildProcess.of(PingPongTest::talk, pipe.left(), new Game(true, ROUNDS, random.nextLong()))
                    .start();
            var right = ChildProcess.of(PingPongTest::talk, pipe.right(), new Game(false, ROUNDS, random.nextLong()))
                    .start();
            pipe.close();
            disturb(random, left, right);
        }
    }

    static void passOn(SharedQueue<Integer> in, SharedQueue<Integer> out) throws InterruptedException {
        while (true) {
            out.put(in.take());
        }
    }

    /// A stopped sleeper takes the wake all the same, and then never runs again: the root hands it on.
    @Test
    void theWakeOfASleeperThatDiesGoesToAnother() throws Exception {
        var random = random();
        try (var in = SharedQueue.<Integer>create(4);
                var out = SharedQueue.<Integer>create(4)) {
            var sleepers = new ArrayList<ChildProcess>();
            for (int i = 0; i < SLEEPERS; i++) {
                sleepers.add(ChildProcess.of(PingPongTest::passOn, in, out).start());
            }
            in.put(-1);
            assertThat(out.poll(60, TimeUnit.SECONDS)).isEqualTo(-1);
            for (int round = 0; round < Math.max(1, ROUNDS / ROUNDS_FOR_A_DEATH); round++) {
                var chosen = sleepers.remove(random.nextInt(sleepers.size()));
                Processes.stop(chosen.pid());
                in.put(round);
                pause(random);
                chosen.kill();
                assertThat(out.poll(60, TimeUnit.SECONDS)).as("round %d", round).isEqualTo(round);
                chosen.join();
                sleepers.add(ChildProcess.of(PingPongTest::passOn, in, out).start());
            }
            sleepers.forEach(ChildProcess::kill);
            for (var sleeper : sleepers) {
                sleeper.join();
            }
            assertThat(in).isEmpty();
            assertThat(out).isEmpty();
        }
    }
}
