package io.github.procession.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.testing.Fuzz;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Whatever stands in a command line that cannot be right: exit code 2, what is wrong and where help is, and no stack trace.
class CommandLineFuzzTest {
    /// What keeps each command from being right, however the rest is.
    private static final Map<String, List<String>> POISON = Map.of(
            "demo", List.of("--source=nowhere.zip"),
            "map", List.of(), // no method here is one
            "doctor", List.of("--nothing"),
            "storm", List.of("--minutes=-1"),
            "bench", List.of("--check=nowhere.txt"));

    private static final List<String> OPTIONS = List.of(
            "--workers",
            "--limit-files",
            "--source",
            "-cp",
            "--class-path",
            "-j",
            "--jobs",
            "--timeout",
            "--retries",
            "--max-heap",
            "--minutes",
            "--seed",
            "--bound",
            "--check",
            "--record",
            "--python",
            "--quick",
            "--");

    private static final List<String> VALUES = List.of(
            "",
            " ",
            "-",
            "--",
            "@x",
            "0",
            "-1",
            "1",
            "2048",
            "99999999999999999999",
            "1e400",
            "NaN",
            "-0.0",
            "10s",
            "-5s",
            "0s",
            "9".repeat(400) + "h",
            "1.5.5m",
            "2g",
            "-2g",
            "99999999g",
            "::",
            "a::",
            "::b",
            "a::b::c",
            "java.lang.Integer",
            "java.lang.Integer::nothing",
            "java.lang.Object::toString",
            "int::parse",
            "[I::clone",
            "java/lang/Integer::parseInt",
            "java.lang.Integer::<init>",
            "java.lang.Integer::<clinit>",
            "..::x",
            "größe::größe",
            "'lib/*'",
            "*",
            ":",
            "::::",
            "no/such/file",
            "/dev/null",
            "/",
            "\u0001\u001b[31m",
            "%s%n%d",
            "${sys:user.name}",
            "$(id)",
            "x".repeat(5_000));

    private static List<String> line(Fuzz fuzz, String command) {
        var random = fuzz.random();
        var line = new ArrayList<String>();
        if (random.nextInt(10) > 0) {
            line.add(command);
        }
        for (int n = random.nextInt(6); n > 0; n--) {
            var option = OPTIONS.get(random.nextInt(OPTIONS.size()));
            var value = VALUES.get(random.nextInt(VALUES.size()));
            switch (random.nextInt(6)) {
                case 0 -> line.add(option);
                case 1 -> line.add(value);
                case 2 -> line.add(option + "=" + value);
                case 3 -> line.add(option.substring(0, random.nextInt(option.length())) + value);
                default -> {
                    line.add(option);
                    line.add(value);
                }
            }
        }
        line.addAll(POISON.get(command));
        return line;
    }

    @Test
    void aWrongCommandLineIsNeverMoreThanAnError() {
        var fuzz = Fuzz.of("aWrongCommandLineIsNeverMoreThanAnError", 4_000);
        var commands = POISON.keySet().stream().sorted().toList();
        var in = System.in;
        System.setIn(InputStream.nullInputStream());
        try {
            while (fuzz.next()) {
                var line = line(fuzz, commands.get(fuzz.random().nextInt(commands.size())));
                var out = new StringWriter();
                var err = new StringWriter();
                int code = Main.commandLine()
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(line.toArray(String[]::new));
                var what = "%s: %s: %s".formatted(fuzz, line, err);
                assertThat(code).as(what).isEqualTo(2);
                assertThat(out.toString()).as(what).isEmpty();
                assertThat(err.toString())
                        .as(what)
                        .startsWith("procession")
                        .contains("What it takes: procession")
                        .doesNotContain("Exception", "\tat ");
            }
        } finally {
            System.setIn(in);
        }
    }
}
