package io.github.procession;

/// A task threw a checked exception in another process; it is the cause.
public final class TaskException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TaskException(Exception cause) {
        super("The task threw " + cause, cause);
    }
}
