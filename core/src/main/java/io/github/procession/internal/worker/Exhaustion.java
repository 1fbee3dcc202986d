package io.github.procession.internal.worker;

/// A worker whose heap is exhausted ends: it cannot be relied on any more. Most often the JVM does so itself
/// (`-XX:+ExitOnOutOfMemoryError`); this is for errors that Java code throws, such as a full direct memory.
final class Exhaustion {
    /// The code with which the JVM itself exits then.
    static final int EXIT_CODE = 3;

    private Exhaustion() {}

    static void endProcess(Throwable error) {
        System.err.println("Terminating due to " + error);
        Runtime.getRuntime().halt(EXIT_CODE);
    }
}
