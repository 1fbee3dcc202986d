package io.github.procession.internal.wire;

/// Where a process finds its side of a link: the address of a [io.github.procession.internal.os.Cable].
///
/// @param text one argument of a command line; empty in [#NONE]
public record LinkAddress(String text) {
    /// No link: the root is the parent.
    public static final LinkAddress NONE = new LinkAddress("");

    /// Whether it is [#NONE].
    public boolean isNone() {
        return text.isEmpty();
    }
}
