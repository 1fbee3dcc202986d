package io.github.procession.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/// What results depend on, for their first line.
public final class Machine {
    private Machine() {}

    /// Prints date, processors, system, Java and Python as a comment.
    public static void describe() {
        System.out.printf(
                Locale.ROOT,
                "# %s; %d processors (%s), %s %s, JDK %s, %s; load before: %s%n",
                LocalDate.now(ZoneOffset.UTC),
                Runtime.getRuntime().availableProcessors(),
                processor(),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                Runtime.version(),
                python(),
                load());
    }

    private static String processor() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("of an unknown kind");
        } catch (IOException e) {
            return "of an unknown kind";
        }
    }

    private static String load() {
        try {
            return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String python() {
        try {
            var process = new ProcessBuilder(System.getProperty("python", "python3"), "--version")
                    .redirectErrorStream(true)
                    .start();
            try (var out = process.inputReader()) {
                return "C" + out.readLine();
            }
        } catch (IOException e) {
            return "no Python";
        }
    }
}
