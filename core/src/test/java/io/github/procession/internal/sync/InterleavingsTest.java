package io.github.procession.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.internal.os.Fuse;
import io.github.procession.internal.os.TestJvm;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Every order of the stores of a few processes, and every death, in a JVM that watches its stores.
class InterleavingsTest {
    @Test
    void everyOrderAndEveryDeathLeavesThePrimitivesWholeAndNoMutantPasses() throws Exception {
        var options = List.of(
                "-Xmx256m",
                "-XX:TieredStopAtLevel=4",
                "-D" + Fuse.PROPERTY + "=WATCH",
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1");
        try (var jvm = TestJvm.start(Schedules.class, options)) {
            int status = jvm.exit();
            jvm.output().forEach(System.out::println);
            assertThat(jvm.output()).last().isEqualTo("done");
            assertThat(status).isZero();
        }
    }
}
