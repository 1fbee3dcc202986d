package io.github.procession.internal.wire;

/// The name of a class loader across processes: whose it is, and its number there.
///
/// @param slot   the process that owns the loader; 0 for [#APPLICATION]
/// @param number its number in that process
public record LoaderKey(int slot, int number) {
    /// The application's own loader and what is above it: every process looks in its own class path first.
    public static final LoaderKey APPLICATION = new LoaderKey(0, 0);
}
