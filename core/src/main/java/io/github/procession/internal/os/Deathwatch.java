package io.github.procession.internal.os;

/// Tells one thread which of many processes have ended, with a doorbell by which the others call it away.
///
/// ```java
/// while (watch.isOpen()) {
///     for (int number : watch.await(-1)) {
///         // that process is gone
///     }
///     // look at what those who rang have left
/// }
/// ```
///
/// [#await] belongs to one thread; everything else may be called by any.
public abstract sealed class Deathwatch permits DescriptorWatch, HandleWatch {
    Deathwatch() {}

    /// One that watches nobody yet.
    public static Deathwatch make() {
        return Basis.isPortable() ? new HandleWatch() : new DescriptorWatch();
    }

    /// Watches a process.
    ///
    /// @param number what it is called here; not 0
    /// @return false if there is no such process any more
    /// @throws OsException if the system cannot watch it
    public abstract boolean watch(int number, long pid);

    /// The system has said elsewhere that none of a process's threads can touch anything any more. Ignored where watching
    /// it says so at once, and if it is not watched.
    public abstract void isGone(int number, long pid);

    /// Makes the present or else the next [#await] return.
    public abstract void ring();

    /// The JDK has said that a child of this process has ended. Ignored where watching it says so at once.
    public abstract void isGone(int number);

    /// Waits until a process has ended, until someone rings, or until the JVM ends.
    ///
    /// @param timeoutMillis for so long at the most; negative for no limit
    /// @return the processes that have ended, each once, and perhaps 0, which is none. If this throws, they come the next time
    public abstract int[] await(int timeoutMillis);

    /// Whether the JVM does not end.
    public abstract boolean isOpen();
}
