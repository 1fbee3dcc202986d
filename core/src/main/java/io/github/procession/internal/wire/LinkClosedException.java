package io.github.procession.internal.wire;

/// The process at the other end of a link is gone.
public final class LinkClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    LinkClosedException(String name) {
        super("The process at the other end (" + name + ") is gone");
    }
}
