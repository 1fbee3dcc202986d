package io.github.procession.tools;

import io.github.procession.tools.Finding.Status;
import java.io.IOException;
import java.io.PrintStream;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// Looks at this machine, one thing after the other, for `procession doctor`.
final class Doctor {
    private static final int ADVICE_COLUMNS = 96;
    private static final String INDENT = " ".repeat(9);

    private final PrintStream out;
    private final Map<Status, Integer> counts = new EnumMap<>(Status.class);

    Doctor(PrintStream out) {
        this.out = out;
    }

    /// Tries one thing; what it throws is a problem.
    @FunctionalInterface
    interface Probe {
        Finding look() throws Exception;
    }

    /// Looks at everything and says what it is like.
    ///
    /// @return whether there is no problem
    boolean examine() throws IOException {
        out.printf(Locale.ROOT, "Procession %s on this machine%n", Main.Version.number());
        say("java", JavaProbes::java);
        say("native access", JavaProbes::nativeAccess);
        say("class archives", JavaProbes::archives);
        say("text", JavaProbes::text);
        say("system", SystemProbes::system);
        say("memfd", SystemProbes::memoryFile);
        say("futex", SystemProbes::futex);
        say("futex_waitv", SystemProbes::manyFutexes);
        say("pidfd", SystemProbes::pidfd);
        say("/proc/PID/fd", SystemProbes::descriptors);
        say("setsid", SystemProbes::setsid);
        say("/dev/shm", SystemProbes::sharedFileSystem);
        say("temporary files", SystemProbes::temporaryFiles);
        say("open files", LimitProbes::files);
        say("processes", LimitProbes::processes);
        say("memory", LimitProbes::memory);
        say("child process", TreeProbes::child);
        say("loaded classes", CacheProbe::look);
        say("queue", TreeProbes::queue);
        say("death", TreeProbes::death);
        int problems = counts.getOrDefault(Status.PROBLEM, 0);
        int warnings = counts.getOrDefault(Status.WARNING, 0);
        out.println(
                problems > 0
                        ? counted(problems, "problem") + ": Procession does not work here until that is put right."
                        : warnings > 0
                                ? "Procession works here; " + counted(warnings, "warning") + "."
                                : "All is well.");
        return problems == 0;
    }

    private void say(String name, Probe probe) {
        var finding = look(probe);
        counts.merge(finding.status(), 1, Integer::sum);
        out.printf(
                Locale.ROOT,
                "%-9s%-17s%s%n",
                finding.status().name().toLowerCase(Locale.ROOT),
                name,
                finding.found().lines().findFirst().orElse(""));
        finding.found().lines().skip(1).forEach(line -> out.println(INDENT + line));
        var line = new StringBuilder(INDENT + "to do:");
        for (var word : finding.advice().split(" ", -1)) {
            if (line.length() + word.length() >= ADVICE_COLUMNS) {
                out.println(line);
                line = new StringBuilder(INDENT + "      ");
            }
            line.append(' ').append(word);
        }
        if (!finding.advice().isEmpty()) {
            out.println(line);
        }
        out.flush();
    }

    private static Finding look(Probe probe) {
        try {
            return probe.look();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Finding.problem("interrupted", "try again");
        } catch (Exception | LinkageError e) {
            Throwable cause = e;
            while ((cause instanceof LinkageError || cause.getMessage() == null) && cause.getCause() != null) {
                cause = cause.getCause();
            }
            return Finding.problem(
                    cause.getMessage() == null ? cause.toString() : cause.getMessage(),
                    String.valueOf(cause.getMessage()).contains("Illegal native access")
                            ? "start java with --enable-native-access=ALL-UNNAMED"
                            : "see the first problem above; if this is the first, a sandbox (seccomp, a container's profile) may forbid it");
        }
    }

    private static String counted(int number, String what) {
        return "%d %s%s".formatted(number, what, number == 1 ? "" : "s");
    }

    /// A time for people.
    static String time(long nanos) {
        return nanos < 1_000_000
                ? String.format(Locale.ROOT, "%.0f us", nanos / 1e3)
                : nanos < 1_000_000_000
                        ? String.format(Locale.ROOT, "%.0f ms", nanos / 1e6)
                        : String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }

    /// An amount of memory for people.
    static String size(long bytes) {
        return bytes < 10L << 30
                ? String.format(Locale.ROOT, "%,d MiB", bytes >> 20)
                : String.format(Locale.ROOT, "%,d GiB", bytes >> 30);
    }
}
