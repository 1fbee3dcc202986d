package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedLock;
import io.github.procession.SharedQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is promised of trees that are built on nothing but what every JVM has, besides everything else.
class PortableTest {
    private static final String PORTABLE = "-Dprocession.portable=true";

    private static final int OTHER_USER = 64321;

    @TempDir
    Path folder;

    private RootJvm start(Class<?> main, Object... arguments) throws IOException {
        return RootJvm.with(List.of(PORTABLE, "-Djava.io.tmpdir=" + folder)).run(main, arguments);
    }

    private List<Path> directories() {
        return entries(folder).stream()
                .filter(entry -> entry.getFileName().toString().startsWith("procession-"))
                .toList();
    }

    private static List<Path> entries(Path directory) {
        try (var entries = Files.list(directory)) {
            return entries.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A tree that does something of everything, then waits for a word.
    static final class Tree {
        public static void main(String[] args) throws Exception {
            try (var queue = SharedQueue.<Integer>create(4);
                    var lock = SharedLock.create();
                    var array = SharedIntArray.ofLength(100_000);
                    var pool = Pool.open(1)) {
                var child = ChildProcess.of(Tree::add, queue, lock, array)
                        .daemon(true)
                        .start();
                for (int i = 0; i < 100; i++) {
                    queue.put(i);
                }
                var _ = pool.<Integer>apply(() -> 1);
                System.out.println("ready " + child.pid());
                System.in.read();
                child.kill();
            }
            System.out.println("done");
        }

        static void add(SharedQueue<Integer> queue, SharedLock lock, SharedIntArray array) throws Exception {
            while (true) {
                int i = queue.take();
                lock.lock();
                try {
                    array.set(i, i);
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    @Test
    void itsFilesAreItsUsersAloneAndNothingIsLeftByAnEnd() throws Exception {
        try (var root = start(Tree.class)) {
            root.await("ready .*");
            assertThat(directories()).singleElement().satisfies(directory -> {
                assertThat(directory.getFileName().toString()).startsWith("procession-" + root.pid() + "-");
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                        .isEqualTo("rwx------");
                assertThat(entries(directory))
                        .hasSizeGreaterThan(2)
                        .filteredOn(Files::isRegularFile)
                        .allSatisfy(
                                file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                                        .isEqualTo("rw-------"));
            });
            root.say("end");
            assertThat(root.exitAndOutput()).isZero();
        }
        assertThat(directories()).isEmpty();
    }

    @Test
    void nothingIsLeftByTermination() throws Exception {
        try (var root = start(Tree.class)) {
            root.await("ready .*");
            root.handle().destroy();
            root.exit();
        }
        assertThat(directories()).isEmpty();
    }

    @Test
    void theNextRootRemovesWhatAKilledOneHasLeftAndNothingOfALiveOne() throws Exception {
        Path left;
        try (var killed = start(Tree.class)) {
            killed.await("ready .*");
            left = directories().getFirst();
            killed.kill();
        }
        try (var alive = start(Tree.class)) {
            alive.await("ready .*");
            assertThat(left).doesNotExist();
            var its = directories();
            assertThat(its).hasSize(1);
            Files.createDirectory(folder.resolve("procession-1-1")); // a root was killed between two instants
            try (var next = start(Tree.class)) {
                next.await("ready .*");
                assertThat(directories()).hasSize(2).containsAll(its);
                next.say("end");
                assertThat(next.exit()).isZero();
            }
            assertThat(directories()).isEqualTo(its);
            alive.say("end");
            assertThat(alive.exit()).isZero();
        }
        assertThat(directories()).isEmpty();
    }

    @Test
    void aFolderInWhichOthersCanReplaceWhatIsThereIsRefused() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        try (var root = start(Tree.class)) {
            assertThat(root.exitAndOutput()).isNotZero();
            assertThat(String.join("\n", root.err())).contains(folder.toString(), "sticky", "-Djava.io.tmpdir");
        }
        assertThat(entries(folder)).isEmpty();
        Files.setAttribute(folder, "unix:mode", 01777);
        try (var root = start(Tree.class)) {
            root.await("ready .*");
            root.say("end");
            assertThat(root.exitAndOutput()).isZero();
        }
    }

    @Test
    void whatOnlyLooksLikeTheDirectoryOfATreeIsLeftAlone() throws Exception {
        var victim = Files.createDirectory(folder.resolve("victim"));
        Files.writeString(victim.resolve("lock"), "precious");
        Files.writeString(victim.resolve("1.1"), "precious");
        Files.createSymbolicLink(folder.resolve("procession-1-1"), victim);
        Files.writeString(folder.resolve("procession-1-2"), "precious");
        var another = Files.createDirectory(folder.resolve("procession-1-3"));
        Files.writeString(another.resolve("lock"), "");
        boolean superuser = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        if (superuser) {
            Files.setAttribute(another, "unix:uid", OTHER_USER);
        }
        try (var root = start(Tree.class)) {
            root.await("ready .*");
            root.say("end");
            assertThat(root.exitAndOutput()).isZero();
        }
        assertThat(victim.resolve("lock")).hasContent("precious");
        assertThat(victim.resolve("1.1")).hasContent("precious");
        assertThat(folder.resolve("procession-1-1")).isSymbolicLink();
        assertThat(folder.resolve("procession-1-2")).hasContent("precious");
        assertThat(Files.exists(another.resolve("lock"))).isEqualTo(superuser); // else it is this user's, and goes
    }

    static final class Odd {
        public static void main(String[] args) {
            try {
                System.out.println(ChildProcess.of(() -> {})
                        .options(o -> o.jvmArgs(args[0]))
                        .start());
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage().replace('\n', ' '));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aChildThatIsToldOtherwiseThanItsRootSaysSo(boolean portable) throws Exception {
        var flags = List.of("-Dprocession.portable=" + portable, "-Djava.io.tmpdir=" + folder);
        try (var root = RootJvm.with(flags).run(Odd.class, "-Dprocession.portable=" + !portable)) {
            assertThat(root.exitAndOutput()).isZero();
            assertThat(String.join(" ", root.out()))
                    .contains("-Dprocession.portable=" + !portable, "All processes of a tree are the same in that");
        }
    }

    @Test
    void aValueThatIsNoneIsNamed() throws Exception {
        try (var root = RootJvm.with(List.of("-Dprocession.portable=maybe")).run(Tree.class)) {
            assertThat(root.exitAndOutput()).isNotZero();
            assertThat(String.join("\n", root.err()))
                    .contains("-Dprocession.portable=maybe: the property is true or false");
        }
    }

    @Test
    void aFolderWhoseNameIsTooLongForSocketsIsSaid() throws Exception {
        var deep = Files.createDirectory(folder.resolve("x".repeat(80)));
        try (var root =
                RootJvm.with(List.of(PORTABLE, "-Djava.io.tmpdir=" + deep)).run(Tree.class)) {
            assertThat(root.exitAndOutput()).isNotZero();
            assertThat(String.join("\n", root.err()))
                    .contains(deep.toString(), "has more than 107 bytes", "-Djava.io.tmpdir");
        }
        assertThat(entries(deep)).isEmpty();
    }

    static final class Chatty {
        public static void main(String[] args) throws Exception {
            ChildProcess.of(Chatty::leave).start().join();
            System.out.println("joined");
        }

        static void leave() throws IOException {
            var left = new ProcessBuilder("sh", "-c", "for i in $(seq 100); do echo still here; sleep 0.5; done")
                    .inheritIO()
                    .start();
            System.out.println("left " + left.pid());
        }
    }

    @Test
    void aChildIsJoinedThoughWhatItLeftBehindNeverStopsTalking() throws Exception {
        try (var root = start(Chatty.class)) {
            long left = Long.parseLong(root.await(".*left (\\d+)").group(1));
            try {
                root.await("joined");
            } finally {
                ProcessHandle.of(left).ifPresent(ProcessHandle::destroyForcibly);
            }
            root.exitAndOutput();
        }
    }

    static final class Large {
        public static void main(String[] args) {
            try (var _ = SharedIntArray.ofLength(16 << 20)) {
                System.out.println("made");
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
            try (var array = SharedIntArray.ofLength(1 << 20)) {
                for (int i = 0; i < array.length(); i++) {
                    array.set(i, i);
                }
                System.out.println("written");
            }
        }
    }

    @Test
    void aFullDiskIsSaidWhenSomethingIsMadeAndNotWhenItIsTouched() throws Exception {
        var script = "mount -t tmpfs -o size=8m none " + folder + " && exec \"$@\"";
        var mayMount = new ProcessBuilder("unshare", "-m", "sh", "-c", "mount -t tmpfs none " + folder)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assumeTrue(mayMount.waitFor() == 0, "needs the right to mount");
        var command = new ArrayList<>(List.of("unshare", "-m", "sh", "-c", script, "sh"));
        command.addAll(RootJvm.command(List.of(PORTABLE, "-Djava.io.tmpdir=" + folder), Large.class));
        try (var root = RootJvm.of(command)) {
            assertThat(root.exitAndOutput()).isZero();
            assertThat(root.out()).hasSize(2).last().isEqualTo("written");
            assertThat(root.out().getFirst()).contains("ENOSPC", "no space is left", folder.toString());
        }
    }

    static final class Loading {
        public static void main(String[] args) throws Exception {
            Tree.main(args);
            ChildProcess.of(() -> System.out.println("child"))
                    .options(o -> o.jvmArgs("-Xlog:class+load:file=" + args[0]))
                    .start()
                    .join();
        }
    }

    /// Which is what makes it portable.
    @Test
    void noNativeFunctionIsLinked() throws Exception {
        var flags =
                List.of(PORTABLE, "-Djava.io.tmpdir=" + folder, "-Xlog:class+load:file=" + folder.resolve("root.log"));
        try (var root = RootJvm.with(flags).run(Loading.class, folder.resolve("child.log"))) {
            root.await("ready .*");
            root.say("end");
            assertThat(root.exitAndOutput()).isZero();
        }
        for (var log : List.of("root.log", "child.log")) {
            assertThat(Files.readString(folder.resolve(log)))
                    .contains("io.github.procession.internal.os.SocketCable")
                    .doesNotContain("internal.os.Os$Native", "jdk.internal.foreign.abi.Linker");
        }
    }
}
