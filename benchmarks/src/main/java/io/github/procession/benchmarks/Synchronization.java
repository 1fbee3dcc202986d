package io.github.procession.benchmarks;

import io.github.procession.ChildProcess;
import io.github.procession.SharedBarrier;
import io.github.procession.SharedInt;
import io.github.procession.SharedLock;
import io.github.procession.SharedSemaphore;
import java.util.concurrent.BrokenBarrierException;

/// An uncontended lock, contended increments, a dialogue over two semaphores, and rounds of a barrier, beside CPython's.
public final class Synchronization {
    private static final int ROUNDS = 5;
    private static final int LOCKS = 20_000_000;
    private static final int INCREMENTS = 10_000_000;
    private static final int GUARDED = 1_000_000;
    private static final int TURNS = 300_000;
    private static final int MEETINGS = 100_000;

    private Synchronization() {}

    @FunctionalInterface
    private interface Figure {
        double measure() throws Exception;
    }

    /// Runs it.
    public static void main(String[] arguments) throws Exception {
        compare("lock", "ns", Synchronization::lockPair);
        compare("increments", "increments/s", Synchronization::increments);
        compare("increments-locked", "increments/s", Synchronization::lockedIncrements);
        compare("semaphore", "round trips/s", Synchronization::dialogue);
        compare("barrier", "rounds/s", Synchronization::rounds);
    }

    private static void compare(String what, String unit, Figure figure) throws Exception {
        var ours = new Series("procession-" + what, unit);
        var python = new Series("cpython-" + what, unit);
        try (var peer = new Peer("sync.py", what.replace("-locked", ""))) {
            figure.measure();
            peer.round();
            for (int i = 0; i < ROUNDS; i++) {
                ours.add(figure.measure());
                python.add(peer.round());
            }
        }
        ours.summarize();
        python.summarize();
    }

    @SuppressWarnings("LockNotBeforeTry")
    private static double lockPair() {
        try (var lock = SharedLock.create()) {
            long begin = System.nanoTime();
            for (int i = 0; i < LOCKS; i++) {
                lock.lock();
                lock.unlock();
            }
            return (System.nanoTime() - begin) / (double) LOCKS;
        }
    }

    // ---- two processes: both warm up, meet, and are timed by the first ------------------------------------------

    private static void add(SharedInt number, int times) {
        for (int i = 0; i < times; i++) {
            number.incrementAndGet();
        }
    }

    private static void addWarm(SharedInt number, SharedBarrier start) throws Exception {
        try (var own = SharedInt.of(0)) {
            add(own, INCREMENTS);
        }
        start.await();
        add(number, INCREMENTS);
        start.await();
    }

    private static double increments() throws Exception {
        try (var number = SharedInt.of(0);
                var start = SharedBarrier.create(2)) {
            var other = ChildProcess.of(Synchronization::addWarm, number, start).start();
            start.await();
            long begin = System.nanoTime();
            add(number, INCREMENTS);
            start.await();
            double seconds = (System.nanoTime() - begin) / 1e9;
            other.join();
            return number.get() / seconds;
        }
    }

    @SuppressWarnings("LockNotBeforeTry")
    private static void addLocked(SharedInt number, int times) {
        var guard = number.guard();
        for (int i = 0; i < times; i++) {
            guard.lock();
            number.set(number.get() + 1);
            guard.unlock();
        }
    }

    private static void addLockedWarm(SharedInt number, SharedBarrier start) throws Exception {
        try (var own = SharedInt.of(0)) {
            addLocked(own, GUARDED);
        }
        start.await();
        addLocked(number, GUARDED);
        start.await();
    }

    private static double lockedIncrements() throws Exception {
        try (var number = SharedInt.of(0);
                var start = SharedBarrier.create(2)) {
            var other = ChildProcess.of(Synchronization::addLockedWarm, number, start)
                    .start();
            start.await();
            long begin = System.nanoTime();
            addLocked(number, GUARDED);
            start.await();
            double seconds = (System.nanoTime() - begin) / 1e9;
            other.join();
            if (number.get() != 2 * GUARDED) {
                throw new IllegalStateException("lost increments: " + number.get());
            }
            return number.get() / seconds;
        }
    }

    private static void pong(SharedSemaphore ping, SharedSemaphore answer) throws InterruptedException {
        for (int i = 0; i < 2 * TURNS; i++) {
            ping.acquire();
            answer.release();
        }
    }

    private static double dialogue() throws Exception {
        try (var ping = SharedSemaphore.create(0);
                var answer = SharedSemaphore.create(0)) {
            var other = ChildProcess.of(Synchronization::pong, ping, answer).start();
            turns(ping, answer);
            long begin = System.nanoTime();
            turns(ping, answer);
            double seconds = (System.nanoTime() - begin) / 1e9;
            other.join();
            return TURNS / seconds;
        }
    }

    private static void turns(SharedSemaphore ping, SharedSemaphore answer) throws InterruptedException {
        for (int i = 0; i < TURNS; i++) {
            ping.release();
            answer.acquire();
        }
    }

    private static void meet(SharedBarrier barrier, int times) throws InterruptedException, BrokenBarrierException {
        for (int i = 0; i < times; i++) {
            barrier.await();
        }
    }

    private static double rounds() throws Exception {
        try (var barrier = SharedBarrier.create(2)) {
            var other = ChildProcess.of(() -> meet(barrier, 2 * MEETINGS)).start();
            meet(barrier, MEETINGS);
            long begin = System.nanoTime();
            meet(barrier, MEETINGS);
            double seconds = (System.nanoTime() - begin) / 1e9;
            other.join();
            return MEETINGS / seconds;
        }
    }
}
