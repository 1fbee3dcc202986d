package io.github.procession.stress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeftoversTest {
    @Test
    void whoHasInheritedAMarkIsSeenWhileItRuns() throws Exception {
        String mark = "/mark-" + System.nanoTime();
        var builder = new ProcessBuilder("sleep", "600");
        builder.environment().put(Leftovers.MARK, mark);
        var process = builder.start();
        try {
            assertThat(Leftovers.marked(mark)).containsExactly(process.pid());
            assertThat(Leftovers.marked(mark + "x")).isEmpty();
            assertThat(Leftovers.marked(mark.substring(1))).isEmpty();
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(Leftovers.marked(mark)).isEmpty();
    }
}
