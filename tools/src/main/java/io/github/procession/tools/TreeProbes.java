package io.github.procession.tools;

import io.github.procession.ChildProcess;
import io.github.procession.ExitStatus;
import io.github.procession.SharedQueue;
import io.github.procession.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// What `procession doctor` does with processes of its own.
final class TreeProbes {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int ITEMS = 1000;

    private TreeProbes() {}

    static Finding child() throws InterruptedException, TimeoutException {
        long parent = ProcessHandle.current().pid();
        long begin = System.nanoTime();
        long files = ChildProcess.call(() -> openFilesOf(parent), LIMIT);
        long first = System.nanoTime() - begin;
        ChildProcess.call(() -> openFilesOf(parent), LIMIT);
        long second = System.nanoTime() - begin - first;
        return files > 0
                ? Finding.ok("started, asked and ended in %s, the second one in %s"
                        .formatted(Doctor.time(first), Doctor.time(second)))
                : Finding.problem(
                        "a child cannot read /proc/%d/fd of its parent".formatted(parent),
                        "mount /proc without hidepid; if the program gained privileges when it was started, start it without");
    }

    private static long openFilesOf(long pid) {
        try (Stream<Path> files = Files.list(Path.of("/proc/%d/fd".formatted(pid)))) {
            return files.count();
        } catch (IOException e) {
            return 0;
        }
    }

    static Finding queue() throws InterruptedException {
        try (SharedQueue<Integer> there = SharedQueue.create(1);
                SharedQueue<Integer> back = SharedQueue.create(1);
                var child = ChildProcess.of(TreeProbes::echo, there, back)
                        .daemon(true)
                        .start()) {
            if (!returns(0, there, back)) {
                return stuck();
            }
            long begin = System.nanoTime();
            for (int i = 1; i < ITEMS; i++) {
                if (!returns(i, there, back)) {
                    return stuck();
                }
            }
            long each = (System.nanoTime() - begin) / (ITEMS - 1);
            child.join(LIMIT);
            return Finding.ok("%,d items to a child and back, %s each".formatted(ITEMS, Doctor.time(each)));
        }
    }

    private static boolean returns(int item, SharedQueue<Integer> there, SharedQueue<Integer> back)
            throws InterruptedException {
        there.put(item);
        var returned = back.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        return returned != null && returned == item;
    }

    private static Finding stuck() {
        return Finding.problem(
                "an item that was sent to a child did not come back",
                "see the problems above; without any, this is a bug of the library's: please report it");
    }

    private static void echo(SharedQueue<Integer> there, SharedQueue<Integer> back) throws InterruptedException {
        for (int i = 0; i < ITEMS; i++) {
            back.put(there.take());
        }
    }

    static Finding death() throws InterruptedException {
        try (SharedQueue<Integer> there = SharedQueue.create(1);
                SharedQueue<Integer> back = SharedQueue.create(1);
                var child = ChildProcess.of(TreeProbes::echo, there, back)
                        .daemon(true)
                        .start()) {
            if (!returns(0, there, back)) {
                return stuck();
            }
            long begin = System.nanoTime();
            child.kill();
            boolean seen = child.join(LIMIT);
            long nanos = System.nanoTime() - begin;
            boolean right =
                    seen && child.exitStatus().flatMap(ExitStatus::signal).equals(Optional.of(Signal.SIGKILL));
            return right
                    ? Finding.ok("a child was killed, which was seen after " + Doctor.time(nanos))
                    : Finding.problem(
                            "a child was killed, and its parent learned "
                                    + child.exitStatus().map(Object::toString).orElse("nothing"),
                            "see pidfd above; a sandbox may forbid to signal processes");
        }
    }
}
