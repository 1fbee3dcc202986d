package io.github.procession;

import org.jspecify.annotations.Nullable;

/// The last owner of a lock has ended without releasing it, so that what it guards may be half changed. The lock is not held
/// by whoever gets this. See [SharedLock#recover].
public final class AbandonedLockException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    AbandonedLockException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
