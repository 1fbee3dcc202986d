package io.github.procession.internal.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// How much memory may still be taken: the machine's own estimate, and the control group's limit where there is one.
///
/// Asked before each step of an allocation, since an anonymous memory file that takes too much does not fail: it calls
/// the kernel's out-of-memory killer.
final class MemoryBudget {
    private static final long RESERVE = 64L << 20; // left for the processes themselves

    private MemoryBudget() {}

    /// @throws IllegalStateException naming the request, what is left and what to do
    static void require(long bytes) {
        long left = left();
        if (bytes > left) {
            throw new IllegalStateException(
                    "Not enough memory for %,d bytes of shared memory: about %,d bytes are left on this machine%s. Ask for less, close shared objects that are no longer used, or raise the memory limit."
                            .formatted(
                                    bytes,
                                    Math.max(0, left),
                                    groupLeft().isPresent() ? " (or in this container)" : ""));
        }
    }

    private static long left() {
        long machine = field(Path.of("/proc/meminfo"), "MemAvailable:").orElse(Long.MAX_VALUE >> 10) << 10;
        return Math.min(machine, groupLeft().orElse(Long.MAX_VALUE)) - RESERVE;
    }

    private static OptionalLong groupLeft() {
        var v2 = leftOf(Path.of("/sys/fs/cgroup/memory.max"), Path.of("/sys/fs/cgroup/memory.current"));
        return v2.isPresent()
                ? v2
                : leftOf(
                        Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
                        Path.of("/sys/fs/cgroup/memory/memory.usage_in_bytes"));
    }

    private static OptionalLong leftOf(Path limit, Path usage) {
        var max = number(limit);
        var now = number(usage);
        return max.isPresent() && now.isPresent()
                ? OptionalLong.of(max.getAsLong() - now.getAsLong())
                : OptionalLong.empty();
    }

    private static OptionalLong number(Path file) {
        try {
            return OptionalLong.of(Long.parseLong(Files.readString(file).strip()));
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty(); // no such group, or "max"
        }
    }

    private static OptionalLong field(Path file, String name) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(l -> l.startsWith(name))
                    .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
