package io.github.procession.internal.waiting;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// How long to try at one wait point before going to sleep: up to some 20 µs where that has been worth it lately, not at
/// all where it has not.
final class Patience {

    /*
     * Sleeping and being woken costs each side a few microseconds, so trying for a little longer than that is never far
     * from the best choice, provided that the other side runs meanwhile. A try that succeeded doubles the next one, one
     * that was in vain halves it; below the least it is none, and every 64th wait tries the least to see whether the
     * world has changed. The field is written by all threads without care: it is only a guess.
     */

    private static final int MOST = 800;
    private static final int LEAST = 50;
    private static final int PROBE_EVERY = 64;

    /// A virtual thread keeps others from its carrier while it tries.
    private static final int MOST_VIRTUAL = 50;

    private static final boolean ALONE = Runtime.getRuntime().availableProcessors() == 1;

    private int budget = MOST;
    private int skipped;

    <T> @Nullable T spin(Supplier<? extends @Nullable T> attempt) {
        if (ALONE) {
            return null;
        }
        if (Thread.currentThread().isVirtual()) {
            return spin(attempt, MOST_VIRTUAL);
        }
        int tries = budget;
        if (tries == 0 && ++skipped % PROBE_EVERY == 0) {
            tries = LEAST;
        }
        T found = spin(attempt, tries);
        budget = found != null ? Math.clamp(2L * tries, LEAST, MOST) : tries / 2 < LEAST ? 0 : tries / 2;
        return found;
    }

    private static <T> @Nullable T spin(Supplier<? extends @Nullable T> attempt, int tries) {
        for (int i = 0; i < tries; i++) {
            Thread.onSpinWait();
            T found = attempt.get();
            if (found != null) {
                return found;
            }
        }
        return null;
    }
}
