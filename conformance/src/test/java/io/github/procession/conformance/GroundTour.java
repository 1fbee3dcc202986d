package io.github.procession.conformance;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.ProcessPoolExecutor;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedLock;
import io.github.procession.SharedQueue;
import io.github.procession.TaskTimeoutException;
import io.github.procession.WorkerCrashedException;
import io.github.procession.internal.os.Os;
import io.github.procession.internal.tree.Node;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// A small program that uses everything once. It prints [#PRINTED] and ends with 0, or ends with the first exception.
final class GroundTour {
    static final String WORD = "größer ≥ 漢字 🚀";

    static final List<String> PRINTED = List.of(
            "process: 42",
            "letters: true",
            "pool: [1, 4, 9, 16]",
            "limit: stopped",
            "queue: 3 items, the last of 8388608 bytes",
            "lock and array: [20, 20]",
            "a killed worker: told",
            "the pool after it: 25",
            "left: 0 objects");

    private static final int LARGE = 8 << 20;
    private static final int ROUNDS = 10;

    private GroundTour() {}

    static int square(int n) {
        return n * n;
    }

    static void sleep() throws InterruptedException {
        Thread.sleep(Duration.ofMinutes(10));
    }

    static void send(SharedQueue<Object> queue) throws InterruptedException {
        queue.put("small");
        queue.put(WORD);
        queue.put(new byte[LARGE]);
    }

    static void count(SharedLock lock, SharedIntArray counts) {
        for (int i = 0; i < ROUNDS; i++) {
            lock.lock();
            try {
                counts.set(0, counts.get(0) + 1);
                counts.set(1, counts.get(1) + 1);
            } finally {
                lock.unlock();
            }
        }
    }

    static int die() {
        Os.kill(ProcessHandle.current().pid(), Os.SIGKILL);
        return 0;
    }

    /// @param args nothing; or a folder without room for a cache, to be looked at until that has been found out
    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            tour();
            return;
        }
        var folder = Path.of(args[0]);
        try (var watch = FileSystems.getDefault().newWatchService()) {
            folder.register(watch, StandardWatchEventKinds.ENTRY_DELETE);
            tour();
            var gone = watch.poll(50, TimeUnit.SECONDS);
            try (var left = Files.list(folder)) {
                System.out.println(
                        "cache: " + (gone == null ? "never tried, " : "given up, ") + left.toList() + " left");
            }
        }
    }

    private static void tour() throws Exception {
        System.out.println("process: " + ChildProcess.<Integer>call(() -> 6 * 7));
        var word = WORD;
        System.out.println("letters: "
                + ChildProcess.<Boolean>call(() -> word.equals("gr\u00f6\u00dfer \u2265 \u6f22\u5b57 \ud83d\ude80")));
        try (var pool = Pool.open(2)) {
            System.out.println("pool: " + pool.map(List.of(1, 2, 3, 4), GroundTour::square));
        }
        try (var executor = ProcessPoolExecutor.open(1)) {
            executor.submit(GroundTour::sleep, o -> o.timeout(Duration.ofMillis(200)))
                    .get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TaskTimeoutException)) {
                throw e;
            }
            System.out.println("limit: stopped");
        }
        try (SharedQueue<Object> queue = SharedQueue.create(4)) {
            ChildProcess.<Integer>call(
                    () -> { // whose end is told if it ends too soon
                        send(queue);
                        return 0;
                    });
            boolean small = queue.take().equals("small") && queue.take().equals(WORD);
            System.out.println(
                    "queue: " + (small ? 3 : 0) + " items, the last of " + ((byte[]) queue.take()).length + " bytes");
        }
        try (var lock = SharedLock.create();
                var counts = SharedIntArray.ofLength(50_000)) {
            count(lock, counts);
            ChildProcess.<Integer>call(() -> {
                count(lock, counts);
                return 0;
            });
            System.out.println("lock and array: " + Arrays.toString(new int[] {counts.get(0), counts.get(1)}));
        }
        try (var pool = Pool.open(1)) {
            try {
                pool.<Integer>apply(GroundTour::die);
            } catch (WorkerCrashedException e) {
                System.out.println("a killed worker: told");
            }
            System.out.println("the pool after it: " + pool.<Integer>apply(() -> square(5)));
        }
        Processes.await("shared objects to go", () -> Node.self().liveObjects() == 0);
        System.out.println("left: " + Node.self().liveObjects() + " objects");
    }
}
