package io.github.procession.benchmarks.micro;

import io.github.procession.SharedInt;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedLock;
import io.github.procession.SharedQueue;
import io.github.procession.SharedSemaphore;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.ReentrantLock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// Shared objects that nobody else is using, beside those of `java.util.concurrent` for threads.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Sharing {
    private static final int CAPACITY = 64;
    private static final int LENGTH = 1024;

    private final AtomicInteger ofThreads = new AtomicInteger();
    private final AtomicIntegerArray arrayOfThreads = new AtomicIntegerArray(LENGTH);
    private final ReentrantLock lockOfThreads = new ReentrantLock();
    private final Semaphore permitsOfThreads = new Semaphore(1);
    private final ArrayBlockingQueue<Integer> queueOfThreads = new ArrayBlockingQueue<>(CAPACITY);

    private final SharedInt number = SharedInt.of(0);
    private final SharedIntArray array = SharedIntArray.ofLength(LENGTH);
    private final SharedLock lock = SharedLock.create();
    private final SharedSemaphore permits = SharedSemaphore.create(1);
    private final SharedQueue<Integer> queue = SharedQueue.create(CAPACITY);
    private int next;

    /// Frees what is shared.
    @TearDown
    public void close() {
        number.close();
        array.close();
        lock.close();
        permits.close();
        queue.close();
    }

    @Benchmark
    public int increment() {
        return number.incrementAndGet();
    }

    @Benchmark
    public int incrementOfThreads() {
        return ofThreads.incrementAndGet();
    }

    @Benchmark
    public int setElement() {
        int index = next++ & LENGTH - 1;
        array.set(index, index);
        return array.get(index);
    }

    @Benchmark
    public int setElementOfThreads() {
        int index = next++ & LENGTH - 1;
        arrayOfThreads.set(index, index);
        return arrayOfThreads.get(index);
    }

    @Benchmark
    @SuppressWarnings("LockNotBeforeTry")
    public void lockAndUnlock() throws InterruptedException {
        lock.lock();
        lock.unlock();
    }

    @Benchmark
    @SuppressWarnings("LockNotBeforeTry")
    public void lockAndUnlockOfThreads() {
        lockOfThreads.lock();
        lockOfThreads.unlock();
    }

    @Benchmark
    public void acquireAndRelease() throws InterruptedException {
        permits.acquire();
        permits.release();
    }

    @Benchmark
    public void acquireAndReleaseOfThreads() throws InterruptedException {
        permitsOfThreads.acquire();
        permitsOfThreads.release();
    }

    @Benchmark
    public int putAndTake() throws InterruptedException {
        queue.put(next++);
        return Objects.requireNonNull(queue.take());
    }

    @Benchmark
    public int putAndTakeOfThreads() throws InterruptedException {
        queueOfThreads.put(next++);
        return queueOfThreads.take();
    }
}
