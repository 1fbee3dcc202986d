package io.github.procession.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchTest {
    @TempDir
    Path folder;

    /// With peers of its own: one that counts, and one that fails in its third round.
    @Test
    void aPeerThatFailsIsLeftOutAndTheOthersGoOn() throws Exception {
        var ended = new ArrayList<String>();
        var said = new ArrayList<String>();
        var figure = new BenchFigure("map", "items/s", () -> counting("ours", Integer.MAX_VALUE, ended))
                .beside("good", () -> counting("good", Integer.MAX_VALUE, ended))
                .beside("bad", () -> counting("bad", 3, ended))
                .beside("absent", () -> {
                    throw new IOException("there is none");
                });
        assertThat(figure.measure(3, 0, said::add).beside())
                .containsExactly(new Comparison("map", "good", "items/s", 3, 3, 1, 1, 1));
        assertThat(said)
                .containsExactly("map: absent is left out: there is none", "map: bad is left out: it has failed");
        assertThat(ended).containsExactlyInAnyOrder("ours", "good", "bad");
    }

    private static Contender counting(String who, int most, List<String> ended) {
        return new Contender() {
            private int count;

            @Override
            public double measure() throws IOException {
                if (count == most) {
                    throw new IOException("it has failed");
                }
                return ++count;
            }

            @Override
            public void end() {
                ended.add(who);
            }
        };
    }

    @Test
    void allFiguresAreMeasuredAndComparedWithAFile() throws Exception {
        var file = Files.writeString(folder.resolve("ratios.properties"), "lock.nobody = 1\nsubmit.threads = 1e9\n");
        var result = Tool.in(folder, "bench", "--quick", "--python", "no-such-python", "--check", file.toString())
                .run();
        assertThat(result.errors()).isEmpty();
        assertThat(result.output())
                .contains("CPython is left out: there is no no-such-python")
                .anyMatch(line -> line.matches("round-trip +[\\d.]+ us +threads +[\\d.]+ us +[\\d.]+ .*"))
                .anyMatch(line -> line.matches("spare +[\\d.]+ ms +no peer"))
                .contains(
                        "submit seems to have lost: once more",
                        "lock.nobody is in the file, and was not measured",
                        "Compare with an earlier version on this machine: something has become slow.")
                .anyMatch(
                        line -> line.matches("submit\\.threads has lost: [\\d.]+ at best, and 1000000000 in the file"));
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void helpSaysWhatItMeasuresAndWhenItFails() {
        var help = new CommandLine(new BenchCommand()).setUsageHelpWidth(100).getUsageMessage();
        assertThat(help)
                .contains("--check=FILE", "--record=FILE", "--quick", "--python=COMMAND", "Exit code", "Examples:");
        assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void aFileThatIsNotRightIsExplainedBeforeAnythingIsMeasured() throws Exception {
        var wrong = Files.writeString(folder.resolve("wrong.properties"), "map.cpython\n");
        var result = Tool.in(folder, "bench", "--check", wrong.toString()).run("", Map.of());
        assertThat(result.errors().getFirst())
                .isEqualTo(
                        "procession bench: --check " + wrong
                                + ": line 1 is 'map.cpython', not FIGURE.PEER = RATIO with a ratio above 0, as in map.cpython = 3.5");
        assertThat(result.output()).isEmpty();
        assertThat(result.exitCode()).isEqualTo(2);
    }
}
