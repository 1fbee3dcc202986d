package io.github.procession.internal.memory;

/// A segment cannot be opened or mapped now: mostly, no descriptor is left. It may be possible later.
public final class UnmappableException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    UnmappableException(String message, Throwable cause) {
        super(message, cause);
    }
}
