package io.github.procession.internal.supervise;

/// What becomes of a child's output.
public enum OutputMode {
    /// It goes to this process's output, whole lines.
    INHERIT,
    /// The same, with the child's name before each line.
    PREFIXED,
    /// It is thrown away.
    DISCARD
}
