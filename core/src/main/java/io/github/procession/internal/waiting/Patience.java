package io.github.procession.internal.waiting;

import io.github.procession.internal.os.Os;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// How long to try at one wait point before going to sleep, and how often: up to some 20 µs where that has been worth it
/// lately, not at all where it has not.
final class Patience {

    /*
     * How long. Sleeping and being woken costs each side a few microseconds, so trying for a little longer than that is
     * never far from the best choice, provided that the other side runs meanwhile. Trying that succeeded doubles the
     * budget of the next wait, trying in vain halves it; below the least it is nothing, and every so often a wait tries
     * in full to see whether the world has changed. In full, since two that both sleep at once each find the other slow
     * to wake, and would never see that they could be fast.
     *
     * How often. Each try pulls the cache line that the other side is about to write, so tries become rarer in proportion
     * to the time spent: an eighth of it. In a stream that is not enough. A full (or empty) queue keeps both sides in
     * lockstep at the same line, three times slower than either could be; and each wait is so short that it stays in its
     * first tries. One long pause instead lets the other side get ahead by a hundred items, and then both run freely.
     * Whether there is a stream can only be found out by trying: every so often a wait begins with a long pause, and if
     * at least some attempts after it succeed at once, the next wait begins with one as well. Where items come one at a
     * time, as in a dialogue, none does, and the price is one long pause in a thousand waits.
     *
     * The fields are written by all threads without care: they are only guesses.
     */

    /// Budgets are nanoseconds.
    private static final long MOST = 20_000;

    private static final long LEAST = 1_000;
    private static final int TRY_AGAIN_EVERY = 64;

    /// Pauses are counted in `onSpinWait`, of 10 to 40 ns.
    private static final int SHORT_PAUSE = 1;
    private static final int LONG_PAUSE = 256;
    private static final int LONG_PAUSE_EVERY = 1024;
    private static final int STREAM = 16;

    /// A virtual thread keeps others from its carrier while it tries.
    private static final long MOST_VIRTUAL = 1_000;

    private static final boolean ALONE = Os.processors() == 1;

    private long budget = MOST;
    private int waits;
    private int firstPause = SHORT_PAUSE;

    /// Attempts that succeeded at once since the last long pause, up to [#STREAM].
    private int atOnce;

    /// An attempt succeeded without a wait.
    void succeededAtOnce() {
        if (firstPause == LONG_PAUSE && atOnce < STREAM) {
            atOnce++;
        }
    }

    /// Tries for a while.
    <T> @Nullable T spin(Supplier<? extends @Nullable T> attempt) {
        if (ALONE) {
            return null;
        }
        if (Thread.currentThread().isVirtual()) {
            return spin(attempt, MOST_VIRTUAL, SHORT_PAUSE);
        }
        int wait = ++waits;
        long nanos = budget != 0 ? budget : wait % TRY_AGAIN_EVERY == 0 ? MOST : 0;
        int pause = choosePause(wait);
        if (nanos == 0) {
            return null;
        }
        T found = spin(attempt, nanos, pause);
        budget = found != null ? Math.min(2 * nanos, MOST) : nanos / 2 < LEAST ? 0 : nanos / 2;
        return found;
    }

    private int choosePause(int wait) {
        if (firstPause == LONG_PAUSE) {
            firstPause = atOnce >= STREAM ? LONG_PAUSE : SHORT_PAUSE;
        } else if (wait % LONG_PAUSE_EVERY == 0) {
            firstPause = LONG_PAUSE;
        }
        atOnce = 0;
        return firstPause;
    }

    private static <T> @Nullable T spin(Supplier<? extends @Nullable T> attempt, long nanos, int firstPause) {
        long start = System.nanoTime();
        int spent = 0;
        do {
            int pause = Math.max(firstPause, spent >> 3);
            for (int i = 0; i < pause; i++) {
                Thread.onSpinWait();
            }
            spent += pause;
            T found = attempt.get();
            if (found != null) {
                return found;
            }
        } while (System.nanoTime() - start < nanos);
        return null;
    }
}
