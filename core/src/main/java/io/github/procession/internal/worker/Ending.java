package io.github.procession.internal.worker;

import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.Message;

/// Tells the parent whether this process ends of its own will. An exit code alone does not: a JVM that SIGTERM ends exits
/// with 143, as one that calls `System.exit(143)` does.
final class Ending {
    private static volatile boolean complete;

    private Ending() {}

    /// This process has done all that it was to do; what it does from here on is its own affair.
    static void complete() {
        complete = true;
    }

    /// Called during the shutdown. The JVM handles a signal on a thread named after it.
    static void report(Link parent) {
        boolean signalled = Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .anyMatch(name -> name.startsWith("SIG") && name.endsWith(" handler"));
        if (complete && !signalled) {
            SharedBlock.leaveBarriers();
        }
        if (!signalled) {
            parent.tell(new Message.Ending());
        }
    }
}
