package io.github.procession.internal.wire;

/// How a child begins.
public enum Manner {
    /// It is told what to do as soon as it can read.
    PLAIN,
    /// The same; but it waits for a debugger before it does it.
    DEBUGGED,
    /// It is told later, and prepares itself meanwhile for whatever it will be.
    SPARE
}
