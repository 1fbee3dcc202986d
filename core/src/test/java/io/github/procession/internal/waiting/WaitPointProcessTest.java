package io.github.procession.internal.waiting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.internal.os.Os;
import io.github.procession.internal.os.SharedFile;
import io.github.procession.internal.os.TestJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Waiting across processes that are killed and stopped. `-Dprocession.storms=100` for a hundred times the deaths.
@Timeout(3600)
class WaitPointProcessTest {

    private static final int DEATHS = 10 * Integer.getInteger("procession.storms", 1);

    private final SplittableRandom random = WaitPointTest.seeded();

    private static void until(BooleanSupplier condition, String what) {
        long limit = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > limit) {
                throw new AssertionError(what + " did not come about in time");
            }
            Thread.yield();
        }
    }

    @Test
    void pingPongBetweenProcessesLosesNoWake() throws InterruptedException {
        int rounds = 100_000;
        try (SharedFile file = new SharedFile(Sleeper.BYTES);
                TestJvm other = TestJvm.start(Sleeper.class, List.of(), "play", file.path(), rounds)) {
            new Sleeper(file.memory()).table().serve(rounds, 16);
            assertThat(other.exit()).isZero();
        }
    }

    /// Permits are given one at a time while sleepers are killed. As long as somebody lives who takes them, none remains.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noWakeIsLostToTheDeathOfASleeper(boolean virtual) throws InterruptedException {
        try (SharedFile file = new SharedFile(Sleeper.BYTES)) {
            Sleeper root = new Sleeper(file.memory());
            List<TestJvm> jvms = new ArrayList<>();
            try {
                for (int i = 0; i < 2; i++) {
                    jvms.add(TestJvm.start(Sleeper.class, List.of(), "take", file.path(), virtual));
                }
                until(() -> root.running() == 2, "start");
                for (int death = 0; death < DEATHS; death++) {
                    for (int i = random.nextInt(200); i > 0; i--) {
                        root.give();
                        WaitPointTest.pause(random, 2000);
                    }
                    TestJvm victim = jvms.remove(random.nextInt(2));
                    giveDuring(root, victim);
                    root.repair();
                    until(() -> root.permits() == 0, "the taking of the last permit");
                    until(() -> root.waiters() == Sleeper.THREADS, "the count of only the living");
                    jvms.add(TestJvm.start(Sleeper.class, List.of(), "take", file.path(), virtual));
                    int expected = 3 + death;
                    until(() -> root.running() == expected, "start");
                }
            } finally {
                jvms.forEach(TestJvm::close);
            }
        }
    }

    /// Kills at a moment when permits are given, so that some wakes reach the dying.
    private static void giveDuring(Sleeper root, TestJvm victim) throws InterruptedException {
        victim.signal(Os.SIGKILL);
        while (victim.isAlive()) {
            root.give();
        }
        victim.exit();
    }

    @Test
    void stoppedSleeperHoldsNobodyUp() throws InterruptedException {
        try (SharedFile file = new SharedFile(Sleeper.BYTES);
                TestJvm stopped = TestJvm.start(Sleeper.class, List.of(), "take", file.path(), false)) {
            Sleeper root = new Sleeper(file.memory());
            until(() -> root.running() == 1 && root.waiters() == Sleeper.THREADS, "sleep");
            for (int round = 0; round < 20; round++) {
                stopped.signal(Os.SIGSTOP);
                until(() -> isStopped(stopped.pid()), "stop");
                try (TestJvm other = TestJvm.start(Sleeper.class, List.of(), "take", file.path(), false)) {
                    int expected = 2 + round;
                    until(() -> other.isAlive() && root.running() == expected, "start");
                    for (int i = 0; i < 100; i++) {
                        root.give();
                        until(() -> root.permits() == 0, "the taking of a permit by the other");
                    }
                }
                root.repair();
                root.give();
                assertThat(root.permits()).isEqualTo(1);
                stopped.signal(Os.SIGCONT);
                until(() -> root.permits() == 0, "the taking of a permit by the one that goes on");
            }
        }
    }

    private static boolean isStopped(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /// All virtual threads share one carrier, which none of them may hold while it waits.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void thousandVirtualThreadsWaitOnOneCarrier(boolean polling) throws InterruptedException {
        List<String> options = List.of(
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                "-Dio.github.procession.parker.polling=" + polling);
        try (TestJvm jvm = TestJvm.start(OneCarrier.class, options)) {
            assertThat(jvm.exit()).as(() -> jvm.output().toString()).isZero();
            assertThat(jvm.output()).contains("all done");
        }
    }
}
