package io.github.procession.stress;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/// Whether what a root holds grows with time: heap, descriptors, shared memories. As it has something for each member that
/// lives, and their number goes up and down, the middle of many looks counts.
final class Growth {
    private static final int LEAST_LOOKS = 40;
    private static final double FACTOR = 1.5;
    private static final long HEAP = 8 << 20; // that may come and go
    private static final long COUNT = 16;

    private final long every;
    private final List<Look> looks = new ArrayList<>();
    private long next;

    /// @param heap        bytes that are reachable
    /// @param descriptors that are open
    /// @param memories    of those, shared memories
    private record Look(long heap, long descriptors, long memories) {}

    /// @param time how long there is something to be seen
    Growth(Duration time) {
        every = Math.max(
                Duration.ofSeconds(1).toNanos(),
                time.dividedBy(4L * LEAST_LOOKS).toNanos());
        next = System.nanoTime() + every;
    }

    /// Looks, if it is time to.
    void look() throws IOException {
        if (System.nanoTime() - next < 0) {
            return;
        }
        next += every;
        System.gc();
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        looks.add(new Look(heap, descriptors(""), memories()));
    }

    /// How many segments of shared memory this process has open; as the root it has all of the tree's.
    static long memories() throws IOException {
        return descriptors("memfd:");
    }

    private static long descriptors(String kind) throws IOException {
        long count = 0;
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (var descriptor : descriptors) {
                try {
                    count += Files.readSymbolicLink(descriptor).toString().contains(kind) ? 1 : 0;
                } catch (IOException e) {
                    // closed meanwhile: the one that lists them
                }
            }
        }
        return count;
    }

    /// Compares the second quarter of the time with the last, if there were looks enough.
    void reckon(Ledger ledger) {
        if (looks.size() >= LEAST_LOOKS) {
            check(ledger, "heap in bytes", Look::heap, HEAP);
            check(ledger, "descriptors", Look::descriptors, COUNT);
            check(ledger, "shared memories", Look::memories, COUNT);
        }
    }

    private void check(Ledger ledger, String what, ToLongFunction<Look> number, long slack) {
        int quarter = looks.size() / 4;
        long before = middle(looks.subList(quarter, 2 * quarter), number);
        long after = middle(looks.subList(3 * quarter, looks.size()), number);
        ledger.check(Activity.CREW, after <= FACTOR * before + slack, "%s grew from %d to %d", what, before, after);
    }

    private static long middle(List<Look> looks, ToLongFunction<Look> number) {
        return looks.stream()
                .mapToLong(number)
                .boxed()
                .sorted(Comparator.naturalOrder())
                .skip(looks.size() / 2)
                .findFirst()
                .orElse(0L);
    }

    @Override
    public String toString() {
        if (looks.size() < LEAST_LOOKS) {
            return "too short a time to see what grows";
        }
        int quarter = looks.size() / 4;
        var early = looks.subList(quarter, 2 * quarter);
        var late = looks.subList(3 * quarter, looks.size());
        return String.format(
                Locale.ROOT,
                "heap %.1f then %.1f MiB, descriptors %d then %d, shared memories %d then %d",
                middle(early, Look::heap) / 1048576.0,
                middle(late, Look::heap) / 1048576.0,
                middle(early, Look::descriptors),
                middle(late, Look::descriptors),
                middle(early, Look::memories),
                middle(late, Look::memories));
    }
}
