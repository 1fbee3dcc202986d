package io.github.procession;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private static Progress.State state(long done, long failed, long items, int seconds, boolean ended) {
        return new Progress.State("Job", done, failed, items, Duration.ofSeconds(seconds), ended);
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    @Test
    void aTerminalGetsABarThatIsDrawnOverItself() {
        var console = new ConsoleProgress(() -> out, true);
        console.update(state(5, 0, 10, 2, false));
        assertThat(printed()).isEqualTo("\r[###############---------------] 5 of 10, 2.0 s, about 2 s left");
        bytes.reset();
        console.update(state(9, 1, 10, 4, true));
        assertThat(printed())
                .startsWith("\r[##############################] 10 of 10, 1 failed, 4.0 s")
                .endsWith("\n");
    }

    @Test
    void elsewhereALineComesNowAndThenAndAtTheEnd() {
        var console = new ConsoleProgress(() -> out, false);
        for (int second = 0; second < 12; second++) {
            console.update(state(second, 0, 12, second, false));
        }
        console.update(state(12, 0, 12, 12, true));
        assertThat(printed()).isEqualTo("""
                        Job: 5 of 12, 5.0 s, about 7 s left
                        Job: 10 of 12, 10.0 s, about 2 s left
                        Job: 12 of 12, 12.0 s
                        """);
    }

    @Test
    void aRunWhoseItemsNobodyHasCountedHasNoBar() {
        var console = new ConsoleProgress(() -> out, true);
        console.update(state(3, 0, Progress.UNKNOWN, 1, true));
        assertThat(printed()).isEqualTo("\r3, 1.0 s\n");
    }
}
