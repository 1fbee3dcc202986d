package io.github.procession.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StormTest {
    @Test
    void aShortStormLeavesNothingWrong() throws Exception {
        var output = new ByteArrayOutputStream();
        var out = new PrintStream(output, true, StandardCharsets.UTF_8);
        long seed = System.nanoTime();
        boolean right = new Storm(out, Duration.ofSeconds(10), seed, Duration.ofSeconds(60)).rage();
        var summary = output.toString(StandardCharsets.UTF_8);
        System.out.println(summary);
        assertThat(right).as(summary).isTrue();
        assertThat(summary).contains("seed " + seed, "Nothing was wrong.");
    }

    @Test
    void nothingIsLeftOfATreeThatHasLostItsRoot() throws Exception {
        var output = new ByteArrayOutputStream();
        var out = new PrintStream(output, true, StandardCharsets.UTF_8);
        boolean right = new Succession(out, Duration.ofSeconds(8), System.nanoTime(), Duration.ofSeconds(60)).rage();
        var summary = output.toString(StandardCharsets.UTF_8);
        System.out.println(summary);
        assertThat(right).as(summary).isTrue();
        assertThat(summary).contains("roots struck").doesNotContain("WRONG");
    }
}
