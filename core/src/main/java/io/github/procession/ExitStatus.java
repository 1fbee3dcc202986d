package io.github.procession;

import java.util.Optional;

/// How a process ended.
///
/// @param code   its exit code; 128 + n if signal n ended it
/// @param signal the signal that ended it, empty if it exited. A process that calls `Runtime.halt(128 + n)` cannot be told
///               from one that signal n ended
public record ExitStatus(int code, Optional<Signal> signal) {
    /// Whether it exited with code 0.
    ///
    /// @return true if so
    public boolean success() {
        return code == 0;
    }

    @Override
    public String toString() {
        return signal.map(s -> "signal " + s + " (exit code " + code + ")").orElse("exit code " + code);
    }
}
