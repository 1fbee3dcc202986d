package io.github.procession;

import io.github.procession.internal.wire.Outcome;
import io.github.procession.internal.wire.Outcome.Crash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The message about a dead process: what happened, the evidence, the usual causes, what to try.
final class CrashReport {
    private static final int OUT_OF_MEMORY = 3; // the exit code of -XX:+ExitOnOutOfMemoryError

    private static final int SIGKILL = 9;
    private static final int FIRST_LINES = 6; // of the JVM's own report: up to the frame

    private CrashReport() {}

    static String of(Crash crash) {
        var lines = new ArrayList<String>();
        lines.add("%s (pid %d) %s while it ran %s%s"
                .formatted(
                        crash.process(),
                        crash.pid(),
                        ending(crash),
                        crash.task().isEmpty() ? "a task" : crash.task(),
                        crash.millis() < 0 ? "" : " for %.3f s".formatted(crash.millis() / 1000.0)));
        if (crash.resident() > 0) {
            lines.add("  memory:   %d MB resident when last seen".formatted(crash.resident() >> 20));
        }
        lines.add("  likely:   " + cause(crash));
        lines.add("  to try:   " + remedy(crash));
        var errorFile = crash.errorFile();
        if (errorFile != null) {
            lines.add("  report:   " + errorFile);
            beginning(errorFile).forEach(line -> lines.add("    " + line));
        }
        if (!crash.errors().isEmpty()) {
            lines.add("  its last lines on standard error:");
            crash.errors().forEach(line -> lines.add("    " + line));
        }
        return String.join(System.lineSeparator(), lines);
    }

    /// What the JVM says first in its report: which signal, where, in which frame.
    private static List<String> beginning(String errorFile) {
        var file = Path.of(errorFile);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (var lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.takeWhile(line -> line.startsWith("#"))
                    .map(line -> line.substring(1).strip())
                    .filter(line -> !line.isEmpty())
                    .limit(FIRST_LINES)
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // somebody has taken it away; its path is said
        }
    }

    private static String ending(Crash crash) {
        return crash.signal() == 0
                ? "exited with code " + crash.exitCode()
                : "was ended by " + Signal.of(crash.signal()).map(Signal::name).orElse("signal " + crash.signal());
    }

    /// The JVM's words, also for an error of its own before any code runs.
    private static boolean lacksThreads(Crash crash) {
        return crash.signal() == 0
                && crash.exitCode() != 0
                && crash.errors().stream()
                        .anyMatch(line -> line.contains("unable to create native thread")
                                || line.contains("Cannot create VM thread"));
    }

    private static boolean isOutOfMemory(Crash crash) {
        return crash.signal() == 0
                && crash.exitCode() == OUT_OF_MEMORY
                && crash.errors().stream().anyMatch(line -> line.contains("java.lang.OutOfMemoryError"));
    }

    private static String cause(Crash crash) {
        if (crash.reason() != null) {
            return crash.reason();
        }
        if (lacksThreads(crash)) {
            return "it could start no more threads: the limit of processes or threads is reached";
        }
        if (isOutOfMemory(crash)) {
            return "its heap or direct memory was exhausted (java.lang.OutOfMemoryError)";
        }
        return switch (crash.signal()) {
            case 0 -> "the task, or code that it called, ended the JVM (System.exit, Runtime.halt)";
            case 9 -> killed(crash);
            case 4, 6, 7, 8, 11 -> "native code crashed: a JNI or FFM library, or the JVM itself";
            case 15 -> "somebody asked it to end (kill, a service manager, a shutdown)";
            default -> "somebody sent it the signal";
        };
    }

    private static String killed(Crash crash) {
        return switch (crash.oom()) {
            case STRUCK_IN_GROUP ->
                "the kernel's out-of-memory killer, which has struck in this control group while the process ran";
            case STRUCK_ON_MACHINE ->
                "it was killed from outside, probably by the kernel's out-of-memory killer, which has struck on this machine while the process ran";
            case DID_NOT_STRIKE ->
                "somebody killed it (kill -9, a service manager); the kernel's out-of-memory killer counts no victim in its time";
            case UNKNOWN -> "it was killed from outside, probably by the kernel's out-of-memory killer";
        };
    }

    private static String remedy(Crash crash) {
        if (crash.reason() != null) {
            return "raise memoryLimit, lower maxHeap so that garbage is collected earlier, or give each task less";
        }
        if (lacksThreads(crash)) {
            return "raise that limit (ulimit -u; pids.max of the cgroup, which is --pids-limit of a container), or use fewer workers";
        }
        if (isOutOfMemory(crash)) {
            return "give it more with ProcessOptions.maxHeap, or give each task less";
        }
        if (crash.signal() == SIGKILL && crash.oom() == Outcome.Oom.DID_NOT_STRIKE) {
            return "find out who sent it";
        }
        return switch (crash.signal()) {
            case 0 -> "let the task return or throw instead";
            case 9 -> "look for 'oom' in the kernel's log (dmesg); use fewer workers or less memory for each";
            case 4, 6, 7, 8, 11 ->
                crash.errorFile() == null
                        ? "look for the native call in its last lines, or in a core dump; keep such work in a pool, where it fails alone"
                        : "see the report for the native frame; keep such work in a pool, where it fails alone";
            default -> "find out who sent it";
        };
    }
}
