package io.github.procession.internal.waiting;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// A table for table tennis: a ball that each of two players, in threads or processes, waits for at a point of its own.
final class WaitPointTable {

    static final long BYTES = 2 * WaitPointLayout.BYTES + 256;

    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final long BALL_AT = 2 * WaitPointLayout.BYTES;
    private static final long LIMIT_NANOS = 30_000_000_000L;

    private final MemorySegment memory;
    private final WaitPoint served;
    private final WaitPoint returned;

    WaitPointTable(MemorySegment memory) {
        this.memory = memory;
        this.served = new WaitPoint(memory, 0);
        this.returned = new WaitPoint(memory, WaitPointLayout.BYTES);
    }

    /// Plays odd numbers and waits for even ones.
    void serve(int rounds, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (long i = 0; i < rounds; i++) {
            pause(random);
            play(2 * i + 1, served);
            expect(2 * i + 2, returned);
        }
    }

    /// Plays even numbers and waits for odd ones.
    void returnAll(int rounds, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (long i = 0; i < rounds; i++) {
            expect(2 * i + 1, served);
            pause(random);
            play(2 * i + 2, returned);
        }
    }

    void repair() {
        served.repair();
        returned.repair();
    }

    private void play(long ball, WaitPoint point) {
        LONG.setRelease(memory, BALL_AT, ball);
        point.signal();
    }

    private void expect(long ball, WaitPoint point) {
        try {
            boolean came =
                    point.await(() -> (long) LONG.getAcquire(memory, BALL_AT) == ball, System.nanoTime() + LIMIT_NANOS);
            if (!came) {
                throw new AssertionError(
                        "ball " + ball + " never came; the table has " + (long) LONG.getVolatile(memory, BALL_AT));
            }
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    /// Mostly nothing, often about as long as the other tries before it sleeps, sometimes long enough for it to sleep.
    private static void pause(SplittableRandom random) {
        int kind = random.nextInt(1000);
        if (kind == 0) {
            LockSupport.parkNanos(random.nextInt(200_000));
        } else if (kind < 100) {
            for (int i = random.nextInt(1500); i > 0; i--) {
                Thread.onSpinWait();
            }
        }
    }
}
