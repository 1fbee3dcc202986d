package io.github.procession.stress;

import io.github.procession.Pool;
import io.github.procession.WorkerCrashedException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/// Tasks for a pool: each result is right, each task runs once at the most, and only tasks of workers that were killed crash.
final class PoolWork {
    private static final int WORKERS = 2;
    private static final int ITEMS = 40;
    private static final int ROUNDS = 1000;
    private static final AtomicBoolean KNOWN = new AtomicBoolean();

    private final Member member;

    PoolWork(Member member) {
        this.member = member;
    }

    void play() throws InterruptedException {
        while (member.goesOn()) {
            try (var pool = Pool.open(o -> o.workers(WORKERS).process(p -> Crew.options(p, member.shares())))) {
                for (int i = 0; i < ROUNDS && member.goesOn(); i++) {
                    work(pool);
                }
            }
        }
    }

    private void work(Pool pool) throws InterruptedException {
        var file = member.shares().ledger();
        var name = member.life().seat() + "/worker";
        int base = member.random().nextInt(1 << 14);
        try {
            switch (member.random().nextInt(3)) {
                case 0 -> {
                    long first = announce(ITEMS);
                    var items = IntStream.range(base, base + ITEMS).boxed().toList();
                    var squares = items.stream().map(n -> n * n).toList();
                    List<Integer> results = pool.map(items, n -> square(file, name, first + n - base, n));
                    member.check(results.equals(squares), "map of %s gave %s", items, results);
                    checkRan(first, ITEMS);
                }
                case 1 -> {
                    long item = announce(1);
                    int result = pool.apply(() -> square(file, name, item, base));
                    member.check(result == base * base, "apply of %d gave %d", base, result);
                    checkRan(item, 1);
                }
                default -> {
                    long item = announce(1);
                    int result = pool.applyAsync(() -> square(file, name, item, base))
                            .get();
                    member.check(result == base * base, "applyAsync of %d gave %d", base, result);
                    checkRan(item, 1);
                }
            }
            member.done();
        } catch (WorkerCrashedException e) {
            judge(e);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof WorkerCrashedException crash)) {
                throw new IllegalStateException(e);
            }
            judge(crash);
        }
    }

    /// @return the number of the first of so many tasks; the others' follow
    private long announce(int tasks) {
        return member.ledger().announce(Activity.POOL, tasks);
    }

    private void checkRan(long first, int tasks) {
        for (long task = first; task < first + tasks; task++) {
            member.check(member.ledger().isTakenOnce(task), "task %d has a result and did not run once", task);
        }
    }

    private void judge(WorkerCrashedException crash) {
        boolean killed = member.ledger().isDoomed(crash.pid()) || Member.isDying(member.ledger());
        member.check(killed, "a worker died and nobody had killed it: %s", crash);
    }

    /// The task.
    static int square(String file, String name, long task, int number) {
        var ledger = Member.ledger(file);
        if (KNOWN.compareAndSet(false, true)) {
            ledger.begin(Activity.POOL, name, ProcessHandle.current().pid());
        }
        ledger.taken(Activity.POOL, task);
        return number * number;
    }
}
