package io.github.procession.internal.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// How much memory may still be taken: the machine's own estimate, and the limits of the control groups that this process
/// is in.
///
/// Asked before each step of an allocation, since an anonymous memory file that takes too much does not fail: it calls
/// the kernel's out-of-memory killer.
final class MemoryBudget {
    private static final long RESERVE = 64L << 20; // left for the processes themselves
    private static final long NO_LIMIT =
            Long.MAX_VALUE >> 1; // above it, the first version of control groups means none
    private static final Path MACHINE = Path.of("/proc/meminfo");
    private static final List<Group> GROUPS = groups(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"));

    private MemoryBudget() {}

    /// @throws IllegalStateException naming the request, what is left and what to do
    static void require(long bytes) {
        require(bytes, MACHINE, GROUPS);
    }

    static void require(long bytes, Path machine, List<Group> groups) {
        long left = field(machine, Set.of("MemAvailable:")).orElse(Long.MAX_VALUE >> 10) << 10;
        String where = "on this machine";
        String fix = "";
        for (var group : groups) {
            var leftThere = group.left();
            if (leftThere.isPresent() && leftThere.getAsLong() < left) {
                left = leftThere.getAsLong();
                where = "in the control group (container) of this process, limited by " + group.limit;
                fix = " (memory.max, which is --memory of a container)";
            }
        }
        if (bytes > left - RESERVE) {
            throw new IllegalStateException(
                    "Not enough memory for %,d bytes of shared memory: about %,d bytes are left %s. Ask for less, close shared objects that are no longer used, or raise the memory limit%s."
                            .formatted(bytes, Math.max(0, left - RESERVE), where, fix));
        }
    }

    /// A control group that may have a limit.
    ///
    /// @param limit the file with its limit
    /// @param usage the file with what it uses, the cache of files included
    /// @param stat  the file that says how much of that is such cache
    /// @param cache the names of the fields that say so: the kernel takes that back when it needs room
    record Group(Path limit, Path usage, Path stat, Set<String> cache) {
        static Group ofFirst(Path folder) {
            return new Group(
                    folder.resolve("memory.limit_in_bytes"),
                    folder.resolve("memory.usage_in_bytes"),
                    folder.resolve("memory.stat"),
                    Set.of("total_inactive_file ", "total_active_file "));
        }

        static Group ofSecond(Path folder) {
            return new Group(
                    folder.resolve("memory.max"),
                    folder.resolve("memory.current"),
                    folder.resolve("memory.stat"),
                    Set.of("inactive_file ", "active_file "));
        }

        /// Empty if it has no limit.
        OptionalLong left() {
            var max = number(limit);
            if (max.isEmpty() || max.getAsLong() > NO_LIMIT) {
                return OptionalLong.empty();
            }
            var now = number(usage);
            return now.isEmpty()
                    ? OptionalLong.empty()
                    : OptionalLong.of(max.getAsLong()
                            - now.getAsLong()
                            + field(stat, cache).orElse(0));
        }
    }

    /// The groups of a process and all above them that can be seen, the nearest first. Within a container the path of its
    /// own group may lead nowhere; then the top of what is mounted is that group.
    static List<Group> groups(Path membership, Path mounted) {
        var groups = new ArrayList<Group>();
        try (Stream<String> lines = Files.lines(membership)) {
            for (var line : lines.toList()) {
                var fields = line.split(":", 3);
                if (fields.length == 3 && fields[1].isEmpty()) {
                    upwards(mounted, fields[2]).map(Group::ofSecond).forEach(groups::add);
                } else if (fields.length == 3
                        && Set.of(fields[1].split(",", -1)).contains("memory")) {
                    upwards(mounted.resolve("memory"), fields[2])
                            .map(Group::ofFirst)
                            .forEach(groups::add);
                }
            }
        } catch (IOException | RuntimeException e) {
            // no groups here
        }
        return groups.stream().filter(group -> Files.exists(group.limit)).toList();
    }

    private static Stream<Path> upwards(Path top, String path) {
        var folder = top.resolve(path.replaceFirst("^/+", "")).normalize();
        return folder.startsWith(top)
                ? Stream.iterate(folder, at -> at.startsWith(top), Path::getParent)
                : Stream.of(top);
    }

    private static OptionalLong number(Path file) {
        try {
            return OptionalLong.of(Long.parseLong(Files.readString(file).strip()));
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty(); // no such group, or "max"
        }
    }

    /// The sum of some fields; empty if there is none of them.
    private static OptionalLong field(Path file, Set<String> names) {
        try (Stream<String> lines = Files.lines(file)) {
            return OptionalLong.of(lines.filter(line -> names.stream().anyMatch(line::startsWith))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .reduce(Long::sum)
                    .orElseThrow());
        } catch (IOException | RuntimeException e) {
            return OptionalLong.empty();
        }
    }
}
