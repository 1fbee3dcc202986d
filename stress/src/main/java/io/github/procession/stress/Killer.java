package io.github.procession.stress;

import io.github.procession.internal.os.Os;
import io.github.procession.stress.Plan.Blow;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Follows a [Plan] on whoever is alive, except the root.
final class Killer implements AutoCloseable {
    /*
     * Who is stopped in its first moments, before it could tell the kernel that it is to end with its parent, and whose parent
     * dies then, stays stopped until somebody continues it. On a machine with so much to do, moments are seconds.
     */
    private static final Duration FIRST_MOMENTS = Duration.ofSeconds(6);

    private final Ledger ledger;
    private final Plan plan;
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicInteger stopped = new AtomicInteger();
    private final ScheduledExecutorService continuing = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().factory());
    private final Map<Blow, Integer> blows = new EnumMap<>(Blow.class); // of the thread, and after its end
    private final Thread thread;

    Killer(Ledger ledger, Plan plan) {
        this.ledger = ledger;
        this.plan = plan;
        this.thread = Thread.ofPlatform().name("killer").start(this::run);
    }

    private void run() {
        try {
            for (var strike = plan.next();
                    !over.await(strike.after().toMillis(), TimeUnit.MILLISECONDS);
                    strike = plan.next()) {
                strike(strike);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void strike(Plan.Strike strike) {
        var living = living();
        if (!living.isEmpty()) {
            var victim = living.get((int) (strike.victim() * living.size()));
            if (strike.blow() == Blow.SIGSTOP && victim.age().compareTo(FIRST_MOMENTS) < 0) {
                return;
            }
            long pid = victim.pid();
            blows.merge(strike.blow(), 1, Integer::sum);
            if (strike.blow() == Blow.SIGSTOP) {
                stopped.incrementAndGet();
                Os.kill(pid, Os.SIGSTOP);
                continuing.schedule(
                        () -> {
                            Os.kill(pid, Os.SIGCONT); // harmless if it has been killed meanwhile
                            stopped.decrementAndGet();
                        },
                        strike.stop().toMillis(),
                        TimeUnit.MILLISECONDS);
            } else {
                ledger.livesOf(pid).forEach(life -> life.doom(strike.blow().number()));
                Os.kill(pid, strike.blow().number());
            }
        }
    }

    /// One life of each process that could be killed, in an order that the plan can count on.
    private List<Life> living() {
        long self = ProcessHandle.current().pid();
        var pids = new HashSet<Long>();
        return ledger.lives().reversed().stream()
                .filter(life -> life.pid() != self && !life.isDoomed() && !life.isGone() && pids.add(life.pid()))
                .sorted(Comparator.comparing(Life::seat).thenComparingLong(Life::id))
                .toList();
    }

    boolean isAnybodyStopped() {
        return stopped.get() > 0;
    }

    /// Strikes no more, and continues whoever is stopped.
    @Override
    public void close() {
        over.countDown();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                continuing.shutdown();
                boolean _ = continuing.awaitTermination(1, TimeUnit.MINUTES);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    Map<Blow, Integer> blows() {
        return blows;
    }
}
