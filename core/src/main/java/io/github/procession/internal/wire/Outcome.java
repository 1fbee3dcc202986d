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
    record Crash(
            String process,
            long pid,
            int exitCode,
            int signal,
            String task,
            List<String> errors,
            @Nullable String errorFile,
            long millis,
            @Nullable String reason) {}
}
