package io.github.procession.internal.supervise;

import io.github.procession.internal.os.Os;
import io.github.procession.internal.os.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Looks at how much memory children have resident, and ends those that have more than they may. Safe for use by any thread.
///
/// Nothing announces that a process grows, so one thread looks, for as long as there is anything to look at: ten times a second
/// at those that have a limit, and less and less often, as long as they do not change, at the workers of pools, whose reports
/// say what it saw.
final class MemoryWatch {
    private static final long PERIOD = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PERIOD = 32 * PERIOD;
    private static final int SAME = 64; // what differs by less than this part has not changed

    private static final Map<Child, Watched> WATCHED = new HashMap<>(); // guarded by MemoryWatch.class
    private static @Nullable Thread thread; // guarded by MemoryWatch.class

    /// One of them. Touched by the thread alone.
    private static final class Watched {
        final long limit;
        long seen;
        long period = PERIOD;
        long due = System.nanoTime() + PERIOD;

        Watched(long limit) {
            this.limit = limit;
        }

        void saw(long resident) {
            boolean rests = limit == Long.MAX_VALUE && Math.abs(resident - seen) <= seen / SAME;
            period = rests ? Math.min(2 * period, LONGEST_PERIOD) : PERIOD;
            due = System.nanoTime() + period;
            seen = resident;
        }
    }

    private MemoryWatch() {}

    /// @param limit in bytes; `Long.MAX_VALUE` to look only
    static synchronized void add(Child child, long limit) {
        WATCHED.put(child, new Watched(limit));
        if (thread == null) {
            thread = Threads.start(
                    Thread.ofPlatform().daemon().name("procession-memory").unstarted(MemoryWatch::run));
        } else {
            MemoryWatch.class.notifyAll();
        }
    }

    static synchronized void remove(Child child) {
        WATCHED.remove(child);
        MemoryWatch.class.notifyAll();
    }

    private static void run() {
        for (var due = next(); !due.isEmpty(); due = next()) {
            due.forEach((child, watched) -> {
                long resident = resident(child.pid());
                watched.saw(resident);
                child.seen(resident);
                if (resident > watched.limit) {
                    remove(child);
                    child.killOverLimit(resident, watched.limit);
                }
            });
        }
    }

    /// Who is to be looked at, as soon as there is somebody; empty when there is nobody left at all.
    private static synchronized Map<Child, Watched> next() {
        while (!WATCHED.isEmpty()) {
            long now = System.nanoTime();
            long wait = LONGEST_PERIOD;
            var due = new HashMap<Child, Watched>();
            for (var entry : WATCHED.entrySet()) {
                long left = entry.getValue().due - now;
                wait = Math.min(wait, left);
                if (left <= 0) {
                    due.put(entry.getKey(), entry.getValue());
                }
            }
            if (!due.isEmpty()) {
                return due;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(MemoryWatch.class, wait);
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt this thread; it goes on
            }
        }
        thread = null;
        return Map.of();
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
