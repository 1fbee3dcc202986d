package io.github.procession.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.internal.memory.Mappings;
import io.github.procession.internal.os.Deathwatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReaperTest {
    private static final long LIMIT_SECONDS = 60;

    @Test
    void theDeadAreBuriedThoughMemoryHasBeenLackingMeanwhile() throws Exception {
        var registry = new Registry(new Mappings(ProcessHandle.current().pid()));
        var watch = Deathwatch.make();
        var failures = new AtomicInteger(3);
        var reaper = new Reaper(registry, watch, timeout -> {
            if (failures.getAndDecrement() > 0) {
                throw new OutOfMemoryError("of the test");
            }
            return watch.await(timeout);
        });
        var process = new ProcessBuilder("sleep", "600").start();
        try {
            int watched = registry.reserve(Node.ROOT_SLOT);
            int neverCame = registry.reserve(Node.ROOT_SLOT);
            reaper.watch(watched, process.pid());
            var gone = registry.gone(watched);
            var neverCameGone = registry.gone(neverCame);
            reaper.bury(neverCame);
            process.destroyForcibly();
            gone.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            neverCameGone.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(failures.get()).isNegative();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
