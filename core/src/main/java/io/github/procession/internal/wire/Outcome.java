package io.github.procession.internal.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a task ended, as a value. The public types turn it into a result or an exception.
public sealed interface Outcome {
    /// It returned.
    record Returned(@Nullable Object value) implements Outcome {}

    /// It threw, and what it threw could be rebuilt here, its stack trace as it was there.
    record Threw(Throwable failure, String where) implements Outcome {}

    /// It threw, and what it threw cannot be rebuilt here.
    record ThrewForeign(Description description, String where) implements Outcome {}

    /// The process that ran it died.
    record Crashed(Crash crash) implements Outcome {}

    /// It ran for longer than it may.
    record TimedOut(Overrun overrun) implements Outcome {}

    /// A throwable in words.
    ///
    /// @param className its class
    /// @param message   its message
    /// @param trace     the whole trace as printed there
    /// @param causes    its causes, outermost first
    /// @param why       why it could not be rebuilt
    record Description(
            String className, @Nullable String message, String trace, List<Description> causes, String why) {}

    /// The death of a process, as far as it is known.
    ///
    /// @param process   its name
    /// @param pid       its process id
    /// @param exitCode  its exit code, 128 + n for signal n
    /// @param signal    the signal's number, 0 if it exited
    /// @param task      what it was running
    /// @param errors    the last lines of its standard error
    /// @param errorFile path of the JVM's report, if it wrote one
    /// @param millis    how long the task had run, -1 if unknown
    /// @param reason    why this library killed it, null if it did not
    /// @param resident  how many bytes of memory it had resident when last seen, 0 if unknown
    /// @param oom       what is known of the kernel's out-of-memory killer
    record Crash(
            String process,
            long pid,
            int exitCode,
            int signal,
            String task,
            List<String> errors,
            @Nullable String errorFile,
            long millis,
            @Nullable String reason,
            long resident,
            Oom oom) {}

    /// What the kernel's counters say about its out-of-memory killer, in the time of a process that was killed.
    enum Oom {
        /// It struck in the control group of this process.
        STRUCK_IN_GROUP,
        /// It struck somewhere on the machine.
        STRUCK_ON_MACHINE,
        /// It did not strike.
        DID_NOT_STRIKE,
        /// There are no such counters.
        UNKNOWN
    }

    /// A task that has run for longer than it may.
    ///
    /// @param process its worker's name
    /// @param pid     its worker's process id
    /// @param task    what it was
    /// @param limit   how many nanoseconds it had
    /// @param dump    what the threads of the worker were doing at the limit, empty if it did not say
    record Overrun(String process, long pid, String task, long limit, String dump) {}
}
