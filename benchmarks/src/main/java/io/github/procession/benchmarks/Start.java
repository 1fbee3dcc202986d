package io.github.procession.benchmarks;

import io.github.procession.ChildProcess;
import io.github.procession.SharedQueue;

/// From before `start()` to the first statement of the target, in milliseconds, beside CPython's spawn.
public final class Start {
    private static final int ROUNDS = 20;

    private Start() {}

    private static void first(SharedQueue<Long> queue) throws InterruptedException {
        queue.put(System.nanoTime());
    }

    /// Runs it.
    public static void main(String[] arguments) throws InterruptedException {
        var ours = new Series("procession-cold", "ms");
        var spawn = new Series("cpython-spawn", "ms");
        try (var peer = new Peer("spawn.py", "spawn");
                var queue = SharedQueue.<Long>create(4)) {
            peer.round();
            round(queue);
            for (int i = 0; i < ROUNDS; i++) {
                ours.add(round(queue));
                spawn.add(peer.round());
            }
        }
        ours.summarize();
        spawn.summarize();
    }

    private static double round(SharedQueue<Long> queue) throws InterruptedException {
        long begin = System.nanoTime();
        var process = ChildProcess.of(Start::first, queue).start();
        double millis = (queue.take() - begin) / 1e6;
        process.join();
        return millis;
    }
}
