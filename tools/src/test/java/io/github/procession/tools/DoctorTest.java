package io.github.procession.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DoctorTest {
    private static final Pattern FINDING = Pattern.compile("(ok|warning|problem) +(\\S+(?: \\S+)?)  +.+");
    private static final List<String> NAMES = List.of(
            "java",
            "native access",
            "class archives",
            "text",
            "system",
            "memfd",
            "futex",
            "futex_waitv",
            "pidfd",
            "/proc/PID/fd",
            "setsid",
            "/dev/shm",
            "temporary files",
            "open files",
            "processes",
            "memory",
            "child process",
            "loaded classes",
            "queue",
            "death");

    @TempDir
    Path folder;

    private static List<String> names(Tool.Result result) {
        return result.output().stream()
                .map(FINDING::matcher)
                .filter(java.util.regex.Matcher::matches)
                .map(found -> found.group(2))
                .toList();
    }

    @Test
    void itTriesEverythingAndFindsThatTheLibraryWorksWhereItsTestsRun() throws Exception {
        var result = Tool.in(folder, "doctor").run();
        assertThat(result.errors()).isEmpty();
        assertThat(names(result)).isEqualTo(NAMES);
        assertThat(result.output())
                .noneMatch(line -> line.startsWith("problem"))
                .anyMatch(line -> line.matches("ok +memfd +made, sealed and mapped twice: 1 MiB"))
                .anyMatch(line -> line.matches("ok +futex +a thread slept and was woken.*"))
                .anyMatch(
                        line -> line.matches("ok +child process +started, asked and ended in .*, the second one in .*"))
                .anyMatch(line -> line.matches("(ok|warning) +loaded classes +(none|children boot with).*"))
                .anyMatch(line -> line.matches("ok +queue +1,000 items to a child and back, .* each"))
                .anyMatch(line -> line.matches("ok +death +a child was killed, which was seen after .*"));
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void whatIsScarceIsAWarningWithAdvice() throws Exception {
        var result = Tool.in(folder, "doctor").runIn("ulimit -n 200; exec TOOL", Map.of("LC_ALL", "POSIX"));
        assertThat(result.output())
                .anyMatch(line -> line.matches("warning +open files +200"))
                .anyMatch(line -> line.startsWith("         to do: raise the limit, as with ulimit -n 4096"))
                .anyMatch(line -> line.matches("warning +text +.*ANSI_X3.4-1968"))
                .anyMatch(line -> line.startsWith("         to do: set LC_ALL=C.UTF-8"))
                .anyMatch(line -> line.matches("Procession works here; \\d warnings\\."));
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void whatTheLibraryCannotDoWithoutIsAProblemWithAdviceAndExitsWith1() throws Exception {
        var result = Tool.with("--illegal-native-access=deny", folder, "doctor").run();
        assertThat(result.errors()).isEmpty();
        assertThat(names(result)).isEqualTo(NAMES);
        assertThat(result.output())
                .anyMatch(line -> line.matches("problem +memfd +.*[Nn]ative access.*"))
                .anyMatch(line -> line.matches("problem +queue +.*"))
                .contains("         to do: start java with --enable-native-access=ALL-UNNAMED")
                .anyMatch(
                        line -> line.matches("\\d problems: Procession does not work here until that is put right\\."));
        assertThat(result.output())
                .filteredOn(line -> line.startsWith(" "))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void helpSaysWhatItTries() {
        var help = new CommandLine(new DoctorCommand()).setUsageHelpWidth(100).getUsageMessage();
        assertThat(help).contains("Tries for real", "Exit code", "Examples:");
        assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }
}
