package io.github.procession.internal.supervise;

import io.github.procession.internal.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Looks at how much memory children have resident, and ends those that have more than they may. Safe for use by any thread.
///
/// Nothing announces that a process grows, so one thread looks at all that have a limit, and at the workers of pools, whose
/// reports say what it saw, ten times a second, for as long as there is one.
final class MemoryWatch {
    private static final long PERIOD_MILLIS = 100;

    private static final Map<Child, Long> LIMITS = new HashMap<>(); // in bytes; guarded by MemoryWatch.class
    private static @Nullable Thread thread; // guarded by MemoryWatch.class

    private MemoryWatch() {}

    /// @param limit in bytes; `Long.MAX_VALUE` to look only
    static synchronized void add(Child child, long limit) {
        LIMITS.put(child, limit);
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("procession-memory").start(MemoryWatch::run);
        }
    }

    static synchronized void remove(Child child) {
        LIMITS.remove(child);
        MemoryWatch.class.notifyAll();
    }

    private static void run() {
        for (var limits = next(); !limits.isEmpty(); limits = next()) {
            limits.forEach((child, limit) -> {
                long resident = resident(child.pid());
                child.seen(resident);
                if (resident > limit) {
                    remove(child);
                    child.killOverLimit(resident, limit);
                }
            });
        }
    }

    /// Who is to be looked at, after a while; empty when there is nobody left.
    private static synchronized Map<Child, Long> next() {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PERIOD_MILLIS);
        for (long left = PERIOD_MILLIS; left > 0 && !LIMITS.isEmpty(); ) {
            try {
                MemoryWatch.class.wait(left);
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt this thread; it goes on
            }
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
        if (LIMITS.isEmpty()) {
            thread = null;
        }
        return Map.copyOf(LIMITS);
    }

    /// How many bytes a process has resident, 0 if it is gone.
    private static long resident(long pid) {
        try {
            String pages = Files.readString(Path.of("/proc/" + pid + "/statm")).split(" ", -1)[1];
            return Long.parseLong(pages) * Os.pageSize();
        } catch (IOException | IndexOutOfBoundsException e) {
            return 0;
        }
    }
}
