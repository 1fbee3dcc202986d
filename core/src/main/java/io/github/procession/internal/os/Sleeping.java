package io.github.procession.internal.os;

import java.lang.foreign.MemorySegment;

/// Sleeping until a word of shared memory changes, and waking who does. Safe for use by any thread.
///
/// A word is an aligned int at the beginning of a native segment. Who changes it wakes the sleepers afterwards.
public abstract sealed class Sleeping permits FutexSleeping, TimedSleeping {
    Sleeping() {}

    /// The way of this system.
    public static Sleeping here() {
        return Chosen.HERE;
    }

    /// Sleeps while the word is as expected, until the limit, or for no reason: look at it again. An interrupt is noticed
    /// only if whoever interrupts changes the word as well, and wakes its sleepers.
    ///
    /// @param nanos at most so long; negative for no limit
    public abstract void sleep(MemorySegment word, int expected, long nanos);

    /// Wakes at most so many threads, of any process, that sleep on the word. Never waits.
    public abstract void wake(MemorySegment word, int count);

    /// A way to sleep on many words at once.
    public abstract Vigil vigil();

    private static final class Chosen {
        static final Sleeping HERE = Basis.isPortable() ? new TimedSleeping() : new FutexSleeping();
    }
}
