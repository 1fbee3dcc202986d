package io.github.procession.internal.supervise;

import io.github.procession.internal.os.Fuse;

/// A name for each instant in a pool's work at which a test lets its process die: see [Fuse].
enum SupervisePoint {
    /// A task has its ticket, and is not in the channel.
    TASK_ISSUED,
    /// A task is in the channel, or waits for room there.
    TASK_SENT,
    /// A task was taken back, and is nobody's.
    TASK_TAKEN_BACK,
    /// A result is out of the channel, nobody knows.
    RESULT_READ,
    /// A task has its outcome, its ticket is in use.
    TASK_SETTLED,
    /// A worker's process runs, the pool does not know.
    WORKER_STARTED,
    /// A worker was told to leave.
    WORKER_LEAVING,
    /// A dead worker's tasks are settled or back, its channel is still there.
    WORKER_BURIED;

    /// Marks the instant.
    void pass() {
        if (Fuse.ARMED) {
            Fuse.burn(name());
        }
    }
}
