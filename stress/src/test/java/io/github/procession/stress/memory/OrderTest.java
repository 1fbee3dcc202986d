package io.github.procession.stress.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs all of them, shortly; longer with `-Dstress.memoryMillis=1000`, for each of a few dozen ways to compile and to place the
/// threads.
class OrderTest {
    @TempDir
    Path folder;

    @Test
    void nothingIsSeenThatIsForbidden() throws Exception {
        var output = folder.resolve("output");
        var command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-t",
                "io.github.procession.stress.memory",
                "-time",
                Integer.getInteger("stress.memoryMillis", 20).toString(),
                "-iters",
                "1",
                "-f",
                "1",
                "-jvmArgsPrepend",
                "--enable-native-access=ALL-UNNAMED -XX:-UsePerfData",
                "-sc",
                "false",
                "-r",
                folder.resolve("report").toString());
        var process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(20, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        var lines = Files.readAllLines(output);
        assertThat(process.exitValue()).as("%s", String.join("\n", lines)).isZero();
        assertThat(lines).contains("  Failed tests: No matches.", "  Error tests: No matches.");
        assertThat(String.join("\n", lines)).containsPattern("All remaining tests: [1-9]\\d* matching test results");
    }
}
