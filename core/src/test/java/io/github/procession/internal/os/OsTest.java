package io.github.procession.internal.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OsTest {

    private static final long MIB = 1 << 20;

    @Test
    void processorsAreCountedWhateverTheJvmAssumes() {
        assertThat(Os.processors()).isBetween(1, 1 << 13);
    }

    @Test
    void memoryFileHasItsSizeForEverOnceSealed() throws IOException {
        int fd = Os.memfd("procession-test");
        try {
            Os.resize(fd, MIB);
            Os.allocate(fd, 0, MIB);
            Os.seal(fd);
            assertThat(Files.size(Path.of("/proc/self/fd/" + fd))).isEqualTo(MIB);
            assertThatThrownBy(() -> Os.resize(fd, 2 * MIB))
                    .isInstanceOf(OsException.class)
                    .hasMessageStartingWith("ftruncate failed with EPERM (errno 1): not permitted.");
        } finally {
            Os.close(fd);
        }
    }

    @Test
    void memoryFileIsForItsOwnerAlone() throws IOException {
        int fd = Os.memfd("procession-test");
        try {
            assertThat(Files.getPosixFilePermissions(Path.of("/proc/self/fd/" + fd)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        } finally {
            Os.close(fd);
        }
    }

    @Test
    void whatIsInAMemoryFileStaysOnceSealed() throws IOException {
        int fd = Os.memfd("procession-test");
        try {
            var path = Path.of("/proc/self/fd/" + fd);
            Files.writeString(path, "flags");
            Os.sealContents(fd);
            assertThatThrownBy(() -> Files.writeString(path, "other")).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> Files.writeString(path, "more", StandardOpenOption.APPEND))
                    .isInstanceOf(IOException.class);
            assertThat(path).hasContent("flags");
        } finally {
            Os.close(fd);
        }
    }

    @Test
    void memoryFileIsSharedBetweenMappings() throws IOException {
        int fd = Os.memfd("procession-test");
        try (Arena arena = Arena.ofShared()) {
            Os.resize(fd, 4096);
            MemorySegment one = map(fd, arena);
            MemorySegment other = map(fd, arena);
            one.set(JAVA_LONG, 8, 42);
            assertThat(other.get(JAVA_LONG, 8)).isEqualTo(42);
        } finally {
            Os.close(fd);
        }
    }

    private static MemorySegment map(int fd, Arena arena) throws IOException {
        Path path = Path.of("/proc/self/fd/" + fd);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(MapMode.READ_WRITE, 0, 4096, arena);
        }
    }

    @Test
    void closedDescriptorIsNamedInTheMessage() {
        int fd = Os.memfd("procession-test");
        Os.close(fd);
        assertThatThrownBy(() -> Os.resize(fd, 1)).isInstanceOfSatisfying(OsException.class, refused -> {
            assertThat(refused.call()).isEqualTo("ftruncate");
            assertThat(refused.errnoName()).isIn("EBADF", "EINVAL");
        });
    }

    @Test
    void pipeReportsBytesEmptinessAndItsEnd() {
        Os.Pipe pipe = Os.pipe();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(16);
            Os.setNonBlocking(pipe.readEnd());
            assertThat(Os.read(pipe.readEnd(), buffer)).isEqualTo(-1);
            assertThat(Os.write(pipe.writeEnd(), arena.allocateFrom("abc"))).isEqualTo(4);
            assertThat(Os.read(pipe.readEnd(), buffer)).isEqualTo(4);
            assertThat(buffer.getString(0)).isEqualTo("abc");
            Os.close(pipe.writeEnd());
            assertThat(Os.read(pipe.readEnd(), buffer)).isZero();
        } finally {
            Os.close(pipe.readEnd());
        }
    }

    @Test
    void pidfdBecomesReadableWhenTheProcessEnds() throws Exception {
        Process cat = new ProcessBuilder("cat").start();
        try (PollSet set = new PollSet()) {
            int pidfd = Os.pidfd(cat.pid());
            set.add(pidfd);
            assertThat(Os.kill(cat.pid(), Os.SIGKILL)).isTrue();
            int[] ready;
            do {
                ready = set.await();
            } while (ready.length == 0);
            assertThat(ready).containsExactly(pidfd);
            set.remove(pidfd);
            Os.close(pidfd);
            assertThat(cat.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(cat.exitValue()).isEqualTo(128 + Os.SIGKILL);
            assertThat(Os.kill(cat.pid(), 0)).isFalse();
            assertThatThrownBy(() -> Os.pidfd(cat.pid()))
                    .isInstanceOfSatisfying(
                            OsException.class,
                            refused -> assertThat(refused.errnoName()).isEqualTo("ESRCH"));
        } finally {
            cat.destroyForcibly();
        }
    }

    @Test
    void parentIsTheProcessThatStartedUs() {
        assertThat(Os.parentPid())
                .isEqualTo(
                        ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L));
    }

    @Test
    void waitReturnsOnMismatchAndAtTheLimit() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment word = arena.allocate(JAVA_INT);
            assertThat(Os.wait(word.address(), 1, -1)).isEqualTo(-1);
            long start = System.nanoTime();
            assertThat(Os.wait(word.address(), 0, 30_000_000)).isEqualTo(-1);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
            assertThat(Os.wake(word.address(), 1)).isZero();
        }
    }

    @Test
    void wakeEndsAWait() throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment word = arena.allocate(JAVA_INT);
            Thread sleeper = Thread.ofPlatform().start(() -> Os.wait(word.address(), 0, -1));
            while (Os.wake(word.address(), 1) == 0) {
                Thread.onSpinWait();
            }
            sleeper.join();
        }
    }

    @Test
    void waitAnyNamesTheWordThatWasWoken() throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment words = arena.allocate(JAVA_INT, 2);
            MemorySegment waitv = arena.allocate(Os.FUTEX_WAITV, 2);
            for (int i = 0; i < 2; i++) {
                waitv.set(JAVA_LONG, i * 24L + 8, words.address() + i * 4L);
                waitv.set(JAVA_INT, i * 24L + 16, Os.FUTEX_32);
            }
            assertThat(Os.waitAny(waitv, 2, 20_000_000)).isEqualTo(-1);
            int[] index = {-1};
            Thread sleeper = Thread.ofPlatform().start(() -> index[0] = Os.waitAny(waitv, 2, -1));
            while (Os.wake(words.address() + 4, 1) == 0) {
                Thread.onSpinWait();
            }
            sleeper.join();
            assertThat(index[0]).isEqualTo(1);
            waitv.set(JAVA_LONG, 0, 7);
            assertThat(Os.waitAny(waitv, 2, -1)).isEqualTo(-1);
        }
    }

    @Test
    void signalForTheEndOfTheParentIsAccepted() {
        // Only that the call is accepted: its effect needs a process to lose.
        Os.dieWithParent(0);
    }

    @Test
    void everyErrorIsExplained() {
        assertThat(new OsException("memfd_create", Errno.EMFILE))
                .hasMessageContaining("EMFILE (errno 24)")
                .hasMessageContaining("ulimit -n");
        assertThat(new OsException("x", 71)).hasMessageContaining("x failed with E71 (errno 71)");
    }

    @Test
    void descriptorsCloseWhateverHappens() throws IOException {
        long before = openDescriptors();
        for (int i = 0; i < 100; i++) {
            try (PollSet set = new PollSet()) {
                set.ring();
                assertThat(set.await()).isEmpty();
            }
        }
        assertThat(openDescriptors()).isLessThanOrEqualTo(before + 5);
    }

    private static long openDescriptors() {
        try (var list = Files.list(Path.of("/proc/self/fd"))) {
            return list.count();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void nativeMemoryOfAReadIsBounded() {
        Os.Pipe pipe = Os.pipe();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(8);
            bytes.fill((byte) 1);
            Os.write(pipe.writeEnd(), bytes);
            assertThat(Os.read(pipe.readEnd(), arena.allocate(3))).isEqualTo(3);
            assertThat(Os.read(pipe.readEnd(), arena.allocate(JAVA_BYTE, 64))).isEqualTo(5);
        } finally {
            Os.close(pipe.readEnd());
            Os.close(pipe.writeEnd());
        }
    }

    private static long residentPages() throws IOException {
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1]);
    }

    @Test
    void whatWasFreedInSmallPiecesIsGivenBack() throws IOException {
        assumeThat(Linker.nativeLinker().defaultLookup().find("malloc_trim")).isPresent();
        int pieces = 4096;
        long bytes = 16 << 10;
        var last = Arena.ofConfined();
        long before;
        try {
            var arenas = new ArrayDeque<Arena>();
            for (int i = 0; i < pieces; i++) {
                arenas.add(Arena.ofConfined());
                arenas.getLast().allocate(bytes).fill((byte) 1);
            }
            last.allocate(bytes); // what is behind them stays, so that they cannot go by themselves
            arenas.forEach(Arena::close);
            before = residentPages();
            Os.trim();
        } finally {
            last.close();
        }
        assertThat((before - residentPages()) * Os.pageSize()).isGreaterThan(pieces * bytes / 2);
    }
}
