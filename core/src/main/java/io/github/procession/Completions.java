package io.github.procession;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// Completes futures, beside those who have nothing to do with what depends on them. Safe for use by any thread.
final class Completions {
    /*
     * A thread for each would cost more than most of them do. So virtual threads take one after the other from a queue; but what
     * a completion runs is the user's, and may wait for one that is behind it. As long as there is any in the queue, there
     * is also a spare thread that has begun none: it runs as soon as a processor is free, be it that the others block.
     */
    private static final Queue<Runnable> QUEUE = new ConcurrentLinkedQueue<>();
    private static final AtomicBoolean SPARE = new AtomicBoolean();

    private Completions() {}

    /// Has something done soon that completes a future. It must not throw.
    static void add(Runnable completion) {
        QUEUE.add(completion);
        haveSpare();
    }

    private static void haveSpare() {
        if (!SPARE.getAndSet(true)) {
            boolean started = false;
            try {
                Thread.ofVirtual().start(Completions::drain);
                started = true;
            } finally {
                if (!started) { // for want of memory; the next to come tries again
                    SPARE.set(false);
                }
            }
        }
    }

    private static void drain() {
        SPARE.set(false); // race: what was added before is seen below, what comes later starts another
        for (var next = QUEUE.poll(); next != null; next = QUEUE.poll()) {
            if (!QUEUE.isEmpty()) {
                haveSpare();
            }
            next.run();
        }
    }
}
