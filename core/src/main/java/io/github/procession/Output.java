package io.github.procession;

/// What becomes of a child's standard output and standard error.
public enum Output {
    /// Both go to this process's `System.out` and `System.err`: whole lines, in order within the child.
    INHERIT,
    /// The same, with `[name] ` before each line.
    PREFIXED,
    /// Both are thrown away. (The last lines of standard error are still kept for crash reports.)
    DISCARD
}
