package io.github.procession.internal.worker;

import io.github.procession.internal.os.Fuse;

/// A name for each instant in a task's life at its worker, at which a test lets the process die: see [Fuse]. Those between them,
/// within the channel, are the ring's.
enum WorkPoint {
    /// The task is out of the channel, its ticket says that it waits.
    TASK_READ,
    /// The ticket says that it has begun, none of it is read.
    TASK_BEGUN,
    /// Its code has returned, the result is not packed.
    TASK_RETURNED,
    /// The result is packed, and the shared objects in it are pinned.
    RESULT_PACKED,
    /// As much of the result as there was room for is in the channel, the bell is not rung.
    RESULT_PUBLISHED,
    /// The pool knows, the worker has not gone on.
    RESULT_RUNG,
    /// The initializer has returned, nobody knows.
    INITIALIZED,
    /// The worker was told to leave.
    LEAVING;

    /// Marks the instant.
    void pass() {
        if (Fuse.ARMED) {
            Fuse.burn(name());
        }
    }
}
