package io.github.procession.tools;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.procession.internal.os.Os;
import io.github.procession.internal.os.OsException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// What `procession doctor` tries in the kernel and looks at in the system. The system calls are the library's own, so that
/// what is tried here is what it does.
final class SystemProbes {
    private static final long MEGABYTE = 1 << 20;
    private static final VarHandle INT = JAVA_INT.varHandle();
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private SystemProbes() {}

    static Finding system() throws IOException {
        var kernel = Path.of("/proc/sys/kernel/osrelease");
        var found = "%s %s on %s, %d of %d processors"
                .formatted(
                        System.getProperty("os.name"),
                        Files.exists(kernel) ? Files.readString(kernel).strip() : System.getProperty("os.version"),
                        System.getProperty("os.arch"),
                        Os.processors(),
                        Runtime.getRuntime().availableProcessors());
        return Os.isSupported()
                ? Finding.ok(found)
                : Finding.problem(
                        found, "use Linux on x86_64 or aarch64; on Windows WSL 2, on macOS a Linux container");
    }

    /// Makes memory as the library does, and reaches it by two ways.
    static Finding memoryFile() throws IOException {
        int fd = Os.memfd("procession-doctor");
        try (var arena = Arena.ofConfined()) {
            Os.resize(fd, MEGABYTE);
            Os.allocate(fd, 0, MEGABYTE);
            Os.seal(fd);
            var one = map(Path.of("/proc/self/fd/" + fd), arena);
            var other = map(
                    Path.of("/proc/%d/fd/%d".formatted(ProcessHandle.current().pid(), fd)), arena);
            one.set(JAVA_INT, 0, fd);
            return other.get(JAVA_INT, 0) == fd
                    ? Finding.ok("made, sealed and mapped twice: 1 MiB")
                    : Finding.problem(
                            "what was written to a mapping is not in another one of the same memory",
                            "use another kernel; some emulations of Linux (gVisor, old WSL) do not share memory");
        } finally {
            Os.close(fd);
        }
    }

    private static MemorySegment map(Path file, Arena arena) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, MEGABYTE, arena);
        }
    }

    /// One thread sleeps, another wakes it.
    static Finding futex() throws InterruptedException {
        try (var arena = Arena.ofShared()) {
            var word = arena.allocate(JAVA_INT);
            Os.wake(word.address(), 1); // here, so that what it throws is found
            var sleeper = Thread.ofPlatform().daemon().start(() -> {
                while ((int) INT.getVolatile(word, 0L) == 0) {
                    Os.wait(word.address(), 0, TimeUnit.SECONDS.toNanos(1));
                }
            });
            long end = System.nanoTime() + LIMIT.toNanos();
            int woken = 0;
            while (woken == 0 && System.nanoTime() < end) { // until it sleeps
                woken = Os.wake(word.address(), 1);
                Thread.onSpinWait();
            }
            INT.setVolatile(word, 0L, 1);
            long begin = System.nanoTime();
            Os.wake(word.address(), 1);
            sleeper.join();
            long nanos = System.nanoTime() - begin;
            return woken == 1
                    ? Finding.ok("a thread slept and was woken; its end was seen after " + Doctor.time(nanos))
                    : Finding.problem(
                            "no thread could be made to sleep on a word of memory",
                            "allow the system call futex; a sandbox forbids it");
        }
    }

    static Finding manyFutexes() {
        try (var arena = Arena.ofConfined()) {
            var word = arena.allocate(JAVA_INT);
            var one = arena.allocate(Os.FUTEX_WAITV);
            one.set(ValueLayout.JAVA_LONG, 0, 0);
            one.set(ValueLayout.JAVA_LONG, 8, word.address());
            one.set(JAVA_INT, 16, Os.FUTEX_32);
            Os.waitAny(one, 1, TimeUnit.MILLISECONDS.toNanos(1));
            return Finding.ok("one thread can sleep on many words");
        } catch (OsException e) {
            return Finding.warning(
                    String.valueOf(e.getMessage()),
                    "use Linux 5.16 or newer, or a sandbox that allows it; without, who waits with a virtual thread looks once a millisecond");
        }
    }

    static Finding pidfd() {
        Os.close(Os.pidfd(ProcessHandle.current().pid()));
        return Finding.ok("the kernel says when a process ends");
    }

    static Finding descriptors() throws IOException {
        var folder = Path.of("/proc/%d/fd".formatted(ProcessHandle.current().pid()));
        try (Stream<Path> files = Files.list(folder)) {
            return Finding.ok("readable, %d files open here".formatted(files.count()));
        } catch (IOException e) {
            return Finding.problem(
                    "not readable: " + e,
                    "mount /proc, without hidepid; processes of a tree reach their memory through it");
        }
    }

    static Finding setsid() throws IOException, InterruptedException {
        for (var program : new String[] {"/usr/bin/setsid", "/bin/setsid"}) { // where the library looks
            if (Files.isExecutable(Path.of(program))) {
                int code = new ProcessBuilder(program, "true")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
                return Finding.warnIf(
                        code != 0, program + (code == 0 ? " works" : " ends with code " + code), "install util-linux");
            }
        }
        return Finding.warning(
                "neither /usr/bin/setsid nor /bin/setsid is there",
                "install util-linux; without it Ctrl-C in a terminal reaches children that are still starting");
    }

    static Finding sharedFileSystem() throws IOException {
        var folder = Path.of("/dev/shm");
        return Finding.ok(
                Files.isDirectory(folder)
                        ? Doctor.size(Files.getFileStore(folder).getUsableSpace())
                                + " free; not used, as shared memory has no names"
                        : "there is none, and it is not needed");
    }

    static Finding temporaryFiles() {
        var folder = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            Files.delete(Files.createTempFile(folder, "procession-doctor", ""));
            return Finding.ok("%s, %s free"
                    .formatted(folder, Doctor.size(Files.getFileStore(folder).getUsableSpace())));
        } catch (IOException e) {
            return Finding.warning(
                    "%s cannot be written to: %s".formatted(folder, e),
                    "start java with -Djava.io.tmpdir=DIRECTORY; reports of crashed JVMs are written there");
        }
    }
}
