package io.github.procession.internal.os;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Sleeping on many words by looking at them again and again: see [TimedSleeping]. The doorbell is heard at once.
final class TimedVigil extends Vigil {
    private final AtomicInteger doorbell = new AtomicInteger();
    private final MemorySegment[] words = new MemorySegment[MOST];
    private final int[] expected = new int[MOST];
    private volatile @Nullable Thread sleeper;

    @Override
    public int bell() {
        return doorbell.get();
    }

    @Override
    public void ring() {
        doorbell.incrementAndGet();
        LockSupport.unpark(sleeper);
    }

    @Override
    public void place(int index, MemorySegment word, int seen) {
        words[index] = word;
        expected[index] = seen;
    }

    @Override
    public void sleep(int bell, int count) {
        sleeper = Thread.currentThread();
        for (long pause = TimedSleeping.SHORTEST_NANOS; isStill(bell, count); pause = TimedSleeping.longer(pause)) {
            if (count == 0) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, pause);
            }
            var _ = Thread.interrupted(); // somebody who interrupts every thread would make it spin
        }
        Arrays.fill(words, 0, count, MemorySegment.NULL); // a word keeps its memory reachable
    }

    private boolean isStill(int bell, int count) {
        try {
            for (int i = 0; i < count; i++) {
                if (!TimedSleeping.isStill(words[i], expected[i])) {
                    return false;
                }
            }
            return doorbell.get() == bell;
        } catch (IllegalStateException unmapped) {
            return false; // whoever looks next finds that out
        }
    }
}
