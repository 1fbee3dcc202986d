package io.github.procession.internal.worker;

import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.Message;

/// Tells the parent whether this process ends of its own will. An exit code alone does not: a JVM that SIGTERM ends exits
/// with 143, as one that calls `System.exit(143)` does.
final class Ending {
    private Ending() {}

    /// Called during the shutdown. The JVM handles a signal on a thread named after it.
    static void report(Link parent) {
        boolean signalled = Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .anyMatch(name -> name.startsWith("SIG") && name.endsWith(" handler"));
        if (!signalled) {
            parent.tell(new Message.Ending());
        }
    }
}
