package io.github.procession.conformance;

import io.github.procession.internal.os.Os;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Processes as the kernel shows them.
final class Processes {
    private Processes() {}

    /// Waits until a condition holds that nothing announces.
    static void await(String what, BooleanSupplier condition) {
        await(() -> what, condition);
    }

    static void await(Supplier<String> what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited 30 s in vain for: " + what.get());
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    /// Whether nothing of a process runs any more. An orphan that init has not buried yet is gone.
    static boolean isGone(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state == 'Z' || state == 'X';
        } catch (IOException e) {
            return true;
        }
    }

    /// Stops a process, and returns when none of its threads runs any more.
    static void stop(long pid) {
        if (!Os.kill(pid, Os.SIGSTOP)) {
            throw new AssertionError("there is no process " + pid);
        }
        await("all threads of process " + pid + " to stop", () -> {
            try (var threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
                return threads.allMatch(thread -> state(thread) == 'T');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static char state(Path task) {
        try {
            String stat = Files.readString(task.resolve("stat"), StandardCharsets.ISO_8859_1);
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException ended) {
            return 'T';
        }
    }

    static List<Long> notGone(Collection<Long> pids) {
        return pids.stream().filter(pid -> !isGone(pid)).toList();
    }

    /// Waits until all are gone and says how long it took. The promise is two seconds, on a machine that has time.
    static Duration awaitGone(String what, Collection<Long> pids) {
        long begin = System.nanoTime();
        await(
                () -> what + ": processes " + notGone(pids) + " to be gone",
                () -> notGone(pids).isEmpty());
        var took = Duration.ofNanos(System.nanoTime() - begin);
        System.out.printf("%s: %d processes gone after %d ms%n", what, pids.size(), took.toMillis());
        if (took.compareTo(Duration.ofSeconds(10)) > 0) {
            throw new AssertionError(what + ": gone only after " + took);
        }
        return took;
    }

    /// The processes, whoever their parents are, that have this in their environment.
    static List<Long> marked(String variable) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> {
                    try {
                        var environment =
                                Files.readString(Path.of("/proc/" + pid + "/environ"), StandardCharsets.ISO_8859_1);
                        return environment.contains(variable + "\0") && !isGone(pid);
                    } catch (IOException e) {
                        return false;
                    }
                })
                .toList();
    }

    /// The words of its command line; none if it is gone.
    static List<String> commandLine(long pid) {
        try {
            var line = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            return List.of(line.split("\0"));
        } catch (IOException e) {
            return List.of();
        }
    }

    /// Where the descriptors of a process lead.
    static List<String> descriptors(long pid) {
        var targets = new ArrayList<String>();
        try (var links = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (var link : links.toList()) {
                try {
                    targets.add(Files.readSymbolicLink(link).toString());
                } catch (IOException e) {
                    // closed meanwhile
                }
            }
        } catch (IOException e) {
            throw new AssertionError("process " + pid + " is gone", e);
        }
        return targets;
    }
}
