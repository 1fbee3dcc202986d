package io.github.procession.conformance;

import io.github.procession.ChildProcess;
import io.github.procession.SharedQueue;

/// A queue whose maker is dead.
class OrphanQueueTest extends QueueContract {
    @Override
    protected <E> SharedQueue<E> create(int capacity) throws InterruptedException {
        return ChildProcess.call(() -> SharedQueue.<E>create(capacity));
    }
}
