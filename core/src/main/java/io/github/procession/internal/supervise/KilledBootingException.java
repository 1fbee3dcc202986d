package io.github.procession.internal.supervise;

/// The JVM of a child was killed before it had started. That says nothing against starting another.
final class KilledBootingException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    KilledBootingException(String message) {
        super(message);
    }
}
