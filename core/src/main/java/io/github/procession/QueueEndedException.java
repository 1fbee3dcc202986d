package io.github.procession;

/// A [SharedQueue] takes no more items, or has none left and will not get any: somebody has called [SharedQueue#end()].
public final class QueueEndedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    QueueEndedException(String message) {
        super(message);
    }
}
