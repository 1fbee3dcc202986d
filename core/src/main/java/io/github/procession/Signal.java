package io.github.procession;

import java.util.Optional;

/// The signals that can end a process, with their numbers on Linux.
public enum Signal {
    /// Its terminal went away.
    SIGHUP(1),
    /// Ctrl-C.
    SIGINT(2),
    /// Ctrl-\; a JVM prints its threads and goes on.
    SIGQUIT(3),
    /// An illegal instruction.
    SIGILL(4),
    /// A breakpoint.
    SIGTRAP(5),
    /// Code of its own gave up (`abort`).
    SIGABRT(6),
    /// Memory that is not there any more.
    SIGBUS(7),
    /// An arithmetic error in native code.
    SIGFPE(8),
    /// Killed; nothing can catch it.
    SIGKILL(9),
    /// Free for programs.
    SIGUSR1(10),
    /// A bad address.
    SIGSEGV(11),
    /// Free for programs.
    SIGUSR2(12),
    /// A pipe that nobody reads.
    SIGPIPE(13),
    /// A timer.
    SIGALRM(14),
    /// Asked to end.
    SIGTERM(15),
    /// Not used by Linux.
    SIGSTKFLT(16),
    /// The limit of processor time.
    SIGXCPU(24),
    /// The limit of a file's size.
    SIGXFSZ(25),
    /// A timer of processor time.
    SIGVTALRM(26),
    /// A profiler's timer.
    SIGPROF(27),
    /// Input has come.
    SIGIO(29),
    /// The power fails.
    SIGPWR(30),
    /// A system call that is not allowed.
    SIGSYS(31);

    private final int number;

    Signal(int number) {
        this.number = number;
    }

    /// The signal's number.
    ///
    /// @return as the kernel counts
    public int number() {
        return number;
    }

    static Optional<Signal> of(int number) {
        for (var signal : values()) {
            if (signal.number == number) {
                return Optional.of(signal);
            }
        }
        return Optional.empty();
    }
}
