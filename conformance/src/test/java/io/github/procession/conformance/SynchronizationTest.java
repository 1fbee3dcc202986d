package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.AbandonedLockException;
import io.github.procession.ChildProcess;
import io.github.procession.SharedBarrier;
import io.github.procession.SharedCondition;
import io.github.procession.SharedEvent;
import io.github.procession.SharedInt;
import io.github.procession.SharedLatch;
import io.github.procession.SharedLock;
import io.github.procession.SharedLongArray;
import io.github.procession.SharedQueue;
import io.github.procession.SharedRecord;
import io.github.procession.SharedReentrantLock;
import io.github.procession.SharedSemaphore;
import io.github.procession.internal.os.Fuse;
import io.github.procession.internal.os.Os;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Locks and the like, between processes and between threads, and the deaths of their holders.
class SynchronizationTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration BRIEF = Duration.ofMillis(50);

    private static void awaitSuccess(ChildProcess child) throws InterruptedException {
        assertThat(child.join(SOON)).isTrue();
        assertThat(child.exitStatus().orElseThrow().code()).isZero();
    }

    private static void kill(ChildProcess child) throws InterruptedException {
        child.kill();
        child.join();
    }

    // ---- locks -----------------------------------------------------------------------------------------------------

    @Test
    void aLockIsTakenOnce() throws Exception {
        try (var lock = SharedLock.create()) {
            assertThat(lock.tryLock()).isTrue();
            assertThat(lock.tryLock()).isFalse();
            assertThat(lock.isHeldByCurrentThread()).isTrue();
            assertThatThrownBy(lock::lock)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("itself");
            lock.unlock();
            assertThatThrownBy(lock::unlock)
                    .isInstanceOf(IllegalMonitorStateException.class)
                    .hasMessageContaining("Nobody");
            lock.lock();
            var other = Thread.ofPlatform().start(() -> {
                assertThat(lock.tryLock()).isFalse();
                assertThatThrownBy(lock::unlock)
                        .isInstanceOf(IllegalMonitorStateException.class)
                        .hasMessageContaining("Another");
            });
            other.join();
            lock.unlock();
            assertThat(lock.isLocked()).isFalse();
            assertThat(lock).hasToString("SharedLock[free]");
        }
    }

    @Test
    void aReentrantLockIsFreeWhenItIsUnlockedAsOften() {
        try (var lock = SharedReentrantLock.create()) {
            lock.lock();
            lock.lock();
            assertThat(lock.tryLock()).isTrue();
            lock.unlock();
            lock.unlock();
            assertThat(lock.isLocked()).isTrue();
            lock.unlock();
            assertThat(lock.isLocked()).isFalse();
            assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
        }
    }

    @Test
    void anInterruptWhileTheLockIsHeldAlreadyDoesNotMakeTheNextLockSpinForEver() {
        try (var lock = SharedReentrantLock.create();
                var simple = SharedLock.create()) {
            lock.lock();
            Thread.currentThread().interrupt();
            lock.lock();
            assertThat(Thread.interrupted()).isTrue();
            lock.unlock();
            assertThat(lock.isHeldByCurrentThread()).isTrue();
            lock.unlock();
            simple.lock();
            Thread.currentThread().interrupt();
            assertThatThrownBy(simple::lock)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("itself");
            assertThat(Thread.interrupted()).isTrue();
            simple.unlock();
        }
    }

    /// Not atomic but for the lock.
    static void add(Lock lock, SharedInt sum, int times) {
        for (int i = 0; i < times; i++) {
            lock.lock();
            try {
                sum.set(sum.get() + 1);
            } finally {
                lock.unlock();
            }
        }
    }

    @Test
    void aLockExcludesThreadsAndProcesses() throws Exception {
        try (var lock = SharedLock.create();
                var sum = SharedInt.of(0)) {
            var children = IntStream.range(0, 2)
                    .mapToObj(_ -> ChildProcess.of(() -> add(lock, sum, 20_000)).start())
                    .toList();
            var threads = IntStream.range(0, 4)
                    .mapToObj(i -> i % 2 == 0
                            ? Thread.ofPlatform().start(() -> add(lock, sum, 10_000))
                            : Thread.ofVirtual().start(() -> add(lock, sum, 10_000)))
                    .toList();
            for (var thread : threads) {
                thread.join();
            }
            for (var child : children) {
                awaitSuccess(child);
            }
            assertThat(sum.get()).isEqualTo(80_000);
        }
    }

    record Pair(int one, int two) {}

    @Test
    void theGuardOfDataIsOneLockForAll() throws Exception {
        try (var number = SharedInt.of(0);
                var array = SharedLongArray.ofLength(3);
                var pair = SharedRecord.of(new Pair(1, 2));
                var there = SharedQueue.<String>create(2)) {
            var guard = number.guard();
            guard.lock();
            var other = Thread.ofPlatform()
                    .start(() -> assertThat(number.guard().tryLock()).isFalse());
            other.join();
            guard.unlock();
            assertThat(array.guard()).isNotEqualTo(guard).isEqualTo(array.guard());
            var child = ChildProcess.of(SynchronizationTest::hold, (Lock) array.guard(), there)
                    .start();
            there.take();
            assertThat(array.guard().tryLock()).isFalse();
            kill(child);
            assertThatThrownBy(() -> array.guard().lock()).isInstanceOf(AbandonedLockException.class);
            array.guard().recover(() -> array.fill(1));
            assertThat(array.get(2)).isEqualTo(1);
            assertThat(pair.guard().tryLock()).isTrue();
            pair.guard().unlock();
            assertThat(pair.get()).isEqualTo(new Pair(1, 2));
            var adders = IntStream.range(0, 2)
                    .mapToObj(_ -> ChildProcess.of(() -> {
                                for (int i = 0; i < 10_000; i++) {
                                    add(number.guard(), number, 1);
                                }
                            })
                            .start())
                    .toList();
            for (var adder : adders) {
                awaitSuccess(adder);
            }
            assertThat(number.get()).isEqualTo(20_000);
        }
    }

    static void hold(Lock lock, SharedQueue<String> there) throws InterruptedException {
        lock.lock();
        there.put("held");
        Thread.sleep(Duration.ofMinutes(10));
    }

    @Test
    void anAbandonedLockSaysSoUntilItIsRecovered() throws Exception {
        try (var lock = SharedLock.create();
                var there = SharedQueue.<String>create(2)) {
            var child = ChildProcess.of(SynchronizationTest::hold, lock, there).start();
            there.take();
            assertThat(lock.tryLock(BRIEF)).isFalse();
            var waiting = new ArrayList<Throwable>();
            var waiter = Thread.ofPlatform().start(() -> {
                try {
                    lock.lock();
                } catch (AbandonedLockException e) {
                    waiting.add(e);
                }
            });
            kill(child);
            waiter.join();
            assertThat(waiting).hasSize(1);
            assertThat(waiting.getFirst())
                    .hasMessageContaining("pid " + child.pid())
                    .hasMessageContaining("recover(");
            assertThatThrownBy(lock::lock).isInstanceOf(AbandonedLockException.class);
            assertThatThrownBy(lock::tryLock).isInstanceOf(AbandonedLockException.class);
            assertThatThrownBy(() -> lock.recover(() -> {
                        throw new IllegalArgumentException("cannot");
                    }))
                    .isInstanceOf(AbandonedLockException.class)
                    .hasMessageContaining("cannot");
            assertThatThrownBy(lock::lock).isInstanceOf(AbandonedLockException.class);
            var mended = new AtomicInteger();
            lock.recover(() -> {
                assertThat(lock.isHeldByCurrentThread()).isTrue();
                mended.incrementAndGet();
            });
            lock.recover(mended::incrementAndGet);
            assertThat(mended).hasValue(1);
            lock.lock();
            lock.unlock();
        }
    }

    @Test
    void aLockWithARepairIsMendedByItsNextOwner() throws Exception {
        try (var repairs = SharedInt.of(0);
                var there = SharedQueue.<String>create(2)) {
            try (var lock = SharedLock.create(() -> {
                repairs.incrementAndGet();
            })) {
                var child =
                        ChildProcess.of(SynchronizationTest::hold, lock, there).start();
                there.take();
                kill(child);
                awaitSuccess(ChildProcess.of(() -> add(lock, repairs, 1)).start());
                assertThat(repairs.get()).isEqualTo(2);
                lock.lock();
                lock.unlock();
                assertThat(repairs.get()).isEqualTo(2);
            }
        }
    }

    @Test
    void whoEndsWithoutUnlockingCountsAsDead() throws Exception {
        try (var lock = SharedReentrantLock.create()) {
            awaitSuccess(ChildProcess.of(lock::lock).start());
            assertThatThrownBy(lock::lock).isInstanceOf(AbandonedLockException.class);
            lock.recover(() -> {});
            awaitSuccess(ChildProcess.of(() -> {
                        lock.lock();
                        lock.close();
                    })
                    .start());
            assertThatThrownBy(lock::lock).isInstanceOf(AbandonedLockException.class);
        }
    }

    @Test
    void anInterruptEndsAWaitForALock() throws Exception {
        try (var lock = SharedLock.create()) {
            lock.lock();
            var interrupted = new CountDownLatch(1);
            var waiter = Thread.ofPlatform().start(() -> {
                try {
                    lock.lockInterruptibly();
                } catch (InterruptedException e) {
                    interrupted.countDown();
                }
            });
            waiter.interrupt();
            assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
            waiter.join();
            lock.unlock();
        }
    }

    @Test
    void aThousandVirtualThreadsWaitForALock() throws Exception {
        try (var lock = SharedLock.create();
                var sum = SharedInt.of(0)) {
            lock.lock();
            var threads = IntStream.range(0, 1000)
                    .mapToObj(_ -> Thread.ofVirtual().start(() -> add(lock, sum, 1)))
                    .toList();
            lock.unlock();
            for (var thread : threads) {
                thread.join();
            }
            assertThat(sum.get()).isEqualTo(1000);
        }
    }

    // ---- semaphores ------------------------------------------------------------------------------------------------

    @Test
    void aSemaphoreCountsItsPermits() throws Exception {
        try (var semaphore = SharedSemaphore.bounded(2)) {
            semaphore.acquire();
            assertThat(semaphore.availablePermits()).isOne();
            assertThat(semaphore.tryAcquire()).isTrue();
            assertThat(semaphore.tryAcquire()).isFalse();
            assertThat(semaphore.tryAcquire(BRIEF)).isFalse();
            semaphore.release(2);
            assertThatThrownBy(semaphore::release)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("2 at the most");
            assertThat(semaphore.availablePermits()).isEqualTo(2);
            assertThatThrownBy(() -> semaphore.acquire(3)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> semaphore.acquire(0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> SharedSemaphore.create(-1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    static void pong(SharedSemaphore ping, SharedSemaphore pong, int times) throws InterruptedException {
        for (int i = 0; i < times; i++) {
            ping.acquire();
            pong.release();
        }
    }

    @Test
    void semaphoresAreSignals() throws Exception {
        try (var ping = SharedSemaphore.create(0);
                var pong = SharedSemaphore.create(0)) {
            var child = ChildProcess.of(SynchronizationTest::pong, ping, pong, 10_000)
                    .start();
            for (int i = 0; i < 10_000; i++) {
                ping.release();
                pong.acquire();
            }
            awaitSuccess(child);
            assertThat(ping.availablePermits()).isZero();
            assertThat(pong.availablePermits()).isZero();
        }
    }

    static void keepPermits(SharedSemaphore semaphore, int permits, SharedQueue<String> there)
            throws InterruptedException {
        semaphore.acquire(permits);
        there.put("held");
        Thread.sleep(Duration.ofMinutes(10));
    }

    @Test
    void thePermitsOfTheDeadComeBack() throws Exception {
        try (var semaphore = SharedSemaphore.create(3);
                var there = SharedQueue.<String>create(2)) {
            var child = ChildProcess.of(SynchronizationTest::keepPermits, semaphore, 2, there)
                    .start();
            there.take();
            assertThat(semaphore.tryAcquire(2)).isFalse();
            var waiter = Thread.ofVirtual().start(() -> {
                try {
                    semaphore.acquire(3);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            kill(child);
            waiter.join();
            assertThat(semaphore.availablePermits()).isZero();
            semaphore.release(3);
        }
    }

    // ---- conditions ------------------------------------------------------------------------------------------------

    static void awaitSignal(SharedCondition condition, SharedInt waiting, SharedInt woken) throws InterruptedException {
        condition.lock().lock();
        try {
            waiting.incrementAndGet();
            condition.await();
            woken.incrementAndGet();
        } finally {
            condition.lock().unlock();
        }
    }

    @Test
    void aSignalWakesOneAndSignalAllWakesAll() throws Exception {
        try (var lock = SharedLock.create();
                var condition = lock.newCondition();
                var waiting = SharedInt.of(0);
                var woken = SharedInt.of(0)) {
            lock.lock();
            condition.signal(); // to nobody
            lock.unlock();
            var children = IntStream.range(0, 3)
                    .mapToObj(_ -> ChildProcess.of(() -> {
                                var other = Thread.ofPlatform().start(() -> {
                                    try {
                                        awaitSignal(condition, waiting, woken);
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                });
                                awaitSignal(condition, waiting, woken);
                                other.join();
                            })
                            .start())
                    .toList();
            Processes.await("six waiters", () -> waiting.get() == 6);
            for (int i = 1; i <= 3; i++) {
                int expected = i;
                lock.lock();
                condition.signal();
                lock.unlock();
                Processes.await("waiter " + i, () -> woken.get() == expected);
            }
            lock.lock();
            assertThat(condition.await(BRIEF)).isFalse();
            assertThat(woken.get()).isEqualTo(3);
            condition.signalAll();
            lock.unlock();
            for (var child : children) {
                awaitSuccess(child);
            }
            assertThat(woken.get()).isEqualTo(6);
        }
    }

    static void dieWaiting(SharedCondition condition, SharedQueue<String> there) throws InterruptedException {
        condition.lock().lock();
        there.put("waits");
        condition.await();
    }

    @Test
    void aDeadWaiterIsForgotten() throws Exception {
        try (var lock = SharedLock.create();
                var condition = lock.newCondition();
                var waiting = SharedInt.of(0);
                var woken = SharedInt.of(0);
                var there = SharedQueue.<String>create(2)) {
            var first = ChildProcess.of(SynchronizationTest::dieWaiting, condition, there)
                    .start();
            there.take();
            lock.lock(); // it waits now
            lock.unlock();
            var second = ChildProcess.of(SynchronizationTest::awaitSignal, condition, waiting, woken)
                    .start();
            Processes.await("the second waiter", () -> waiting.get() == 1);
            kill(first);
            lock.lock();
            condition.signal();
            lock.unlock();
            awaitSuccess(second);
        }
    }

    @Test
    void aSignalThatADeadWaiterHadGotGoesToTheNext() throws Exception {
        try (var lock = SharedLock.create();
                var condition = lock.newCondition();
                var waiting = SharedInt.of(0);
                var woken = SharedInt.of(0);
                var there = SharedQueue.<String>create(2)) {
            var first = ChildProcess.of(SynchronizationTest::dieWaiting, condition, there)
                    .start();
            there.take();
            lock.lock();
            lock.unlock();
            Processes.stop(first.pid());
            var second = ChildProcess.of(SynchronizationTest::awaitSignal, condition, waiting, woken)
                    .start();
            Processes.await("the second waiter", () -> waiting.get() == 1);
            lock.lock();
            condition.signal(); // to the first, which cannot act upon it
            lock.unlock();
            kill(first);
            awaitSuccess(second);
        }
    }

    private static void holdUntilTold(SharedLock lock, SharedInt held, SharedQueue<String> word)
            throws InterruptedException {
        lock.lock();
        try {
            held.set(1);
            word.take();
        } finally {
            lock.unlock();
        }
    }

    /// However long it lasts: time is not death.
    @Test
    void aStoppedHolderIsWaitedFor() throws Exception {
        try (var lock = SharedLock.create();
                var held = SharedInt.of(0);
                var word = SharedQueue.<String>create(2)) {
            var holder = ChildProcess.of(SynchronizationTest::holdUntilTold, lock, held, word)
                    .start();
            Processes.await("the holder", () -> held.get() == 1);
            Processes.stop(holder.pid());
            assertThat(lock.tryLock(Duration.ofSeconds(Integer.getInteger("conformance.stopSeconds", 2))))
                    .isFalse();
            assertThat(Os.kill(holder.pid(), Os.SIGCONT)).isTrue();
            word.put("go on");
            lock.lock(); // it is not abandoned either
            lock.unlock();
            awaitSuccess(holder);
        }
    }

    @Test
    void whoWaitsForAConditionOfAnAbandonedLockIsTold() throws Exception {
        try (var lock = SharedLock.create();
                var condition = lock.newCondition();
                var there = SharedQueue.<String>create(2)) {
            var told = new CountDownLatch(1);
            var waiting = new CountDownLatch(1);
            var waiter = Thread.ofPlatform().start(() -> {
                lock.lock();
                waiting.countDown();
                try {
                    condition.await();
                } catch (AbandonedLockException e) {
                    if (!lock.isHeldByCurrentThread()) {
                        told.countDown();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            waiting.await();
            var child = ChildProcess.of(SynchronizationTest::hold, lock, there).start();
            there.take();
            kill(child);
            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            waiter.join();
        }
    }

    @Test
    void aConditionNeedsItsLock() throws Exception {
        try (var lock = SharedReentrantLock.create();
                var condition = lock.newCondition()) {
            assertThatThrownBy(condition::await).isInstanceOf(IllegalMonitorStateException.class);
            assertThatThrownBy(condition::signal).isInstanceOf(IllegalMonitorStateException.class);
            lock.lock();
            lock.lock();
            assertThat(condition.await(BRIEF)).isFalse();
            lock.unlock();
            assertThat(lock.isHeldByCurrentThread()).isTrue();
            lock.unlock();
            assertThat(lock.isLocked()).isFalse();
        }
    }

    // ---- events and latches ----------------------------------------------------------------------------------------

    @Test
    void anEventWakesAllWhoWait() throws Exception {
        try (var event = SharedEvent.create();
                var answer = SharedEvent.create()) {
            assertThat(event.await(Duration.ZERO)).isFalse();
            var child = ChildProcess.of(() -> {
                        answer.set();
                        event.await();
                    })
                    .start();
            answer.await();
            assertThat(child.join(BRIEF)).isFalse();
            event.set();
            awaitSuccess(child);
            assertThat(event.await(Duration.ZERO)).isTrue();
            event.clear();
            assertThat(event.isSet()).isFalse();
            assertThat(event.await(BRIEF)).isFalse();
        }
    }

    @Test
    void settingAnEventAndClearingItAtOnceWakesWhoWaited() throws Exception {
        try (var event = SharedEvent.create()) {
            var woken = new CountDownLatch(100);
            var asleep = new CountDownLatch(100);
            for (int i = 0; i < 100; i++) {
                Thread.ofVirtual().start(() -> {
                    asleep.countDown();
                    try {
                        event.await();
                        woken.countDown();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
            }
            asleep.await();
            Processes.await("all to wake", () -> {
                event.set();
                event.clear();
                return woken.getCount() == 0;
            });
        }
    }

    @Test
    void aLatchOpensAtZero() throws Exception {
        try (var latch = SharedLatch.create(3)) {
            assertThat(latch.await(BRIEF)).isFalse();
            var children = IntStream.range(0, 3)
                    .mapToObj(_ -> ChildProcess.of(latch::countDown).start())
                    .toList();
            latch.await();
            assertThat(latch.count()).isZero();
            latch.countDown();
            for (var child : children) {
                awaitSuccess(child);
            }
        }
    }

    // ---- barriers --------------------------------------------------------------------------------------------------

    private static final int PARTIES = 5;

    static void meet(SharedBarrier barrier, int rounds, SharedInt inside, SharedInt zeros) throws Exception {
        for (int i = 1; i <= rounds; i++) {
            inside.incrementAndGet();
            if (barrier.await() == 0) {
                zeros.incrementAndGet();
            }
            if (inside.get() < PARTIES * i) {
                throw new IllegalStateException("left round %d when %d had come".formatted(i, inside.get()));
            }
        }
    }

    @Test
    void fivePartiesMeetRoundAfterRound() throws Exception {
        int rounds = 1000;
        try (var inside = SharedInt.of(0);
                var zeros = SharedInt.of(0);
                var actions = SharedInt.of(0);
                var barrier = SharedBarrier.create(PARTIES, () -> {
                    int round = actions.incrementAndGet();
                    if (inside.get() != PARTIES * round) {
                        throw new IllegalStateException("action of round " + round + " at " + inside.get());
                    }
                })) {
            var children = IntStream.range(0, 2)
                    .mapToObj(_ -> ChildProcess.of(() -> {
                                var other = Thread.ofVirtual().start(() -> {
                                    try {
                                        meet(barrier, rounds, inside, zeros);
                                    } catch (Exception e) {
                                        barrier.abort();
                                    }
                                });
                                meet(barrier, rounds, inside, zeros);
                                other.join();
                            })
                            .start())
                    .toList();
            meet(barrier, rounds, inside, zeros);
            for (var child : children) {
                awaitSuccess(child);
            }
            assertThat(zeros.get()).isEqualTo(rounds);
            assertThat(actions.get()).isEqualTo(rounds);
            assertThat(barrier.isBroken()).isFalse();
            assertThat(barrier.waiting()).isZero();
        }
    }

    private static CountDownLatch arrive(SharedBarrier barrier, List<Throwable> failures) {
        var over = new CountDownLatch(1);
        int before = barrier.waiting();
        Thread.ofPlatform().start(() -> {
            try {
                barrier.await();
            } catch (InterruptedException | BrokenBarrierException | RuntimeException e) {
                synchronized (failures) {
                    failures.add(e);
                }
            }
            over.countDown();
        });
        Processes.await("an arrival", () -> barrier.waiting() > before);
        return over;
    }

    @Test
    void aBarrierIsBrokenForAll() throws Exception {
        try (var barrier = SharedBarrier.create(3)) {
            var failures = new ArrayList<Throwable>();
            var first = arrive(barrier, failures);
            assertThatThrownBy(() -> barrier.await(BRIEF)).isInstanceOf(TimeoutException.class);
            first.await();
            assertThat(failures).hasSize(1).first().isInstanceOf(BrokenBarrierException.class);
            assertThatThrownBy(barrier::await).isInstanceOf(BrokenBarrierException.class);
            barrier.reset();
            assertThat(barrier.isBroken()).isFalse();
            var second = arrive(barrier, failures);
            barrier.reset();
            second.await();
            assertThat(failures).hasSize(2);
            var third = arrive(barrier, failures);
            barrier.abort();
            third.await();
            assertThat(failures).hasSize(3);
            barrier.reset();
            var a = arrive(barrier, failures);
            var b = arrive(barrier, failures);
            assertThat(barrier.await()).isZero();
            a.await();
            b.await();
            assertThat(failures).hasSize(3);
            assertThatThrownBy(() -> SharedBarrier.create(0)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    static void arriveOnce(SharedBarrier barrier) throws Exception {
        barrier.await();
    }

    static void arriveTwice(SharedBarrier barrier, SharedQueue<String> there) throws Exception {
        barrier.await();
        there.put("through");
        Thread.sleep(Duration.ofMinutes(10));
    }

    @Test
    void thePartyThatDiesWaitingBreaksTheBarrier() throws Exception {
        try (var barrier = SharedBarrier.create(3)) {
            var failures = new ArrayList<Throwable>();
            var over = arrive(barrier, failures);
            var child =
                    ChildProcess.of(SynchronizationTest::arriveOnce, barrier).start();
            Processes.await("the second", () -> barrier.waiting() == 2);
            kill(child);
            over.await();
            assertThat(failures).hasSize(1).first().isInstanceOf(BrokenBarrierException.class);
        }
    }

    @Test
    void thePartyThatDiesBetweenRoundsBreaksTheNext() throws Exception {
        try (var barrier = SharedBarrier.create(2);
                var there = SharedQueue.<String>create(2)) {
            for (boolean early : new boolean[] {true, false}) {
                var child = ChildProcess.of(SynchronizationTest::arriveTwice, barrier, there)
                        .start();
                barrier.await();
                there.take();
                if (early) {
                    kill(child);
                    assertThatThrownBy(barrier::await).isInstanceOf(BrokenBarrierException.class);
                } else {
                    var failures = new ArrayList<Throwable>();
                    var over = arrive(barrier, failures);
                    kill(child);
                    over.await();
                    assertThat(failures).hasSize(1);
                }
                barrier.reset();
            }
        }
    }

    @Test
    void processesThatAreThroughBreakNothing() throws Exception {
        try (var barrier = SharedBarrier.create(2)) {
            for (int phase = 0; phase < 3; phase++) {
                var child = ChildProcess.of(SynchronizationTest::arriveOnce, barrier)
                        .start();
                barrier.await();
                awaitSuccess(child);
            }
        }
    }

    // ---- crash points ----------------------------------------------------------------------------------------------

    static void useEverything(SharedLock lock, SharedSemaphore semaphore, SharedCondition condition) throws Exception {
        while (true) {
            lock.lock();
            try {
                condition.await(Duration.ofNanos(1));
                condition.signal();
                condition.signalAll();
            } finally {
                lock.unlock();
            }
            semaphore.acquire(1);
            semaphore.release(1);
        }
    }

    private static ChildProcess doomed(String plan, ChildProcess child) {
        return child.options(o -> o.systemProperty(Fuse.PROPERTY, plan).jvmArgs("-D" + Fuse.PROPERTY + "=" + plan))
                .start();
    }

    private static void awaitDeath(String plan, ChildProcess child) throws InterruptedException {
        assertThat(child.join(SOON)).as(plan).isTrue();
        assertThat(child.exitStatus().orElseThrow().code()).as(plan).isEqualTo(Fuse.STATUS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LOCK_TAKEN",
                "LOCK_FREED",
                "JOURNAL_CLAIMED",
                "JOURNAL_WRITTEN",
                "JOURNAL_COMMITTED",
                "JOURNAL_APPLIED",
                "JOURNAL_SET",
                "JOURNAL_FREED"
            })
    void aDeathAtAnyInstantHoldsUpNobody(String instant) throws Exception {
        try (var lock = SharedLock.create(() -> {});
                var condition = lock.newCondition();
                var semaphore = SharedSemaphore.bounded(2)) {
            for (int pass = 1; pass <= 7; pass++) {
                String plan = instant + ":" + pass;
                var child =
                        doomed(plan, ChildProcess.of(SynchronizationTest::useEverything, lock, semaphore, condition));
                awaitDeath(plan, child);
                assertThat(lock.tryLock(SOON)).as(plan).isTrue();
                assertThat(condition.await(BRIEF)).as(plan).isFalse();
                lock.unlock();
                assertThat(semaphore.availablePermits()).as(plan).isEqualTo(2);
                assertThat(semaphore.tryAcquire(2)).as(plan).isTrue();
                semaphore.release(2);
            }
        }
    }

    static void useTwice(SharedLock lock, SharedSemaphore semaphore, SharedCondition condition) throws Exception {
        var other = Thread.ofPlatform().daemon().start(() -> {
            try {
                useEverything(lock, semaphore, condition);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        useEverything(lock, semaphore, condition);
        other.join();
    }

    @Test
    void aDeathBeforeABusyJournalHoldsUpNobody() throws Exception {
        try (var lock = SharedLock.create(() -> {});
                var condition = lock.newCondition();
                var semaphore = SharedSemaphore.bounded(2)) {
            for (int pass : new int[] {1, 150}) {
                String plan = "JOURNAL_BUSY:" + pass; // its other thread is in a section, and dies there
                var child = doomed(plan, ChildProcess.of(SynchronizationTest::useTwice, lock, semaphore, condition));
                awaitDeath(plan, child);
                assertThat(lock.tryLock(SOON)).as(plan).isTrue();
                assertThat(condition.await(BRIEF)).as(plan).isFalse();
                lock.unlock();
                assertThat(semaphore.tryAcquire(2, SOON)).as(plan).isTrue();
                semaphore.release(2);
            }
        }
    }

    static void lockTwice(SharedReentrantLock lock) {
        while (true) {
            lock.lock();
            lock.lock();
            lock.unlock();
            lock.unlock();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"LOCK_TAKEN", "LOCK_COUNTED", "LOCK_FREED"})
    void aReentrantLockCountsAnewAfterADeathAtAnyInstant(String instant) throws Exception {
        try (var repairs = SharedInt.of(0);
                var lock = SharedReentrantLock.create(() -> repairs.incrementAndGet())) {
            for (int pass = 1; pass <= 4; pass++) {
                repairs.set(0);
                String plan = instant + ":" + pass;
                awaitDeath(plan, doomed(plan, ChildProcess.of(SynchronizationTest::lockTwice, lock)));
                assertThat(lock.tryLock(SOON)).as(plan).isTrue();
                assertThat(repairs.get()).as(plan).isEqualTo(instant.equals("LOCK_FREED") ? 0 : 1);
                lock.lock();
                lock.unlock();
                assertThat(lock.isHeldByCurrentThread()).as(plan).isTrue();
                lock.unlock();
                assertThat(lock.isLocked()).as(plan).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"LOCK_TAKEN", "LOCK_MENDED"})
    void aLockWhoseMenderDiesIsMendedOnceMore(String instant) throws Exception {
        try (var repairs = SharedInt.of(0);
                var lock = SharedLock.create(() -> repairs.incrementAndGet())) {
            awaitSuccess(ChildProcess.of(lock::lock).start());
            awaitDeath(instant, doomed(instant, ChildProcess.of(lock::lock)));
            int before = repairs.get();
            assertThat(before).isEqualTo(instant.equals("LOCK_MENDED") ? 1 : 0);
            assertThat(lock.tryLock(SOON)).isTrue();
            assertThat(repairs.get()).isEqualTo(before + 1);
            lock.unlock();
        }
    }

    static void meetForEver(SharedBarrier barrier) throws Exception {
        while (true) {
            barrier.await();
        }
    }

    static void breakForEver(SharedBarrier barrier) {
        while (true) {
            barrier.abort();
            barrier.reset();
        }
    }

    /// At the third pass its first arrival has counted, so that it is one of the parties and missed.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "JOURNAL_CLAIMED:3",
                "JOURNAL_CLAIMED:6",
                "JOURNAL_WRITTEN:3",
                "JOURNAL_WRITTEN:6",
                "JOURNAL_COMMITTED:3",
                "JOURNAL_COMMITTED:6",
                "JOURNAL_APPLIED:3",
                "JOURNAL_APPLIED:4",
                "JOURNAL_APPLIED:5",
                "JOURNAL_APPLIED:6",
                "JOURNAL_FREED:3",
                "JOURNAL_FREED:6"
            })
    void thePartyThatDiesAtAnyInstantBreaksTheBarrier(String plan) throws Exception {
        try (var barrier = SharedBarrier.create(2)) {
            var child = doomed(plan, ChildProcess.of(SynchronizationTest::meetForEver, barrier));
            assertThatThrownBy(() -> {
                        while (true) {
                            barrier.await(SOON);
                        }
                    })
                    .isInstanceOf(BrokenBarrierException.class);
            awaitDeath(plan, child);
            assertTwoMeet(barrier);
        }
    }

    @Test
    void whoDiesWhileItBreaksABarrierHasBrokenIt() throws Exception {
        try (var barrier = SharedBarrier.create(2)) {
            for (int pass = 1; pass <= 2; pass++) {
                String plan = "JOURNAL_SET:" + pass;
                awaitDeath(plan, doomed(plan, ChildProcess.of(SynchronizationTest::breakForEver, barrier)));
                assertThatThrownBy(() -> barrier.await(SOON)).isInstanceOf(BrokenBarrierException.class);
                assertTwoMeet(barrier);
            }
        }
    }

    private static void assertTwoMeet(SharedBarrier barrier) throws Exception {
        barrier.reset();
        var failures = new ArrayList<Throwable>();
        var over = arrive(barrier, failures);
        assertThat(barrier.await(SOON)).isZero();
        assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(failures).isEmpty();
        assertThat(barrier.waiting()).isZero();
    }

    static void setForEver(SharedEvent event) {
        while (true) {
            event.set();
            event.clear();
        }
    }

    @Test
    void theEventOfASetterThatDiesBeforeItWakesAnybodyWakesAll() throws Exception {
        for (int pass = 1; pass <= 3; pass++) {
            try (var event = SharedEvent.create()) {
                var waiter = waiter(() -> event.await(SOON));
                String plan = "STATE_CHANGED:" + pass;
                awaitDeath(plan, doomed(plan, ChildProcess.of(SynchronizationTest::setForEver, event)));
                assertThat(waiter.get()).as(plan).isTrue();
                assertThat(event.isSet()).as(plan).isEqualTo(pass != 2);
                event.set();
                assertThat(event.await(Duration.ZERO)).as(plan).isTrue();
            }
        }
    }

    static void countDownTwice(SharedLatch latch) {
        latch.countDown();
        latch.countDown();
    }

    @Test
    void aLatchCountsWhatTheDeadHasCounted() throws Exception {
        for (int pass = 1; pass <= 2; pass++) {
            try (var latch = SharedLatch.create(2)) {
                var waiter = waiter(() -> latch.await(SOON));
                String plan = "STATE_CHANGED:" + pass;
                awaitDeath(plan, doomed(plan, ChildProcess.of(SynchronizationTest::countDownTwice, latch)));
                assertThat(latch.count()).as(plan).isEqualTo(2 - pass);
                latch.countDown();
                assertThat(waiter.get()).as(plan).isTrue();
            }
        }
    }

    /// Waits on a thread of its own.
    private static FutureTask<Boolean> waiter(Callable<Boolean> wait) {
        var task = new FutureTask<>(wait);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    @Test
    void processesKilledAtRandomLeaveEverythingUsable() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Integer.getInteger("conformance.syncKillSeconds", 4));
        var random = new Random();
        int killed = 0;
        try (var lock = SharedLock.create(() -> {});
                var condition = lock.newCondition();
                var semaphore = SharedSemaphore.bounded(2)) {
            while (System.nanoTime() < end) {
                var children = IntStream.range(0, 3)
                        .mapToObj(_ -> ChildProcess.of(SynchronizationTest::useEverything, lock, semaphore, condition)
                                .options(o -> o.jvmArgs("-D" + Fuse.PROPERTY + "=" + Fuse.LINGER + ":20"))
                                .start())
                        .toList();
                children.getLast().join(Duration.ofMillis(300 + random.nextInt(200)));
                for (var child : children) {
                    kill(child);
                    killed++;
                }
                assertThat(lock.tryLock(SOON)).isTrue();
                lock.unlock();
                assertThat(semaphore.availablePermits()).isEqualTo(2);
            }
        }
        System.out.println(killed + " users of locks, conditions and semaphores killed");
    }
}
