package io.github.procession.benchmarks;

import io.github.procession.ChildProcess;
import io.github.procession.SharedQueue;

/// Ints from one process to another through a queue, messages per second, beside CPython's `Queue`.
public final class QueueThroughput {
    private static final int ROUNDS = 5;
    private static final int COUNT = 5_000_000;
    private static final int PEER_COUNT = 200_000;

    private QueueThroughput() {}

    private static void produce(SharedQueue<Integer> queue, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            queue.put(i);
        }
    }

    /// Runs it.
    public static void main(String[] arguments) throws InterruptedException {
        var ours = new Series("procession-queue-int", "messages/s");
        var python = new Series("cpython-queue-int", "messages/s");
        try (var peer = new Peer("mpqueue.py", Integer.toString(PEER_COUNT));
                var queue = SharedQueue.<Integer>create()) {
            round(queue);
            for (int i = 0; i < ROUNDS; i++) {
                ours.add(round(queue));
                python.add(peer.round());
            }
        }
        ours.summarize();
        python.summarize();
    }

    private static double round(SharedQueue<Integer> queue) throws InterruptedException {
        var process = ChildProcess.of(QueueThroughput::produce, queue, COUNT).start();
        queue.take();
        long begin = System.nanoTime();
        for (int i = 1; i < COUNT; i++) {
            if (queue.take() != i) {
                throw new IllegalStateException("out of order at " + i);
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        process.join();
        return (COUNT - 1) / seconds;
    }
}
