package io.github.procession.internal.waiting;

import io.github.procession.internal.os.TestJvm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// A JVM of one carrier thread, on which a thousand virtual threads wait: at one point, at many points, until a limit,
/// and until they are interrupted.
final class OneCarrier {

    private static final int THREADS = 1000;
    private static final int POINTS = 300;

    private OneCarrier() {}

    public static void main(String[] arguments) throws InterruptedException {
        TestJvm.dieWithParent();
        MemorySegment memory = Arena.ofShared().allocate(POINTS * WaitPointLayout.BYTES, 128);
        List<WaitPoint> points = new ArrayList<>();
        for (int i = 0; i < POINTS; i++) {
            points.add(new WaitPoint(memory, i * WaitPointLayout.BYTES));
        }
        atOnePoint(points.getFirst());
        atManyPoints(points);
        untilALimit(points);
        untilInterrupted(points.getFirst());
        points.forEach(WaitPoint::close);
        System.out.println("all done");
    }

    private static void atOnePoint(WaitPoint point) throws InterruptedException {
        AtomicInteger permits = new AtomicInteger();
        AtomicInteger waiting = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                waiting.incrementAndGet();
                await(point, () -> permits.getAndUpdate(there -> Math.max(0, there - 1)) > 0, Long.MAX_VALUE);
            }));
        }
        while (waiting.get() < THREADS) { // each gets the carrier while the others wait
            Thread.sleep(1);
        }
        for (int i = 0; i < THREADS; i++) {
            permits.incrementAndGet();
            point.signal();
        }
        join(threads);
    }

    private static void atManyPoints(List<WaitPoint> points) throws InterruptedException {
        AtomicInteger ball = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            int mine = i;
            threads.add(Thread.startVirtualThread(() -> {
                await(points.get(mine), () -> ball.get() == mine + 1, Long.MAX_VALUE);
                ball.set(mine + 2);
                points.get((mine + 1) % points.size()).signal();
            }));
        }
        ball.set(1);
        points.getFirst().signal();
        join(threads);
    }

    private static void untilALimit(List<WaitPoint> points) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            WaitPoint point = points.get(i % points.size());
            threads.add(Thread.startVirtualThread(() -> await(point, () -> false, System.nanoTime() + 20_000_000)));
        }
        join(threads);
    }

    private static void untilInterrupted(WaitPoint point) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.startVirtualThread(() -> await(point, () -> false, Long.MAX_VALUE)));
        }
        threads.forEach(Thread::interrupt);
        join(threads);
    }

    private static void await(WaitPoint point, BooleanSupplier attempt, long deadline) {
        try {
            point.await(attempt, deadline);
        } catch (InterruptedException interrupted) {
            return;
        }
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
