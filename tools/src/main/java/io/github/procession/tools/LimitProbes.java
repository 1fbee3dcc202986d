package io.github.procession.tools;

import io.github.procession.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// What `procession doctor` finds about limits: of this process, of its control group, of the machine.
final class LimitProbes {
    private static final long FEW_FILES = 256;
    private static final long TOO_FEW_FILES = 64;
    private static final long THREADS_OF_A_JVM = 40;
    private static final long MEMORY_OF_A_JVM = 128L << 20;
    private static final Path GROUPS = Path.of("/sys/fs/cgroup");

    private LimitProbes() {}

    static Finding files() throws IOException {
        var limit = limit("Max open files");
        long most = limit.orElse(Long.MAX_VALUE);
        var found = limit.isPresent() ? "%,d".formatted(most) : "not limited";
        var advice = "raise the limit, as with ulimit -n 4096: each child takes some of its parent's";
        return most < TOO_FEW_FILES ? Finding.problem(found, advice) : Finding.warnIf(most < FEW_FILES, found, advice);
    }

    static Finding processes() throws IOException {
        var user = limit("Max processes");
        var group = group("pids", "pids.max", "pids.max");
        long now = group("pids", "pids.current", "pids.current").orElse(0);
        long left = Math.min(user.orElse(Long.MAX_VALUE), group.orElse(Long.MAX_VALUE) - now);
        long wanted = THREADS_OF_A_JVM * (Pool.defaultWorkers() + 1);
        var found = "%s for this user, %s in this control group (threads count)"
                .formatted(
                        words(user),
                        group.isPresent()
                                ? "%,d of %,d left".formatted(group.getAsLong() - now, group.getAsLong())
                                : "no limit");
        var advice =
                "raise it (ulimit -u, TasksMax of systemd, --pids-limit of a container), or open pools with fewer than %d workers: a JVM has about %d threads"
                        .formatted(Pool.defaultWorkers(), THREADS_OF_A_JVM);
        return left < THREADS_OF_A_JVM ? Finding.problem(found, advice) : Finding.warnIf(left < wanted, found, advice);
    }

    static Finding memory() throws IOException {
        long machine = available();
        var group = group("memory", "memory.max", "memory.limit_in_bytes");
        long now = group("memory", "memory.current", "memory.usage_in_bytes").orElse(0);
        boolean limited = group.isPresent() && group.getAsLong() < Long.MAX_VALUE >> 1; // "none" of the first version
        long left = limited ? Math.min(machine, group.getAsLong() - now) : machine;
        long wanted = MEMORY_OF_A_JVM * Pool.defaultWorkers();
        var found = "%s available, %s in this control group"
                .formatted(Doctor.size(machine), limited ? Doctor.size(group.getAsLong() - now) + " left" : "no limit");
        var advice = "a worker takes about %s before it does anything: raise the limit, or use fewer workers"
                .formatted(Doctor.size(MEMORY_OF_A_JVM));
        return left < MEMORY_OF_A_JVM ? Finding.problem(found, advice) : Finding.warnIf(left < wanted, found, advice);
    }

    private static String words(OptionalLong limit) {
        return limit.isPresent() ? "%,d".formatted(limit.getAsLong()) : "no limit";
    }

    /// The soft limit of this process; empty if there is none.
    private static OptionalLong limit(String name) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/limits"))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(name.length()).strip().split(" +", 2)[0])
                    .filter(value -> !value.equals("unlimited"))
                    .mapToLong(Long::parseLong)
                    .findFirst();
        }
    }

    private static long available() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElse(Long.MAX_VALUE >> 10)
                    << 10;
        }
    }

    /// A number of the control group of this process, of the second version or the first; in a container its root.
    private static OptionalLong group(String controller, String name, String nameInFirst) {
        var places = groups(controller).stream()
                .flatMap(group -> Stream.of(
                        GROUPS.resolve(group).resolve(name),
                        GROUPS.resolve(controller).resolve(group).resolve(nameInFirst)));
        return Stream.concat(
                        places,
                        Stream.of(
                                GROUPS.resolve(name), GROUPS.resolve(controller).resolve(nameInFirst)))
                .map(LimitProbes::number)
                .filter(OptionalLong::isPresent)
                .findFirst()
                .orElse(OptionalLong.empty());
    }

    /// Paths of the groups that have a say, below the place of their version.
    private static List<String> groups(String controller) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/cgroup"))) {
            return lines.map(line -> line.split(":", 3))
                    .filter(parts -> parts.length == 3)
                    .filter(parts ->
                            parts[1].isEmpty() || List.of(parts[1].split(",")).contains(controller))
                    .map(parts -> parts[2].replaceFirst("^/+", ""))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static OptionalLong number(Path file) {
        try {
            return OptionalLong.of(Long.parseLong(Files.readString(file).strip()));
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty(); // not there, or "max"
        }
    }
}
