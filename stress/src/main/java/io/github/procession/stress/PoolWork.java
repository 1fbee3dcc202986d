package io.github.procession.stress;

import io.github.procession.Output;
import io.github.procession.Pool;
import io.github.procession.WorkerCrashedException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/// Tasks for a pool: each result is right, and only tasks of workers that were killed crash.
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
            try (var pool = Pool.open(o ->
                    o.workers(WORKERS).process(p -> Crew.options(p.output(Output.DISCARD), member.shares())))) {
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
                    var items = IntStream.range(base, base + ITEMS).boxed().toList();
                    var squares = items.stream().map(n -> n * n).toList();
                    List<Integer> results = pool.map(items, n -> square(file, name, n));
                    member.check(results.equals(squares), "map of %s gave %s", items, results);
                }
                case 1 -> {
                    int result = pool.apply(() -> square(file, name, base));
                    member.check(result == base * base, "apply of %d gave %d", base, result);
                }
                default -> {
                    int result = pool.applyAsync(() -> square(file, name, base)).get();
                    member.check(result == base * base, "applyAsync of %d gave %d", base, result);
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

    private void judge(WorkerCrashedException crash) {
        boolean killed = member.ledger().isDoomed(crash.pid()) || Member.isDying(member.ledger());
        member.check(killed, "a worker died and nobody had killed it: %s", crash);
    }

    /// The task.
    static int square(String file, String name, int number) {
        if (KNOWN.compareAndSet(false, true)) {
            Member.ledger(file)
                    .begin(Activity.POOL, name, ProcessHandle.current().pid());
        }
        return number * number;
    }
}
