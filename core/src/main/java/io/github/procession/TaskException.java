package io.github.procession;

/// A task failed with a checked exception; it is the cause.
public final class TaskException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TaskException(Exception cause) {
        this("The task threw " + cause, cause);
    }

    TaskException(String message, Exception cause) {
        super(message, cause);
    }
}
