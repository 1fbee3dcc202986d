package io.github.procession.internal.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/// Sleeping by looking again and again, after parks that grow to a few milliseconds; for systems that let no process wake
/// a thread of another one. Slower, never wrong: what counts is the word, and a wake is only ever a hint.
///
/// An interrupt ends a park, and with it the sleep.
final class TimedSleeping extends Sleeping {
    /// The first park. What an operating system makes of less is not less.
    static final long SHORTEST_NANOS = 50_000;

    /// The longest: what a sleeper may be late by, and how often it looks for as long as nothing happens.
    static final long LONGEST_NANOS = 4_000_000;

    private static final VarHandle INT = JAVA_INT.varHandle();

    @Override
    public void sleep(MemorySegment word, int expected, long nanos) {
        long start = System.nanoTime();
        for (long pause = SHORTEST_NANOS; isStill(word, expected); pause = longer(pause)) {
            long left = nanos < 0 ? pause : nanos - (System.nanoTime() - start);
            if (left <= 0 || Thread.currentThread().isInterrupted()) {
                return;
            }
            LockSupport.parkNanos(this, Math.min(pause, left));
        }
    }

    @Override
    public void wake(MemorySegment word, int count) {
        // they look by themselves
    }

    @Override
    public Vigil vigil() {
        return new TimedVigil();
    }

    /// @throws IllegalStateException if the memory is gone
    static boolean isStill(MemorySegment word, int expected) {
        return (int) INT.getVolatile(word, 0L) == expected;
    }

    static long longer(long pause) {
        return Math.min(2 * pause, LONGEST_NANOS);
    }
}
