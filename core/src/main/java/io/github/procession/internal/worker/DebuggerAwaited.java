package io.github.procession.internal.worker;

/// Thrown, and caught at once, where a process waits for a debugger: the debugger's agent, which was told this name on the
/// command line, then listens, and goes on when it has been told to.
final class DebuggerAwaited extends Exception {
    private static final long serialVersionUID = 1L;

    private DebuggerAwaited() {}

    /// Returns when a debugger has attached itself and lets this process go on. Other threads run until it is there.
    static void await() {
        try {
            throw new DebuggerAwaited();
        } catch (DebuggerAwaited e) {
            // the debugger stands here
        }
    }
}
