package io.github.procession.internal.wire;

import org.jspecify.annotations.Nullable;

/// The name of a class loader across processes: whose it is, and its number there.
///
/// @param slot   the process that owns the loader; 0 for [#APPLICATION]
/// @param number its number in that process
public record LoaderKey(int slot, int number) {
    /// The application's own loader and what is above it: every process looks in its own class path first.
    public static final LoaderKey APPLICATION = new LoaderKey(0, 0);

    /*
     * Written out, and not left to the compiler: what it has a record do is made when it is first needed, and a child that
     * boots has no time for that.
     */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LoaderKey key && slot == key.slot && number == key.number;
    }

    @Override
    public int hashCode() {
        return 31 * slot + number;
    }
}
