package io.github.procession.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.Pool;
import io.github.procession.SharedLatch;
import io.github.procession.testing.NothingLeftBehind;
import java.time.Duration;
import java.util.HashSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NothingLeftBehind.class)
class ManyWorkersTest {
    private static final int WORKERS = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /// Ends when as many are there as there are workers: each has a process of its own.
    private static long meet(SharedLatch all) throws InterruptedException {
        all.countDown();
        if (!all.await(PATIENCE)) {
            throw new IllegalStateException("%d have not come".formatted(all.count()));
        }
        return ProcessHandle.current().pid();
    }

    @Test
    void twoHundredWorkersStartAndStop() throws InterruptedException {
        try (var all = SharedLatch.create(WORKERS);
                var pool = Pool.open(o -> o.workers(WORKERS).process(p -> p.maxHeap("32m")))) {
            var items = IntStream.range(0, WORKERS).boxed().toList();
            var pids = pool.map(items, _ -> meet(all), 1);
            assertThat(new HashSet<>(pids)).hasSize(WORKERS);
            assertThat(pool.stats().restarts()).isZero();
        }
        assertThat(ProcessHandle.current().children()).isEmpty();
    }
}
