package io.github.procession.internal.supervise;

import io.github.procession.internal.wire.Outcome.Oom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// How often the kernel's out-of-memory killer has struck, by its own counters: in the control group of this process, to
/// which its children belong, and on the machine.
///
/// @param group   -1 if there is no such counter
/// @param machine -1 if there is no such counter
record OomCount(long group, long machine) {
    private static final Path MACHINE = Path.of("/proc/vmstat");
    private static final List<Path> GROUP = groupFiles();

    static OomCount now() {
        long inGroup = -1;
        for (var file : GROUP) {
            inGroup = count(file);
            if (inGroup >= 0) {
                break;
            }
        }
        return new OomCount(inGroup, count(MACHINE));
    }

    /// What has happened since this was counted.
    Oom since() {
        var now = now();
        if (group >= 0 && now.group > group) {
            return Oom.STRUCK_IN_GROUP;
        }
        if (machine >= 0 && now.machine > machine) {
            return Oom.STRUCK_ON_MACHINE;
        }
        return machine >= 0 && now.machine >= 0 ? Oom.DID_NOT_STRIKE : Oom.UNKNOWN;
    }

    /// Where the counter may be: with control groups of the second kind, of the first, and within a container, where the group's own
    /// path is not to be seen.
    private static List<Path> groupFiles() {
        var files = new ArrayList<Path>();
        try {
            for (var line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
                var fields = line.split(":", 3);
                if (fields[0].equals("0")) {
                    files.add(Path.of("/sys/fs/cgroup" + fields[2], "memory.events"));
                } else if (fields[1].equals("memory")) {
                    files.add(Path.of("/sys/fs/cgroup/memory" + fields[2], "memory.oom_control"));
                }
            }
        } catch (IOException | IndexOutOfBoundsException e) {
            // then the usual places are left
        }
        files.add(Path.of("/sys/fs/cgroup/memory.events"));
        files.add(Path.of("/sys/fs/cgroup/memory/memory.oom_control"));
        return List.copyOf(files);
    }

    private static long count(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("oom_kill "))
                    .mapToLong(line ->
                            Long.parseLong(line.substring("oom_kill ".length()).strip()))
                    .findFirst()
                    .orElse(-1);
        } catch (IOException | RuntimeException e) {
            return -1;
        }
    }
}
