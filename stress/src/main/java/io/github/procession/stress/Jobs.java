package io.github.procession.stress;

import io.github.procession.SharedQueue;
import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/// Queues that end, and work that is waited for: when it is said to be done, it is; when it is said to be lost, a worker has
/// died.
final class Jobs {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int FOREMAN = 0;
    private static final int ITEMS = 60;
    private static final int WORKERS = 2;

    /// What workers get.
    record Job(SharedQueue<Long> queue) implements Serializable {}

    private final Member member;
    private final Ledger ledger;
    private final SharedQueue<Job> jobs;

    Jobs(Member member) {
        this.member = member;
        this.ledger = member.ledger();
        this.jobs = member.shares().jobs();
    }

    void play() throws InterruptedException {
        while (member.goesOn()) {
            if (member.role().number() == FOREMAN) {
                direct();
            } else {
                work();
            }
            member.pause();
        }
    }

    private void direct() throws InterruptedException {
        long first = ledger.announce(Activity.WORK, ITEMS);
        try (var queue = SharedQueue.<Long>create(ITEMS)) {
            for (long item = first; item < first + ITEMS; item++) {
                queue.put(item);
                ledger.acknowledge(item);
            }
            if (member.random().nextBoolean()) {
                queue.end(); // else the workers do it
            }
            for (int i = 0; i < WORKERS; i++) {
                if (!jobs.offer(new Job(queue), PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    return; // nobody has time
                }
            }
            try {
                if (queue.awaitDone(PATIENCE)) {
                    done(ledger, first, ITEMS);
                    member.done();
                } // else nobody has had time
            } catch (IllegalStateException e) {
                lost(ledger, first, ITEMS, String.valueOf(e.getMessage()));
            }
        }
    }

    /// So many items are said to be done.
    static void done(Ledger ledger, long first, int items) {
        long out = LongStream.range(first, first + items)
                .filter(ledger::isTakenOnce)
                .count();
        ledger.check(Activity.WORK, out == items, "%d items are said to be done, and %d have come out", items, out);
    }

    /// Some of so many items are said to be lost; each worker has one in hand at the most.
    static void lost(Ledger ledger, long first, int items, String message) {
        boolean killed = ledger.lives().stream()
                .anyMatch(life -> life.activity() == Activity.WORK && ledger.isDoomed(life.pid()));
        ledger.check(Activity.WORK, killed || ledger.isStopped(), "nobody has been killed, but: %s", message);
        long out = LongStream.range(first, first + items)
                .filter(ledger::isTakenOnce)
                .count();
        ledger.check(
                Activity.WORK,
                out >= items - WORKERS,
                "only %d of %d items have come out, and: %s",
                out,
                items,
                message);
    }

    private void work() throws InterruptedException {
        var job = jobs.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (job == null) {
            return;
        }
        try (var queue = job.queue()) {
            queue.end();
            queue.stream().forEach(item -> {
                ledger.taken(Activity.WORK, item);
                queue.taskDone();
            });
        } catch (CancellationException e) {
            throw interrupted(e);
        }
    }

    private static InterruptedException interrupted(CancellationException e) {
        boolean _ = Thread.interrupted();
        var interrupt = new InterruptedException(e.getMessage());
        interrupt.initCause(e);
        return interrupt;
    }

    /// When all members have ended.
    static void reckon(SharedQueue<Job> jobs) {
        for (var job = jobs.poll(); job != null; job = jobs.poll()) {
            job.queue().close();
        }
    }
}
