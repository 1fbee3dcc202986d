package io.github.procession.conformance.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A test runs where its runner wants: with Surefire in a JVM whose class path is one jar that names the others.
class SurefireTest {
    private static int square(int n) {
        return n * n;
    }

    @Test
    void aTestHasChildren() throws InterruptedException {
        long self = ProcessHandle.current().pid();
        assertThat(ChildProcess.call(() -> ProcessHandle.current().pid())).isNotEqualTo(self);
        try (var pool = Pool.open(1)) {
            assertThat(pool.map(List.of(1, 2, 3), SurefireTest::square)).containsExactly(1, 4, 9);
        }
    }

    @Test
    void aTestsLibrariesAreThereInAChild() throws InterruptedException {
        assertThat(ChildProcess.call(
                        () -> assertThat(49).isPositive().getClass().getName()))
                .startsWith("org.assertj");
    }
}
