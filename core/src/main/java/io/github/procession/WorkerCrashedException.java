package io.github.procession;

import io.github.procession.internal.wire.Outcome.Crash;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The process that ran a task died before the task had ended: killed, crashed in native code, out of memory, or exited by
/// the task itself. Only this task has failed; a pool goes on with another worker.
public final class WorkerCrashedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// The process that died.
    private final long pid;
    /// Its exit code.
    private final int exitCode;
    /// The signal that ended it, or 0.
    private final int signal;
    /// What it was running.
    private final String task;
    /// Its last lines on standard error.
    private final List<String> lastErrors;
    /// The report of its JVM, or empty.
    private final String errorFile;

    WorkerCrashedException(Crash crash) {
        super(CrashReport.of(crash));
        this.pid = crash.pid();
        this.exitCode = crash.exitCode();
        this.signal = crash.signal();
        this.task = crash.task();
        this.lastErrors = List.copyOf(crash.errors());
        this.errorFile = crash.errorFile() == null ? "" : crash.errorFile();
    }

    /// The process that died.
    ///
    /// @return its process id
    public long pid() {
        return pid;
    }

    /// How it ended.
    ///
    /// @return code and signal
    public ExitStatus exitStatus() {
        return new ExitStatus(exitCode, Signal.of(signal));
    }

    /// What it was running.
    ///
    /// @return the class of the task's function, as far as known
    public String task() {
        return task;
    }

    /// The last lines that it wrote to standard error.
    ///
    /// @return oldest first; at most 20
    public List<String> lastErrors() {
        return lastErrors;
    }

    /// The report of the JVM, if it crashed in native code.
    ///
    /// @return path of the `hs_err` file
    public Optional<Path> errorFile() {
        return errorFile.isEmpty() ? Optional.empty() : Optional.of(Path.of(errorFile));
    }
}
