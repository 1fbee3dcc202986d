package io.github.procession.conformance;

import io.github.procession.SharedQueue;

/// The queue of the process that made it.
class SharedQueueTest extends QueueContract {
    @Override
    protected <E> SharedQueue<E> create(int capacity) {
        return SharedQueue.create(capacity);
    }
}
