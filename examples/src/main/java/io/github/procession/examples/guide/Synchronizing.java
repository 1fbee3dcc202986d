package io.github.procession.examples.guide;

import io.github.procession.AbandonedLockException;
import io.github.procession.ChildProcess;
import io.github.procession.SharedBarrier;
import io.github.procession.SharedCondition;
import io.github.procession.SharedEvent;
import io.github.procession.SharedInt;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedLatch;
import io.github.procession.SharedLock;
import io.github.procession.SharedSemaphore;
import java.util.stream.IntStream;

/// Locks and the like, between processes.
public final class Synchronizing {
    private Synchronizing() {}

    // tag::transfer[]
    static void transfer(SharedLock lock, SharedIntArray accounts) {
        for (int i = 0; i < 1000; i++) {
            lock.lock();
            try {
                accounts.set(0, accounts.get(0) - 1);
                accounts.set(1, accounts.get(1) + 1);
            } finally {
                lock.unlock();
            }
        }
    }
    // end::transfer[]

    private static void lock() throws InterruptedException {
        // tag::lock[]
        try (var lock = SharedLock.create();
                var accounts = SharedIntArray.of(5000, 0)) {
            var one = ChildProcess.of(Synchronizing::transfer, lock, accounts).start();
            var two = ChildProcess.of(Synchronizing::transfer, lock, accounts).start();
            one.join();
            two.join();
            System.out.println(accounts.get(0) + " " + accounts.get(1)); // 3000 2000
        }
        // end::lock[]
    }

    @SuppressWarnings("LockNotBeforeTry") // nothing in between can fail
    private static void death() throws InterruptedException {
        // tag::death[]
        try (var lock = SharedLock.create()) {
            var careless = ChildProcess.of(lock::lock).start(); // and ends
            careless.join();
            try {
                lock.lock();
            } catch (AbandonedLockException e) {
                lock.recover(() -> System.out.println("What it guards is whole again."));
            }
            lock.lock();
            lock.unlock();
        }

        var repairs = SharedInt.of(0);
        try (var lock = SharedLock.create(() -> repairs.incrementAndGet())) {
            ChildProcess.of(lock::lock).start().join();
            lock.lock(); // runs the repair first
            System.out.println("repaired " + repairs.get() + " time");
            lock.unlock();
        }
        // end::death[]
        repairs.close();
    }

    // tag::semaphore[]
    static void render(SharedSemaphore licences, SharedInt most, SharedInt now) throws InterruptedException {
        licences.acquire();
        try {
            int busy = now.incrementAndGet();
            most.updateAndGet(m -> Math.max(m, busy));
            Thread.sleep(50);
            now.decrementAndGet();
        } finally {
            licences.release();
        }
    }
    // end::semaphore[]

    private static void semaphore() throws InterruptedException {
        try (var licences = SharedSemaphore.bounded(2);
                var most = SharedInt.of(0);
                var now = SharedInt.of(0)) {
            var children = IntStream.range(0, 5)
                    .mapToObj(_ -> ChildProcess.of(Synchronizing::render, licences, most, now)
                            .start())
                    .toList();
            for (var child : children) child.join();
            System.out.println("at most 2 at a time: " + (most.get() <= 2));
        }
    }

    // tag::condition[]
    static void awaitTen(SharedCondition changed, SharedInt number) throws InterruptedException {
        changed.lock().lock();
        try {
            while (number.get() < 10) changed.await();
            System.out.println("there are " + number.get());
        } finally {
            changed.lock().unlock();
        }
    }
    // end::condition[]

    @SuppressWarnings("LockNotBeforeTry") // nothing in between can fail
    private static void condition() throws InterruptedException {
        // tag::signal[]
        try (var number = SharedInt.of(0);
                var guard = number.guard();
                var changed = guard.newCondition()) {
            var waiting =
                    ChildProcess.of(Synchronizing::awaitTen, changed, number).start();
            for (int i = 0; i < 10; i++) {
                guard.lock();
                number.incrementAndGet();
                changed.signalAll();
                guard.unlock();
            }
            waiting.join();
        }
        // end::signal[]
    }

    // tag::event[]
    static void runTogether(SharedLatch ready, SharedEvent start) throws InterruptedException {
        ready.countDown();
        start.await();
    }
    // end::event[]

    private static void event() throws InterruptedException {
        // tag::start[]
        try (var ready = SharedLatch.create(3);
                var start = SharedEvent.create()) {
            var runners = IntStream.range(0, 3)
                    .mapToObj(_ -> ChildProcess.of(Synchronizing::runTogether, ready, start)
                            .start())
                    .toList();
            ready.await();
            System.out.println("all are ready");
            start.set();
            for (var runner : runners) runner.join();
        }
        // end::start[]
    }

    // tag::barrier[]
    static void step(SharedBarrier barrier, SharedIntArray cells, int mine) throws Exception {
        for (int round = 0; round < 3; round++) {
            int left = cells.get((mine + 2) % 3);
            barrier.await(); // everybody has read
            cells.set(mine, cells.get(mine) + left);
            barrier.await(); // everybody has written
        }
    }
    // end::barrier[]

    private static void barrier() throws InterruptedException {
        try (var barrier = SharedBarrier.create(3);
                var cells = SharedIntArray.of(1, 2, 3)) {
            var children = IntStream.range(0, 3)
                    .mapToObj(i -> ChildProcess.of(Synchronizing::step, barrier, cells, i)
                            .start())
                    .toList();
            for (var child : children) child.join();
            System.out.println(cells.stream().boxed().toList());
        }
    }

    /// Runs it all.
    public static void main(String[] args) throws InterruptedException {
        lock();
        death();
        semaphore();
        condition();
        event();
        barrier();
    }
}
