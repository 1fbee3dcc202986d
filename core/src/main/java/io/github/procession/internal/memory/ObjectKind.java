package io.github.procession.internal.memory;

/// What lies in a block; decides how the root repairs it after a death.
public enum ObjectKind {
    /// Plain words, and the lock that travels with them. The words need no repair: a store is whole or has not happened.
    VALUES,
    /// A queue: a robust ring with its two wait points.
    QUEUE,
    /// Room for queue items that do not fit into a cell; belongs to one producer.
    EXTENT,
    /// The two pipes between a pool and one of its workers.
    CHANNEL,
    /// A wait point alone: where a pool's supervisor sleeps.
    BELL,
    /// A lock.
    LOCK,
    /// A semaphore.
    SEMAPHORE,
    /// A condition; belongs to a lock.
    CONDITION,
    /// An event.
    EVENT,
    /// A latch.
    LATCH,
    /// A barrier.
    BARRIER,
    /// A record: two copies, and who changes them.
    TWINS,
    /// A serialized object that never changes; it may hold handles of others.
    PACKED,
    /// One end of a pipe; belongs to the queue that it receives from. When it goes, the queues of the pipe end.
    END,
    /// An end that only sends; belongs to the queue that it sends to.
    SENDING_END;

    private static final ObjectKind[] ALL = values();

    /// The kind with this ordinal.
    ///
    /// @throws IllegalArgumentException if there is none
    public static ObjectKind of(int ordinal) {
        if (ordinal < 0 || ordinal >= ALL.length) {
            throw new IllegalArgumentException("there is no kind %d of shared objects".formatted(ordinal));
        }
        return ALL[ordinal];
    }
}
