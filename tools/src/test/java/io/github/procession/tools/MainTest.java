package io.github.procession.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.Pool;
import io.github.procession.examples.Example1;
import io.github.procession.examples.FreshJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class MainTest {
    @TempDir
    Path folder;

    @Test
    void theDemoShowsEachStepAndEndsWellWhenAllTotalsAgree() throws Exception {
        var result = run("demo", "--limit-files", "300", "--workers", "2");
        assertThat(result.errors()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(result.output())
                .filteredOn(line -> line.startsWith("== "))
                .containsExactly(
                        "== 1 of 7: Two processes run one function at the same time (Example1)",
                        "== 2 of 7: Processes started in a loop, each with an argument of its own (Example2)",
                        "== 3 of 7: One process puts items into a queue, another one takes them (Example3)",
                        "== 4 of 7: A child changes a number and an array that both share (Example4)",
                        "== 5 of 7: A real job over real files, in this process and in a pool of 2 workers",
                        "== 6 of 7: The same once more, while one worker writes to a bad address and dies",
                        "== 7 of 7: An endless loop is stopped at its limit");
        assertThat(result.output())
                .contains("Both process completed.", "All tasks done!", "Consumed 4", "Shared Array: [2, 3, 4]")
                .anyMatch(line -> line.matches(".*: 300 files, 100 to a task"))
                .anyMatch(line -> line.matches("  in this process( +\\d+\\.\\d s){3}"))
                .anyMatch(line -> line.matches("  in 2 workers( +\\d+\\.\\d s){3}"))
                .anyMatch(line -> line.matches("  speed-up( +\\d+\\.\\d\\d +){3}"))
                .anyMatch(line -> line.matches("Found: [\\d,]+ types, [\\d,]+ methods, [\\d,]+ lines"))
                .anyMatch(line -> line.matches("  \\| .*WorkerCrashedException: .*\\(pid \\d+\\).* ended by SIG.*"))
                .anyMatch(line -> line.matches("The JVM's report is there, [\\d,]+ bytes.*"))
                .anyMatch(line -> line.matches("Done in .* only the task of that worker had to be done again\\."))
                .anyMatch(line -> line.matches("  \\| .*TimeoutException: .*"))
                .anyMatch(line -> line.endsWith("README.md"))
                .anyMatch(line -> line.endsWith("docs/guide/index.md"));
        assertThat(result.output())
                .filteredOn(line -> !line.contains(System.getProperty("java.home")) && !line.endsWith(".md"))
                .allSatisfy(
                        line -> assertThat(line).hasSizeLessThanOrEqualTo(100).matches("\\p{ASCII}*"));
        assertNoReportIsLeft();
    }

    @Test
    void theDemoWorksOnOtherSources() throws Exception {
        var zip = zip("class A { void a() {} }", "interface B { void b(); }");
        var result = run("demo", "--source", zip.toString(), "--workers", "1");
        assertThat(result.errors()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(result.output())
                .contains(zip + ": 2 files, 100 to a task", "Found: 2 types, 2 methods, 2 lines")
                .contains("The longest method has 1 line: A.a", "  in File0.java");
        assertNoReportIsLeft();
    }

    @Test
    void aDemoThatFailsSaysWhyAndExitsWith1() throws Exception {
        var zip = zip("class A {}");
        var bytes = Files.readAllBytes(zip);
        bytes[30 + "File0.java".length()] = 0b111; // the first byte of what is compressed: no such kind of block
        Files.write(zip, bytes);
        var result = run("demo", "--source", zip.toString(), "--workers", "1");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors().getFirst())
                .isEqualTo("procession demo failed: java.util.zip.ZipException: invalid block type");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            demo --workers 0             | procession demo: --workers 0: it must be between 1 and 2048
            demo --workers -3            | procession demo: --workers -3: it must be between 1 and 2048
            demo --workers 2049          | procession demo: --workers 2049: it must be between 1 and 2048
            demo --workers many          | procession demo: Invalid value for option '--workers': 'many' is not an int
            demo --workers               | procession demo: Missing required parameter for option '--workers' (N)
            demo --limit-files 0         | procession demo: --limit-files 0: it must be at least 1
            demo --source nowhere.zip    | procession demo: --source nowhere.zip: there is no such file
            demo --source .              | procession demo: --source .: there is no such file
            demo --source empty.zip      | procession demo: --source empty.zip: there is no .java file in it
            demo --source no-zip.txt     | procession demo: --source no-zip.txt: cannot be read as a zip file: zip END header not found
            demo --wrokers 2             | procession demo: Unknown options: '--wrokers', '2'
            demo now                     | procession demo: Unmatched argument at index 1: 'now'
            storm --minutes 0            | procession storm: --minutes 0.0: it must be more than 0 and at most 1440
            storm --minutes NaN          | procession storm: --minutes NaN: it must be more than 0 and at most 1440
            storm --minutes x            | procession storm: Invalid value for option '--minutes': 'x' is not a double
            storm --seed x               | procession storm: Invalid value for option '--seed': 'x' is not a long
            bench --check nowhere.txt    | procession bench: --check nowhere.txt: there is no such file; procession bench --record makes one
            bench --record no/where.txt  | procession bench: --record no/where.txt: this file cannot be written
            bench --record a --quick     | procession bench: --record with --quick: ratios that mean nothing are not worth keeping; leave --quick out
            bench --rounds 3             | procession bench: Unknown options: '--rounds', '3'
            dmeo                         | procession: Unmatched argument at index 0: 'dmeo'
                                         | procession: Missing command: one of demo, map, doctor, storm, bench
            """)
    void aWrongCommandLineIsExplainedAndExitsWith2(String arguments, String message) throws Exception {
        Files.writeString(folder.resolve("no-zip.txt"), "not a zip file");
        try (var out = new ZipOutputStream(Files.newOutputStream(folder.resolve("empty.zip")))) {
            out.putNextEntry(new ZipEntry("readme.txt"));
        }
        var result = run(arguments == null ? new String[0] : arguments.split(" +"));
        assertThat(result.errors()).startsWith(message);
        assertThat(result.errors().getLast())
                .isEqualTo("What it takes: " + message.substring(0, message.indexOf(':')) + " --help");
        assertThat(result.output()).isEmpty();
        assertThat(result.exitCode()).isEqualTo(2);
    }

    @Test
    void helpTeaches() throws Exception {
        var help = run("--help");
        assertThat(help.exitCode()).isZero();
        assertThat(String.join("\n", help.output()))
                .contains("demo", "map", "doctor", "storm", "bench", "procession COMMAND --help", "--version");
        var demo = run("demo", "--help");
        assertThat(demo.exitCode()).isZero();
        assertThat(String.join("\n", demo.output()))
                .contains("--workers=N", "--limit-files=N", "--source=ZIP", "exit code", "Examples:");
        assertThat(demo.output()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
        var storm = run("storm", "--help");
        assertThat(storm.exitCode()).isZero();
        assertThat(String.join("\n", storm.output())).contains("--minutes=N", "--seed=S", "--bound=TIME", "exit code");
    }

    @Test
    void theVersionIsThatOfTheBuild() throws Exception {
        var result = run("--version");
        assertThat(result.exitCode()).isZero();
        assertThat(result.output())
                .singleElement()
                .asString()
                .matches("Procession \\d+\\.\\d+\\.\\d+\\S* on Java "
                        + Runtime.version().feature() + ".*");
    }

    private FreshJvm.Result run(String... arguments) throws IOException, InterruptedException {
        return FreshJvm.in(folder, Pool.class, Example1.class, CommandLine.class, Main.class)
                .run(Main.class.getName(), arguments);
    }

    private Path zip(String... sources) throws IOException {
        var zip = folder.resolve("sources.zip");
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (int i = 0; i < sources.length; i++) {
                out.putNextEntry(new ZipEntry("File" + i + ".java"));
                out.write(sources[i].getBytes(StandardCharsets.UTF_8));
            }
        }
        return zip;
    }

    private void assertNoReportIsLeft() throws IOException {
        try (var files = Files.list(folder)) {
            assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith("hs_err"));
        }
    }
}
