package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.SharedByteArray;
import io.github.procession.SharedInt;
import io.github.procession.SharedQueue;
import io.github.procession.WorkerCrashedException;
import io.github.procession.internal.os.Basis;
import io.github.procession.internal.os.Os;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.LinkOffer;
import io.github.procession.internal.wire.Message;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Machines that are short of something: a program that uses everything once ([GroundTour]) does its work there, or ends with
/// one error that says what is missing and what to do. It never hangs, and leaves nothing.
class HostileGroundTest {
    /*
     * Each ground is real, and the program's alone: a mount in a mount namespace of its own, a limit of its own process, a
     * control group made for it. What needs a right that the test has not is left out, and says so.
     */
    private static final String IN_ITS_MOUNTS = "needs the right to mount in a namespace of its own";
    private static final String ANOTHER_USER = "needs the right to become another user";
    private static final int FOR_ALL = 01777; // as /tmp

    /// Runs the program with as little as possible on its class path, of which each jar would be an open file.
    ///
    /// @param around a command that runs what follows it
    /// @param flags  for the JVM
    private static RootJvm tour(String[] around, String... flags) throws Exception {
        return RootJvm.of(command(around, classPath(), GroundTour.class, flags));
    }

    private static List<String> command(String[] around, String classPath, Class<?> main, String... flags) {
        var command = new ArrayList<>(List.of(around));
        command.addAll(RootJvm.command(List.of(flags), main));
        command.set(command.indexOf("-cp") + 1, classPath);
        return command;
    }

    private static String classPath() throws Exception {
        return origin(ChildProcess.class) + File.pathSeparator + origin(GroundTour.class);
    }

    private static Path origin(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static boolean works(String... command) throws Exception {
        try {
            var process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // there is no such program
        }
    }

    private static String[] with(String[] command, String... more) {
        return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray(String[]::new);
    }

    /// A command that runs what follows it where a script has changed the mounts.
    private static String[] mounted(String script) throws Exception {
        String[] command = {"unshare", "--mount", "sh", "-c", script + " && exec \"$@\"", "sh"};
        assumeTrue(works(with(command, "true")), IN_ITS_MOUNTS);
        return command;
    }

    /// Runs it as a user who has no other processes.
    private static String[] anotherUser(String... more) throws Exception {
        String user = Long.toString(61_000 + ProcessHandle.current().pid() % 3_000);
        String[] command = {
            "setpriv",
            "--reuid=" + user,
            "--regid=" + user,
            "--clear-groups",
            "--inh-caps=+dac_read_search", // to read the class path wherever it is
            "--ambient-caps=+dac_read_search"
        };
        assumeTrue(works(with(command, "true")), ANOTHER_USER);
        return with(command, more);
    }

    private static void didItsWork(RootJvm root) throws Exception {
        int code = root.exitAndOutput();
        assertThat(said(root.out())).as(() -> root.err().toString()).isEqualTo(GroundTour.PRINTED);
        assertThat(code).isZero();
    }

    /// Without what a JVM itself warns of.
    private static List<String> said(List<String> out) {
        return out.stream()
                .filter(line -> !line.matches("\\[\\S+s]\\[warning].*"))
                .toList();
    }

    private static void saidWhy(RootJvm root, String... words) throws Exception {
        int code = root.exitAndOutput();
        var complaint = complaint(root.err());
        assertThat(code).as(complaint).isEqualTo(1);
        assertThat(GroundTour.PRINTED.subList(0, said(root.out()).size())).isEqualTo(said(root.out()));
        assertThat(complaint).contains(words);
        System.out.println(complaint.lines().findFirst().orElse(""));
    }

    private static void didItsWorkOrSaidWhy(RootJvm root, String... words) throws Exception {
        if (root.exitAndOutput() == 0) {
            didItsWork(root);
        } else {
            saidWhy(root, words);
        }
    }

    /// The program's own exception, which is the last one at the margin: children may have complained before.
    private static String complaint(List<String> err) {
        int first = err.size() - 1;
        while (first > 0 && !err.get(first).startsWith("Exception in thread \"main\" ")) {
            first--;
        }
        var own = err.subList(Math.max(0, first), err.size());
        assertThat(own.stream().filter(line -> line.startsWith("Caused by: ")))
                .as(() -> String.join("\n", err))
                .hasSizeLessThanOrEqualTo(3);
        return String.join("\n", own);
    }

    // ---- shared memory, disks, folders -----------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"size=64m", "size=4k", "ro"})
    void sharedMemoryOfTheSystemIsNotNeeded(String options) throws Exception {
        try (var root = tour(mounted("mount -t tmpfs -o " + options + " none /dev/shm"))) {
            didItsWork(root);
        }
    }

    @Test
    void temporaryFilesNeedNotBeExecutable(@TempDir Path folder) throws Exception {
        try (var root = tour(mounted("mount -t tmpfs -o noexec none " + folder), "-Djava.io.tmpdir=" + folder)) {
            didItsWork(root);
        }
    }

    @Test
    void aFullDiskIsNotNeeded(@TempDir Path folder) throws Exception {
        var script = "mount -t tmpfs -o size=64k none %1$s && ! cat /dev/zero > %1$s/full 2>&-".formatted(folder);
        try (var root = tour(mounted(script), "-Djava.io.tmpdir=" + folder)) {
            if (Basis.isPortable()) { // which has its files there
                saidWhy(root, "A disk is full. Make room there");
            } else {
                didItsWork(root);
            }
        }
    }

    @Test
    void aCacheThatDoesNotFitOnItsDiskIsGivenUp(@TempDir Path folder, @TempDir Path build) throws Exception {
        var command = command(
                mounted("mount -t tmpfs -o size=1m,mode=700 none " + folder),
                fromAJar(build),
                GroundTour.class,
                "-Dio.github.procession.aotCache=" + folder);
        command.add(folder.toString());
        try (var root = RootJvm.of(command)) {
            int code = root.exitAndOutput();
            assertThat(root.out())
                    .as(() -> root.err().toString())
                    .startsWith(GroundTour.PRINTED.toArray(String[]::new))
                    .endsWith("cache: given up, [] left");
            assertThat(root.err()).isEmpty();
            assertThat(code).isZero();
        }
    }

    @Test
    void aHomeThatCannotBeWrittenIsNotNeeded(@TempDir Path build) throws Exception {
        String[] home = {"env", "-u", "XDG_CACHE_HOME", "HOME=/proc/nonexistent"};
        try (var root = RootJvm.of(command(home, fromAJar(build), GroundTour.class, "-Duser.home=/proc/nonexistent"))) {
            didItsWork(root);
        }
    }

    /// A class path with the library as a jar, without which there is no cache.
    private static String fromAJar(Path build) throws Exception {
        var jar = build.resolve("procession.jar");
        var library = origin(ChildProcess.class);
        if (Files.isDirectory(library)) {
            assertThat(ToolProvider.findFirst("jar")
                            .orElseThrow()
                            .run(System.out, System.err, "--create", "--file", "" + jar, "-C", "" + library, "."))
                    .isZero();
        } else {
            Files.copy(library, jar);
        }
        return jar + File.pathSeparator + classPath();
    }

    // ---- limits ----------------------------------------------------------------------------------------------------

    @Test
    void descriptorsAreFewButEnough() throws Exception {
        assumeTrue(works("prlimit", "--nofile=256", "true"));
        try (var root = tour(new String[] {"prlimit", "--nofile=256"})) {
            didItsWork(root);
        }
    }

    /// From a jar, which stays open: each class in a folder is a descriptor more for a moment, and without it there is
    /// only the JVM's NoClassDefFoundError.
    @ParameterizedTest
    @ValueSource(ints = {20, 24, 28, 32, 36, 40, 42, 46, 50})
    void descriptorsRunOut(int files, @TempDir Path build) throws Exception {
        String[] limited = {"prlimit", "--nofile=" + files};
        assumeTrue(works(with(limited, "true")));
        try (var root = RootJvm.of(command(limited, fromAJar(build), GroundTour.class))) {
            didItsWorkOrSaidWhy(root, "ulimit -n");
        }
    }

    /// Takes from a queue when no descriptor is left, and when there are some again.
    static final class Taker {
        public static void main(String[] args) throws Exception {
            try (SharedQueue<Object> queue = SharedQueue.create()) {
                ChildProcess.of(Taker::put, queue).start().join();
                System.out.println("taken: " + queue.take());
                for (int i = 0; i < 2; i++) {
                    try {
                        whileNoneIsLeft(queue::take);
                    } catch (IllegalStateException e) {
                        System.out.println("refused: " + e.getMessage());
                    }
                    System.out.println("waiting: " + queue.size());
                    var item = queue.take();
                    System.out.println("taken: "
                            + (item instanceof SharedByteArray array ? "array of " + array.length() : item.getClass()));
                    if (item instanceof SharedByteArray array) {
                        array.close();
                    }
                }
            }
            Processes.await("shared objects to go", () -> Node.self().liveObjects() == 0);
        }

        private static void put(SharedQueue<Object> queue) throws InterruptedException {
            queue.put("small");
            queue.put(new byte[100_000]);
            queue.put(SharedByteArray.ofLength(100_000));
        }

        private static void whileNoneIsLeft(Callable<?> action) throws Exception {
            var open = new ArrayList<InputStream>();
            try {
                while (true) {
                    open.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException noneIsLeft) {
                action.call();
            } finally {
                for (var each : open) {
                    each.close();
                }
            }
        }
    }

    @Test
    void anItemStaysInItsQueueWhileItsTakerHasNoDescriptorForIt(@TempDir Path build) throws Exception {
        String[] limited = {"prlimit", "--nofile=256"};
        assumeTrue(works(with(limited, "true")));
        try (var root = RootJvm.of(command(limited, fromAJar(build), Taker.class))) {
            int code = root.exitAndOutput();
            assertThat(root.out()).as(() -> root.err().toString()).hasSize(7);
            assertThat(root.out().get(1)).startsWith("refused: ").contains("ulimit -n");
            assertThat(root.out().get(4)).startsWith("refused: ").contains("ulimit -n");
            assertThat(root.out().stream().filter(line -> !line.startsWith("refused")))
                    .containsExactly(
                            "taken: small", "waiting: 2", "taken: class [B", "waiting: 1", "taken: array of 100000");
            assertThat(code).isZero();
        }
    }

    /// Asks the root for links when no thread is left to read them.
    static final class Unread {
        private static final int TIMES = 20;

        public static void main(String[] args) throws Exception {
            var offer = LinkOffer.make("asker");
            var desk = Node.self()
                    .desk(Node.self().root().reserve().slot(), offer.link())
                    .orElseThrow();
            desk.accept(new Message.Reserve(0));
            var end = new CountDownLatch(1);
            try {
                while (true) {
                    Thread.ofPlatform().daemon().start(() -> {
                        try {
                            end.await();
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    });
                }
            } catch (OutOfMemoryError noneIsLeft) {
                int before =
                        Processes.descriptors(ProcessHandle.current().pid()).size();
                for (int i = 1; i <= TIMES; i++) {
                    desk.accept(new Message.Reserve(i));
                }
                int after = Processes.descriptors(ProcessHandle.current().pid()).size();
                System.out.println("descriptors more: " + (after - before));
            }
            end.countDown();
        }
    }

    @Test
    void aLinkThatNoThreadIsLeftToReadLeavesNoDescriptor(@TempDir Path folder) throws Exception {
        Files.setAttribute(folder, "unix:mode", FOR_ALL);
        var command =
                command(anotherUser("prlimit", "--nproc=80"), classPath(), Unread.class, "-Djava.io.tmpdir=" + folder);
        try (var root = RootJvm.of(command)) {
            root.exitAndOutput();
            assertThat(said(root.out())).as(() -> root.err().toString()).containsExactly("descriptors more: 0");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 14, 16, 20, 30, 32, 34, 40, 44})
    void processesRunOut(int most, @TempDir Path folder) throws Exception {
        Files.setAttribute(folder, "unix:mode", FOR_ALL);
        try (var root = tour(anotherUser("prlimit", "--nproc=" + most), "-Djava.io.tmpdir=" + folder)) {
            didItsWorkOrSaidWhy(root, "limit of processes or threads is reached", "ulimit -u");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 24, 34, 44})
    void threadsOfAContainerRunOut(int most) throws Exception {
        var group = ControlGroup.pids(most);
        assumeTrue(group.isPresent(), "needs the right to make a control group");
        try (var container = group.get();
                var root = tour(container.inside())) {
            didItsWorkOrSaidWhy(root, "limit of processes or threads is reached", "--pids-limit");
        }
    }

    /// Opens a pool where so many threads can be had.
    static final class FewThreads {
        public static void main(String[] arguments) throws Exception {
            SharedInt.of(0).close(); // what the library keeps is there
            var _ = occupy(Integer.parseInt(arguments[0]));
            try (var pool = Pool.open(1)) {
                System.out.println(pool.apply(() -> 5));
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
            System.out.println("over");
            System.exit(0);
        }

        /// Has threads of its own take all that there are but so many.
        ///
        /// @return what lets them go
        static ArrayDeque<CountDownLatch> occupy(int but) {
            var held = new ArrayDeque<CountDownLatch>();
            try {
                while (true) {
                    var latch = new CountDownLatch(1);
                    Thread.ofPlatform().daemon().start(() -> hold(latch));
                    held.add(latch);
                }
            } catch (OutOfMemoryError e) {
                // that is all
            }
            long left = threads() - but;
            for (int i = 0; i < but; i++) {
                held.remove().countDown();
            }
            Processes.await("threads to end", () -> threads() <= left);
            return held;
        }

        private static void hold(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        private static long threads() {
            try (var threads = Files.list(Path.of("/proc/self/task"))) {
                return threads.count();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void aPoolEndsWhereThereIsNoThreadToStartItsWorkers(int threads) throws Exception {
        assumeFalse(Basis.isPortable(), "without a thread nobody removes its directory, as after a kill");
        var command = command(anotherUser("prlimit", "--nproc=80"), classPath(), FewThreads.class);
        command.add(Integer.toString(threads));
        try (var root = RootJvm.of(command)) {
            int code = root.exitAndOutput();
            var said = said(root.out());
            assertThat(said).as(() -> root.err().toString()).hasSize(2).endsWith("over");
            assertThat(said.getFirst()).contains("limit of processes or threads is reached");
            assertThat(code).isZero();
        }
    }

    /// Starts a child where so many threads can be had, and goes on.
    static final class ChildOfFewThreads {
        public static void main(String[] arguments) throws Exception {
            ChildProcess.of(() -> {}).start().join(); // what the library keeps is there
            var self = ProcessHandle.current();
            long before = Processes.descriptors(self.pid()).size();
            var held = FewThreads.occupy(Integer.parseInt(arguments[0]));
            try {
                ChildProcess.of(() -> {}).start().join();
                System.out.println("started");
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
            held.forEach(CountDownLatch::countDown);
            Processes.await(
                    () -> "no child, and no more descriptors than " + before + ": " + Processes.descriptors(self.pid()),
                    () -> self.children().findAny().isEmpty()
                            && Processes.descriptors(self.pid()).size() <= before);
            ChildProcess.of(() -> System.out.println("over")).start().join();
            System.exit(0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void aChildThatCannotBeWatchedForWantOfThreadsLeavesNothing(int threads) throws Exception {
        assumeFalse(Basis.isPortable(), "without a thread nobody removes its directory, as after a kill");
        var command = command(anotherUser("prlimit", "--nproc=80"), classPath(), ChildOfFewThreads.class);
        command.add(Integer.toString(threads));
        try (var root = RootJvm.of(command)) {
            int code = root.exitAndOutput();
            var said = said(root.out());
            System.out.println(said);
            assertThat(said).as(() -> root.err().toString()).endsWith("over");
            assertThat(code).as(() -> root.err().toString()).isZero();
        }
    }

    @Test
    void threadsOfAContainerAreFewButEnough() throws Exception {
        var group = ControlGroup.pids(120);
        assumeTrue(group.isPresent(), "needs the right to make a control group");
        try (var container = group.get();
                var root = tour(container.inside())) {
            didItsWork(root);
        }
    }

    @Test
    void anOrdinaryUserNeedsNoFurtherRights() throws Exception {
        try (var root = tour(anotherUser())) {
            didItsWork(root);
        }
    }

    @Test
    void oneProcessorIsEnough() throws Exception {
        assumeTrue(works("taskset", "-c", "" + Os.affinity()[0], "true"));
        try (var root = tour(new String[] {"taskset", "-c", "" + Os.affinity()[0]})) {
            didItsWork(root);
        }
    }

    // ---- memory ----------------------------------------------------------------------------------------------------

    /// Asks for more than its control group has: first for shared memory, then in a worker.
    static final class Hungry {
        static int eat() {
            var eaten = new ArrayList<byte[]>();
            while (true) {
                var more = new byte[8 << 20];
                Arrays.fill(more, (byte) 1);
                eaten.add(more);
            }
        }

        public static void main(String[] args) throws Exception {
            try (var _ = SharedByteArray.ofLength(2L << 30)) {
                System.out.println("got it");
            } catch (IllegalStateException e) {
                System.out.println("refused: " + e.getMessage());
            }
            try (var pool = Pool.open(o -> o.workers(1).process(p -> p.maxHeap("4g")))) {
                try {
                    pool.<Integer>apply(Hungry::eat);
                } catch (WorkerCrashedException e) {
                    System.out.println(
                            "crashed: " + String.valueOf(e.getMessage()).replaceAll("\\R", " "));
                }
                System.out.println("after it: " + pool.<Integer>apply(() -> 5));
            }
        }
    }

    /// The root touches all of its heap before: who asks for memory while a killed process has yet to give its own back may
    /// be the kernel's next choice.
    @Test
    void theMemoryLimitOfAContainerIsSeenBeforeAndToldAfter() throws Exception {
        var group = ControlGroup.memory(600 << 20);
        assumeTrue(group.isPresent(), "needs the right to make a control group");
        try (var container = group.get();
                var root = RootJvm.with(List.of("-Xmx100m", "-Xms100m", "-XX:+AlwaysPreTouch"))
                        .under(container.inside())
                        .run(Hungry.class)) {
            int code = root.exitAndOutput();
            System.out.println(String.join("\n", root.out()));
            assertThat(root.out()).as(() -> root.err().toString()).hasSize(3);
            assertThat(root.out().get(0))
                    .startsWith("refused: Not enough memory for 2,147,4")
                    .contains("control group", "Ask for less", "--memory");
            assertThat(root.out().get(1)).startsWith("crashed: Worker-").contains("SIGKILL", "out-of-memory killer");
            assertThat(root.out().get(2)).isEqualTo("after it: 5");
            assertThat(code).isZero();
        }
    }

    /// Many threads that ask for memory until there is none.
    static final class Crowd {
        private static final int THREADS = 16;

        public static void main(String[] args) throws Exception {
            var refused = new AtomicInteger();
            var begin = new CountDownLatch(1);
            var threads = new ArrayList<Thread>();
            for (int i = 0; i < THREADS; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    var kept = new ArrayList<SharedByteArray>();
                    try {
                        begin.await();
                        while (true) {
                            kept.add(SharedByteArray.ofLength(60 << 20));
                        }
                    } catch (IllegalStateException e) {
                        refused.incrementAndGet();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }));
            }
            begin.countDown();
            for (var thread : threads) {
                thread.join();
            }
            System.out.println("refused: " + refused);
        }
    }

    @Test
    void whoAsksForMemoryAtTheSameTimeIsRefusedAndNobodyIsKilled() throws Exception {
        assumeFalse(Basis.isPortable(), "files of a disk are no memory of the group");
        var group = ControlGroup.memory(600 << 20);
        assumeTrue(group.isPresent(), "needs the right to make a control group");
        try (var container = group.get();
                var root = RootJvm.with(List.of("-Xmx60m"))
                        .under(container.inside())
                        .run(Crowd.class)) {
            int code = root.exitAndOutput();
            assertThat(root.out()).as(() -> root.err().toString()).containsExactly("refused: 16");
            assertThat(code).isZero();
        }
    }

    @Test
    void littleMemoryIsEnoughForLittleWork() throws Exception {
        var group = ControlGroup.memory(400 << 20);
        assumeTrue(group.isPresent(), "needs the right to make a control group");
        try (var container = group.get();
                var root = RootJvm.with(List.of("-Xmx64m"))
                        .under(container.inside())
                        .run(GroundTour.class)) {
            didItsWork(root);
        }
    }

    // ---- letters and clocks ----------------------------------------------------------------------------------------

    @Test
    void aLocaleWithoutLettersLosesNone(@TempDir Path folder) throws Exception {
        var strange = Files.createDirectory(folder.resolve("größer 漢字"));
        String[] environment = {"env", "LANG=C", "LC_ALL=C", "WORD=" + GroundTour.WORD};
        try (var root = tour(environment, "-Dword=" + GroundTour.WORD, "-Djava.io.tmpdir=" + strange)) {
            if (Basis.isPortable()) {
                saidWhy(root, "-Djava.io.tmpdir", "LC_ALL=C.UTF-8");
                return;
            }
            int code = root.exitAndOutput();
            assertThat(root.out().stream().filter(line -> !line.startsWith("WARNING: java.io.tmpdir")))
                    .as(() -> root.err().toString())
                    .containsExactlyElementsOf(GroundTour.PRINTED);
            assertThat(code).isZero();
        }
    }

    @Test
    void otherClocksThanTheMachinesAreFine() throws Exception {
        String[] later = {"unshare", "--time", "--boottime", "100000000", "--monotonic", "100000000", "--fork"};
        assumeTrue(works(with(later, "true")), "needs the right to make a time namespace");
        try (var root = tour(later)) {
            didItsWork(root);
        }
    }
}
