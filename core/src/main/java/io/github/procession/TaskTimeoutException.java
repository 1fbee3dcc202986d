package io.github.procession;

import io.github.procession.internal.wire.Outcome.Overrun;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

/// A task ran for longer than it may and was stopped: interrupted, and its worker killed if that was not enough.
public final class TaskTimeoutException extends TimeoutException {
    private static final long serialVersionUID = 1L;

    /// Its worker.
    private final long pid;
    /// What it was.
    private final String task;
    /// How long it might run.
    private final Duration limit;
    /// What its worker was doing.
    private final String threadDump;

    TaskTimeoutException(Overrun overrun) {
        super(message(overrun));
        this.pid = overrun.pid();
        this.task = overrun.task();
        this.limit = Duration.ofNanos(overrun.limit());
        this.threadDump = overrun.dump();
    }

    private static String message(Overrun o) {
        return "%s (pid %d) ran %s for longer than its limit of %s and was stopped%n%s"
                .formatted(
                        o.process(),
                        o.pid(),
                        o.task(),
                        seconds(o.limit()),
                        o.dump().isEmpty()
                                ? "  It did not say what its threads were doing: most often native code, or a loop that never lets the JVM stop it"
                                : "  what its threads were doing at the limit:%n%s"
                                        .formatted(o.dump().indent(4).stripTrailing()));
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.3f s", nanos / 1e9);
    }

    /// The worker that ran it.
    ///
    /// @return its process id
    public long pid() {
        return pid;
    }

    /// What it was.
    ///
    /// @return its name, or the class of its function
    public String task() {
        return task;
    }

    /// How long it was allowed to run.
    ///
    /// @return the limit that it has exceeded
    public Duration limit() {
        return limit;
    }

    /// What the threads of the worker were doing at the limit, the one that ran the task first.
    ///
    /// @return several lines; empty if the worker did not answer any more
    public String threadDump() {
        return threadDump;
    }
}
