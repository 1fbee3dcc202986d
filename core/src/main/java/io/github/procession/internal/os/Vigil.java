package io.github.procession.internal.os;

import java.lang.foreign.MemorySegment;

/// One thread that sleeps on many words at once, with a doorbell by which the others call it away. See [Sleeping].
///
/// ```java
/// while (…) {
///     int bell = vigil.bell();
///     // look at what those who rang have left, and at all the words
///     // vigil.place(…) each word as it was seen
///     vigil.sleep(bell, count);
/// }
/// ```
///
/// The doorbell may be rung by any thread, everything else belongs to one.
public abstract sealed class Vigil permits FutexVigil, TimedVigil {
    /// The most words that it may have.
    public static final int MOST = 127;

    Vigil() {}

    /// How often it has been rung for.
    public abstract int bell();

    /// Calls the thread away.
    public abstract void ring();

    /// A word that it sleeps on next time.
    ///
    /// @param index below [#MOST]
    public abstract void place(int index, MemorySegment word, int expected);

    /// Sleeps while the first `count` words are as expected and nobody has rung since `bell` was read, or less long.
    public abstract void sleep(int bell, int count);
}
