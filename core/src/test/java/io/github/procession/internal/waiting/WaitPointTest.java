package io.github.procession.internal.waiting;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.internal.os.Os;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class WaitPointTest {

    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final long FOREVER = Long.MAX_VALUE;

    private static long in(long millis) {
        return System.nanoTime() + millis * 1_000_000;
    }

    private static Thread start(boolean virtual, Runnable body) {
        return (virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon()).start(body);
    }

    private static void until(BooleanSupplier condition) {
        long limit = in(60_000);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > limit) {
                throw new AssertionError("did not come about in time");
            }
            Thread.yield();
        }
    }

    private static long waiters(MemorySegment memory) {
        return WaitPointLayout.count((long) LONG.getVolatile(memory, WaitPointLayout.WAITERS_AT));
    }

    @Test
    void attemptThatSucceedsAtOnceNeverSleeps() throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            WaitPoint point = new WaitPoint(arena.allocate(WaitPointLayout.BYTES, 128), 0);
            assertThat(point.<String>await(() -> "here", FOREVER)).isEqualTo("here");
            assertThat(point.await(() -> true, FOREVER)).isTrue();
            assertThat(point.<String>await(() -> "here", System.nanoTime() - 1)).isEqualTo("here");
        }
    }

    @Test
    void limitEndsTheWaitAndNotEarlier() throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(WaitPointLayout.BYTES, 128);
            WaitPoint point = new WaitPoint(memory, 0);
            AtomicInteger attempts = new AtomicInteger();
            assertThat(point.<String>await(
                            () -> {
                                attempts.incrementAndGet();
                                return null;
                            },
                            System.nanoTime()))
                    .isNull();
            assertThat(attempts).hasValue(1);
            for (boolean virtual : new boolean[] {false, true}) {
                AtomicLong late = new AtomicLong(-1);
                Thread thread = start(virtual, () -> {
                    long deadline = in(40);
                    try {
                        boolean found = point.await(() -> false, deadline);
                        late.set(found ? -2 : System.nanoTime() - deadline);
                    } catch (InterruptedException unexpected) {
                        late.set(-3);
                    }
                });
                thread.join();
                assertThat(late.get()).isNotNegative();
            }
            assertThat(waiters(memory)).isZero();
        }
    }

    @Test
    void signalWithoutAWaiterLeavesSeqAlone() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(WaitPointLayout.BYTES, 128);
            WaitPoint point = new WaitPoint(memory, 0);
            point.signal();
            point.signalAll();
            point.repair();
            assertThat(memory.get(JAVA_INT, WaitPointLayout.SEQ_AT)).isZero();
            assertThat(memory.get(JAVA_LONG, WaitPointLayout.WAITERS_AT)).isZero();
        }
    }

    @Test
    void interruptOnEntryThrowsEvenIfTheAttemptWouldSucceed() {
        try (Arena arena = Arena.ofShared()) {
            WaitPoint point = new WaitPoint(arena.allocate(WaitPointLayout.BYTES, 128), 0);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> point.await(() -> true, FOREVER)).isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    @Test
    void heapAndOddPlacesAreRefused() {
        assertThatThrownBy(() -> new WaitPoint(MemorySegment.ofArray(new byte[256]), 0))
                .isInstanceOf(IllegalArgumentException.class);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(1024, 128);
            assertThatThrownBy(() -> new WaitPoint(memory, 64)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new WaitPoint(memory, 896)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    /// Two threads take turns, with pauses of all lengths, so that each is met spinning, about to sleep, and asleep.
    @ParameterizedTest
    @ValueSource(strings = {"platform platform", "virtual platform", "virtual virtual"})
    void pingPongLosesNoWake(String kinds) throws InterruptedException {
        int rounds = kinds.startsWith("virtual") ? 20_000 : 100_000;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(WaitPointTable.BYTES, 128);
            WaitPointTable there = new WaitPointTable(memory);
            AtomicInteger done = new AtomicInteger();
            Thread one = start(kinds.startsWith("virtual"), () -> {
                there.serve(rounds, 1);
                done.incrementAndGet();
            });
            Thread other = start(kinds.endsWith("virtual"), () -> {
                there.returnAll(rounds, 2);
                done.incrementAndGet();
            });
            one.join();
            other.join();
            assertThat(done).hasValue(2);
            assertThat(waiters(memory)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyOneOf20000RacingInterruptsArrives(boolean virtual) throws InterruptedException {
        int rounds = 20_000;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(WaitPointLayout.BYTES, 128);
            WaitPoint point = new WaitPoint(memory, 0);
            AtomicInteger entered = new AtomicInteger();
            AtomicInteger interrupted = new AtomicInteger();
            Thread sleeper = start(virtual, () -> {
                for (int i = 0; i < rounds; i++) {
                    entered.incrementAndGet();
                    try {
                        point.await(() -> false, FOREVER);
                    } catch (InterruptedException expected) {
                        interrupted.incrementAndGet();
                    }
                }
            });
            SplittableRandom random = seeded();
            for (int i = 1; i <= rounds; i++) {
                int round = i;
                until(() -> entered.get() == round);
                pause(random, 3000);
                sleeper.interrupt();
                until(() -> interrupted.get() == round);
            }
            sleeper.join();
            assertThat(interrupted).hasValue(rounds);
            assertThat(waiters(memory)).isZero();
        }
    }

    /// Whoever leaves with an exception may have used up the wake of the one permit; then the other must still get it.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void wakeUsedUpByALeaverIsPassedOn(boolean virtual) throws InterruptedException {
        int rounds = 10_000;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(WaitPointLayout.BYTES, 128);
            WaitPoint point = new WaitPoint(memory, 0);
            AtomicInteger permits = new AtomicInteger();
            AtomicInteger taken = new AtomicInteger();
            AtomicInteger left = new AtomicInteger();
            BooleanSupplier attempt = () -> {
                int there = permits.get();
                return there > 0 && permits.compareAndSet(there, there - 1);
            };
            Thread victim = start(virtual, () -> {
                while (left.get() < rounds) {
                    try {
                        point.await(attempt, FOREVER);
                        taken.incrementAndGet();
                    } catch (InterruptedException expected) {
                        int round = left.incrementAndGet();
                        until(() -> taken.get() == round); // not to take the permit after all
                    }
                }
            });
            Thread other = start(virtual, () -> {
                try {
                    while (true) {
                        point.await(attempt, FOREVER);
                        taken.incrementAndGet();
                    }
                } catch (InterruptedException end) {
                    return;
                }
            });
            SplittableRandom random = seeded();
            for (int i = 1; i <= rounds; i++) {
                int round = i;
                until(() -> waiters(memory) == 2);
                permits.incrementAndGet();
                point.signal();
                pause(random, 300);
                victim.interrupt();
                until(() -> taken.get() == round && left.get() == round);
            }
            victim.join();
            other.interrupt();
            other.join();
            assertThat(waiters(memory)).isZero();
        }
    }

    /// Items of which one signal was spent in vain: the one who gets through wakes the next.
    @Test
    void oneSignalForManyPermitsReachesEverybody() throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(WaitPointLayout.BYTES, 128);
            WaitPoint point = new WaitPoint(memory, 0);
            AtomicInteger permits = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                threads.add(start(i % 2 == 0, () -> {
                    try {
                        point.await(() -> permits.getAndUpdate(p -> Math.max(0, p - 1)) > 0, FOREVER);
                    } catch (InterruptedException unexpected) {
                        throw new IllegalStateException(unexpected);
                    }
                }));
            }
            until(() -> waiters(memory) == 20);
            permits.set(20);
            point.signal();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(permits).hasValue(0);
        }
    }

    @Test
    void repairCountsTheDeadOutAndTheLivingStayCorrect() throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(WaitPointLayout.BYTES, 128);
            WaitPoint point = new WaitPoint(memory, 0);
            LONG.getAndAdd(memory, WaitPointLayout.WAITERS_AT, 3L); // three that died in their sleep
            AtomicInteger permits = new AtomicInteger();
            Thread sleeper = start(false, () -> {
                try {
                    point.await(() -> permits.get() > 0, FOREVER);
                } catch (InterruptedException unexpected) {
                    throw new IllegalStateException(unexpected);
                }
            });
            until(() -> waiters(memory) == 4);
            point.repair();
            until(() -> waiters(memory) == 1);
            permits.set(1);
            point.signal();
            sleeper.join();
            assertThat((long) LONG.getVolatile(memory, WaitPointLayout.WAITERS_AT))
                    .isEqualTo(1L << 32);
        }
    }

    /// The root may repair while threads come and go at full speed.
    @Test
    void repairsWhileThreadsComeAndGoLoseNothing() throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(WaitPointTable.BYTES, 128);
            WaitPointTable there = new WaitPointTable(memory);
            Thread one = start(false, () -> there.serve(20_000, 3));
            Thread other = start(false, () -> there.returnAll(20_000, 4));
            SplittableRandom random = seeded();
            while (one.isAlive() || other.isAlive()) {
                there.repair();
                pause(random, 200);
            }
            assertThat(waiters(memory)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closeLetsEverybodyGoBeforeTheMemoryGoes(boolean virtual) throws InterruptedException {
        SplittableRandom random = seeded();
        for (int round = 0; round < 300; round++) {
            AtomicInteger closed = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            try (Arena arena = Arena.ofShared()) {
                WaitPoint point = new WaitPoint(arena.allocate(WaitPointLayout.BYTES, 128), 0);
                for (int i = 0; i < 4; i++) {
                    threads.add(start(virtual, () -> {
                        try {
                            point.await(() -> false, FOREVER);
                        } catch (IllegalStateException expected) {
                            assertThat(expected).hasMessageContaining("closed");
                            closed.incrementAndGet();
                        } catch (InterruptedException unexpected) {
                            throw new IllegalStateException(unexpected);
                        }
                    }));
                }
                pause(random, 20_000);
                point.close();
                point.close();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(closed).hasValue(4);
        }
    }

    /// More points than one futex_waitv can watch, each with a virtual thread.
    @Test
    void virtualThreadsAtManyPoints() throws InterruptedException {
        int count = 400;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(count * WaitPointLayout.BYTES, 128);
            AtomicInteger permit = new AtomicInteger();
            List<WaitPoint> points = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                WaitPoint point = new WaitPoint(memory, i * WaitPointLayout.BYTES);
                points.add(point);
                threads.add(start(true, () -> {
                    try {
                        point.await(() -> permit.get() == 1, FOREVER);
                    } catch (InterruptedException unexpected) {
                        throw new IllegalStateException(unexpected);
                    }
                }));
            }
            for (int i = 0; i < count; i++) {
                long at = i * WaitPointLayout.BYTES + WaitPointLayout.WAITERS_AT;
                until(() -> (long) LONG.getVolatile(memory, at) == 1);
            }
            permit.set(1);
            points.forEach(WaitPoint::signal);
            for (Thread thread : threads) {
                thread.join();
            }
            points.forEach(WaitPoint::close);
        }
    }

    static SplittableRandom seeded() {
        long seed = Long.getLong("procession.seed", System.nanoTime());
        System.out.println("seed " + seed);
        return new SplittableRandom(seed);
    }

    static void pause(SplittableRandom random, int most) {
        for (int i = random.nextInt(most); i > 0; i--) {
            Thread.onSpinWait();
        }
    }

    @Test
    void osIsThere() {
        assertThat(Os.isSupported()).isTrue();
    }
}
