package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.RemoteTaskException;
import io.github.procession.SharedInt;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedQueue;
import io.github.procession.WorkerCrashedException;
import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.os.Basis;
import io.github.procession.internal.tree.Node;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.tools.ToolProvider;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What cannot be: a clear error at once, and nothing left running.
class BadInputTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    // ---- what cannot be serialized ------------------------------------------------------------------------------

    static final class Connection {}

    record Job(String name, Map<String, Object> settings) implements Serializable {}

    static void run(Object argument) {}

    static void runTwo(String first, Object second) {}

    private int ownField = 3;

    @Test
    void aFailedStartIsRememberedAndSaid() {
        var child = ChildProcess.of(() -> {}).options(o -> o.jvmArgs("-XX:+NoSuchFlagAtAll"));
        var exit = child.onExit();
        assertThatThrownBy(child::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("NoSuchFlag");
        assertThat(exit).isCompletedExceptionally();
        for (var call : List.<ThrowingCallable>of(
                child::start, child::join, child::kill, child::terminate, () -> child.name("other"))) {
            assertThatThrownBy(call)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("could not be started")
                    .hasMessageContaining("NoSuchFlag");
        }
        assertThat(child.isAlive()).isFalse();
        child.close();
    }

    /// Its trace cannot be had.
    static final class Secretive extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Secretive() {
            super("secret");
        }

        @Override
        public StackTraceElement[] getStackTrace() {
            throw new IllegalStateException("no frames");
        }
    }

    @Test
    void anExceptionThatHidesItsFramesArrivesAllTheSame() {
        assertThatThrownBy(() -> ChildProcess.call(() -> {
                    throw new Secretive();
                }))
                .hasMessage("secret");
    }

    record Unreadable(String why) implements Serializable {
        Unreadable {
            if (why.equals("here") && !Thread.currentThread().getName().equals("maker")) {
                throw new UnsupportedOperationException("not " + why);
            }
        }
    }

    @Test
    void anItemThatCannotBeRebuiltIsConsumedAndSaid() throws Exception {
        try (SharedQueue<Object> queue = SharedQueue.create(4)) {
            var maker = Thread.ofPlatform().name("maker").start(() -> queue.add(new Unreadable("here")));
            maker.join();
            queue.put("next");
            assertThatThrownBy(queue::take)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was taken from the queue but cannot be rebuilt");
            assertThatThrownBy(() -> queue.drainTo(null)).isInstanceOf(NullPointerException.class);
            assertThat(queue.take()).isEqualTo("next");
        }
    }

    /// Its hook wants a process.
    static final class StartsInAHook {
        public static void main(String[] args) throws Exception {
            System.out.println(ChildProcess.<Integer>call(() -> 1));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    System.out.println(ChildProcess.<Integer>call(() -> 42));
                } catch (IllegalStateException | InterruptedException e) {
                    System.out.println("refused: " + e.getMessage());
                }
            }));
        }
    }

    @Test
    void aStartInAShutdownHookIsRefused() throws Exception {
        try (var root = RootJvm.start(StartsInAHook.class)) {
            assertThat(root.exitAndOutput()).isZero();
            assertThat(root.out()).anyMatch(line -> line.startsWith("refused: The JVM is shutting down"));
        }
    }

    @Test
    void aHookThatNeverEndsHoldsUpNoPool() throws Exception {
        try (var pool = Pool.open(1)) {
            pool.apply(() -> Runtime.getRuntime().addShutdownHook(new Thread(LockSupport::park)));
        }
        try (var pool = Pool.open(1)) {
            pool.apply(() -> Runtime.getRuntime().addShutdownHook(new Thread(LockSupport::park)));
            assertThatThrownBy(() -> pool.apply(() -> System.exit(3))).isInstanceOf(WorkerCrashedException.class);
            assertThat(pool.<Integer>apply(() -> 5)).isEqualTo(5);
        }
    }

    @Test
    void theWayToWhatCannotBeSerializedIsNamed() {
        var connection = new Connection();
        var job = new Job("j", Map.of("db", List.of("x", connection)));
        assertUnsendable(() -> ChildProcess.of(BadInputTest::run, connection).start(), "target", "Connection");
        assertUnsendable(
                () -> ChildProcess.of(BadInputTest::runTwo, "fine", job).start(),
                "settings",
                "[db]",
                "[1]",
                "Connection");
        assertUnsendable(
                () -> ChildProcess.of(() -> run(connection)).start(), "captured", "BadInputTest", "Connection");
        assertUnsendable(
                () -> ChildProcess.<Integer>call(() -> connection.hashCode()), "task", "captured", "Connection");
        assertUnsendable(
                () -> ChildProcess.of(() -> {
                            run(ownField);
                        })
                        .start(),
                "this",
                "local variable",
                "BadInputTest");
        Runnable plain = () -> run(1);
        assertUnsendable(() -> ChildProcess.of(() -> plain.run()).start(), "Lambda", "io.github.procession.function");
        assertThat(ChildProcess.active()).isEmpty();
    }

    private static void assertUnsendable(ThrowingCallable use, String... words) {
        assertThatThrownBy(use)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not Serializable")
                .hasMessageContaining("path:")
                .hasMessageContaining("fix:")
                .hasMessageContainingAll(words);
    }

    @Test
    void aTargetThatFailedToStartCanBeTriedWithoutIt() throws Exception {
        var child = ChildProcess.of(BadInputTest::run, new Object());
        assertThatThrownBy(child::start).isInstanceOf(IllegalArgumentException.class);
        assertThat(child.isAlive()).isFalse();
        assertThat(child.exitStatus()).isEmpty();
        assertThatThrownBy(child::join).isInstanceOf(IllegalStateException.class);
        child.close();
    }

    @Test
    @SuppressWarnings("NullAway") // on purpose
    void nullIsRefusedWhereItStands() {
        assertThatThrownBy(() -> ChildProcess.of((SerializableRunnable) null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> ChildProcess.call(null)).isInstanceOf(NullPointerException.class);
        try (var pool = Pool.open(1)) {
            assertThatThrownBy(() -> pool.applyAsync(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> pool.map(List.of(1), null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> pool.imap(null, n -> n)).isInstanceOf(NullPointerException.class);
        }
    }

    // ---- numbers ------------------------------------------------------------------------------------------------

    @Test
    void numbersOutOfRangeAreRefusedWithTheirRange() {
        for (int workers : new int[] {0, -1, 2049, Integer.MIN_VALUE}) {
            assertRefused(() -> Pool.open(workers), "" + workers, "between 1 and 2048");
        }
        for (int capacity : new int[] {0, -1, (1 << 24) + 1, Integer.MAX_VALUE}) {
            assertRefused(() -> SharedQueue.create(capacity), "" + capacity, "between 1 and 16777216");
        }
        assertRefused(() -> SharedIntArray.ofLength(-1), "-1");
        assertRefused(() -> SharedIntArray.ofLength(Long.MAX_VALUE), "" + Long.MAX_VALUE);
        try (var pool = Pool.open(1)) {
            for (int chunk : new int[] {0, -1, Integer.MIN_VALUE}) {
                assertRefused(() -> pool.map(List.of(1), n -> n, chunk), "" + chunk, "at least 1");
            }
        }
        for (var size : List.of("", "12x", "-1m", "0g", "1.5g", "m")) {
            assertRefused(
                    () -> ChildProcess.of(BadInputTest::nothing).options(o -> o.maxHeap(size)), "\"" + size + "\"");
        }
        assertRefused(() -> ChildProcess.of(BadInputTest::nothing).options(o -> o.cpus(0)), "cpus(0)");
    }

    static void nothing() {}

    private static void assertRefused(ThrowingCallable use, String... words) {
        assertThatThrownBy(use).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(words);
    }

    // ---- classes that are nowhere -------------------------------------------------------------------------------

    /// Loads a class that no other process knows.
    static Object stranger(String folder) throws Exception {
        var loader = new URLClassLoader(new URL[] {Path.of(folder).toUri().toURL()});
        return loader.loadClass("Stranger").getConstructor().newInstance();
    }

    static Object throwStranger(String folder) throws Exception {
        throw (Exception) stranger(folder);
    }

    static void putStranger(SharedQueue<Object> queue, String folder) throws Exception {
        queue.put(stranger(folder));
        queue.put("next");
    }

    @Test
    void aClassThatOnlyTheSenderHasIsNamed(@TempDir Path folder) throws Exception {
        var source = folder.resolve("Stranger.java");
        Files.writeString(
                source, "public class Stranger extends Exception { public Stranger() { super(\"strange\"); } }");
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, source.toString()))
                .isZero();
        var path = folder.toString();
        assertThatThrownBy(() -> ChildProcess.<Object>call(() -> stranger(path)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("Stranger", "class path of both");
        try (var pool = Pool.open(1);
                SharedQueue<Object> queue = SharedQueue.create(4)) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> pool.<Object>apply(() -> stranger(path)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("Stranger", "class path of both");
                assertThatThrownBy(() -> pool.<Object>apply(() -> throwStranger(path)))
                        .isInstanceOfSatisfying(RemoteTaskException.class, e -> {
                            assertThat(e.className()).isEqualTo("Stranger");
                            assertThat(e.remoteMessage()).isEqualTo("strange");
                        });
            }
            pool.apply(() -> putStranger(queue, path));
            assertThatThrownBy(queue::take)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("Stranger", "class path of both");
            assertThat(queue.take()).isEqualTo("next");
        }
    }

    // ---- JVMs that do not come up -------------------------------------------------------------------------------

    @Test
    void aJavaThatIsNotThereIsNamed(@TempDir Path folder) {
        assertThatThrownBy(() -> ChildProcess.of(BadInputTest::nothing)
                        .options(o -> o.javaHome(folder))
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(folder.toString(), "bin/java", "javaHome");
        assertThatThrownBy(() -> Pool.open(o -> o.workers(2).process(p -> p.javaHome(folder))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(folder.toString(), "bin/java");
    }

    @Test
    void aJavaThatIsNoneIsNamed(@TempDir Path folder) throws Exception {
        var java = folder.resolve("bin").resolve("java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, "no program");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        assertThatThrownBy(() -> ChildProcess.of(BadInputTest::nothing)
                        .options(o -> o.javaHome(folder))
                        .start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(java.toString());
        Files.writeString(java, "#!/bin/sh\necho 'this is no java' >&2\nexit 9\n");
        assertThatThrownBy(() -> ChildProcess.of(BadInputTest::nothing)
                        .options(o -> o.javaHome(folder).systemProperty("another", "try"))
                        .start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(java.toString(), "9", "this is no java");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-XX:NoSuchFlag=1",
                "--no-such-option",
                "-Xmx10k",
                "-javaagent:/nowhere.jar",
                "-XX:+UseSerialGC -XX:+UseZGC"
            })
    void theJvmsOwnWordsAboutAFlagReachTheException(String flags) {
        var words = flags.split(" ")[0].replace("-XX:", "").replaceAll("[=+-].*", "");
        var all = flags.split(" ");
        assertThatThrownBy(() -> ChildProcess.of(BadInputTest::nothing)
                        .options(o -> o.jvmArgs(all))
                        .start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("before it had started")
                .message()
                .containsIgnoringCase("error")
                .contains(words);
        assertThat(ChildProcess.active()).isEmpty();
        try (var pool = Pool.open(o -> o.workers(1).process(p -> p.jvmArgs(all)))) {
            assertBroken(pool, "rror");
        }
    }

    @Test
    void aHeapThatNoMachineHasIsRefusedByTheJvm() {
        assertThatThrownBy(() -> ChildProcess.of(BadInputTest::nothing)
                        .options(o -> o.maxHeap("900000g"))
                        .start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("heap");
    }

    /// All that is asked of it fails, with the cause, and it closes.
    private static void assertBroken(Pool pool, String words) {
        var tasks = new ArrayList<java.util.concurrent.Future<Integer>>();
        for (int i = 0; i < 5; i++) {
            try {
                tasks.add(pool.applyAsync(() -> 1));
            } catch (RejectedExecutionException e) {
                assertThat(e).rootCause().hasMessageContaining(words);
            }
        }
        for (var task : tasks) {
            assertThatThrownBy(() -> task.get(SOON.toSeconds(), TimeUnit.SECONDS))
                    .rootCause()
                    .hasMessageContaining(words);
        }
        assertThatThrownBy(() -> pool.map(List.of(1, 2, 3), n -> n)).rootCause().hasMessageContaining(words);
        assertThatThrownBy(() -> pool.imap(List.of(1, 2, 3), n -> n).toList())
                .rootCause()
                .hasMessageContaining(words);
    }

    @Test
    void aJvmThatDiesWhileItBootsSaysHow(@TempDir Path folder) throws Exception {
        var java = folder.resolve("bin").resolve("java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, "#!/bin/sh\necho 'about to go' >&2\nkill -9 $$\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        assertThatThrownBy(() -> ChildProcess.of(BadInputTest::nothing)
                        .options(o -> o.javaHome(folder))
                        .start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("137", "about to go");
    }

    @Test
    void aDirectoryThatIsNotThereIsNamed() {
        var nowhere = Path.of("/no/such/directory");
        assertThatThrownBy(() -> ChildProcess.of(BadInputTest::nothing)
                        .options(o -> o.workingDirectory(nowhere))
                        .start())
                .isInstanceOfAny(IllegalStateException.class, IllegalArgumentException.class)
                .hasMessageContaining(nowhere.toString());
    }

    // ---- memory -------------------------------------------------------------------------------------------------

    static void makeTooMuch(SharedQueue<String> answers) throws Exception {
        try {
            SharedIntArray.ofLength(tooMuch()).close();
            answers.put("made it");
        } catch (IllegalStateException e) {
            answers.put(String.valueOf(e.getMessage()));
        }
    }

    private static long tooMuch() throws Exception {
        try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
            long kilobytes = lines.filter(line -> line.startsWith("MemAvailable"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
            return 10 * kilobytes * 1024 / Integer.BYTES;
        }
    }

    @Test
    void moreMemoryThanThereIsIsRefusedAtOnce() throws Exception {
        int before = Node.self().liveObjects();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> SharedIntArray.ofLength(tooMuch()).close())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("Not enough memory", "are left");
        }
        assertThatThrownBy(() -> SharedIntArray.ofLength(1L << 50).close()).isInstanceOf(IllegalStateException.class);
        assertThat(Node.self().liveObjects()).isEqualTo(before);
        try (SharedQueue<String> answers = SharedQueue.create(1);
                var fine = SharedInt.of(1)) {
            var child = ChildProcess.of(BadInputTest::makeTooMuch, answers).start();
            assertThat(child.join(SOON)).isTrue();
            assertThat(answers.poll()).contains("Not enough memory");
            assertThat(fine.get()).isEqualTo(1);
        }
    }

    /// Believes that there are 150 MiB left.
    static final class LittleMemory {
        public static void main(String[] args) throws Exception {
            try (SharedQueue<byte[]> queue = SharedQueue.create(4)) {
                queue.put(new byte[] {1});
                try {
                    queue.put(new byte[100 << 20]);
                    System.out.println("put it");
                } catch (IllegalStateException e) {
                    System.out.println(
                            "refused: " + e.getMessage().lines().findFirst().orElse(""));
                }
                try {
                    System.out.println("offered " + queue.offer(new byte[100 << 20]));
                } catch (IllegalStateException e) {
                    System.out.println("refused again");
                }
                queue.put(new byte[] {2});
                System.out.println("size " + queue.size());
                System.out.println("items " + queue.take()[0] + " " + queue.take()[0] + " " + queue.poll());
                System.out.println("objects " + Node.self().liveObjects());
            }
        }
    }

    @Test
    void anItemLargerThanTheMemoryThatIsLeftIsRefusedAndTheQueueLives(@TempDir Path folder) throws Exception {
        var meminfo = folder.resolve("meminfo");
        Files.writeString(meminfo, "MemTotal: 24000000 kB\nMemFree: 300000 kB\nMemAvailable: 153600 kB\n");
        var script = "mount --bind " + meminfo + " /proc/meminfo && exec \"$@\"";
        assumeTrue(works("unshare", "--mount", "sh", "-c", script, "sh", "true"), "needs the right to mount");
        try (var root = RootJvm.with(List.of("-Xmx1g"))
                .under("unshare", "--mount", "sh", "-c", script, "sh")
                .run(LittleMemory.class)) {
            assertThat(root.exitAndOutput()).isZero();
            assertThat(root.out().getFirst()).startsWith("refused: Not enough memory");
            assertThat(root.out().subList(1, 5))
                    .containsExactly("refused again", "size 2", "items 1 2 null", "objects 1");
        }
    }

    private static boolean works(String... command) throws Exception {
        try {
            var process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (java.io.IOException e) {
            return false; // there is no such program
        }
    }

    private static final String[] ANOTHER_USER = {
        "setpriv",
        "--reuid=64321",
        "--regid=64321",
        "--clear-groups",
        "--inh-caps=+dac_read_search", // to read the class path wherever it is
        "--ambient-caps=+dac_read_search"
    };

    // ---- descriptors and processes ------------------------------------------------------------------------------

    /// Takes what there is until it is refused, gives it back, and goes on.
    static final class Greedy {
        public static void main(String[] args) throws Exception {
            ChildProcess.of(BadInputTest::nothing).start().join();
            System.out.println("ready");
            var words = new BufferedReader(new InputStreamReader(System.in));
            words.readLine();
            var taken = new ArrayList<AutoCloseable>();
            for (int round = 0; round < 2; round++) {
                String refusal = null;
                for (int i = 0; i < 500 && refusal == null; i++) {
                    try {
                        taken.add(
                                switch (args[0]) {
                                    case "arrays" -> SharedIntArray.ofLength(20_000);
                                    case "pools" -> use(Pool.open(2));
                                    default ->
                                        ChildProcess.of(Greedy::sleep)
                                                .daemon(true)
                                                .start();
                                });
                    } catch (Throwable e) {
                        refusal = e.toString().replace('\n', ' ');
                    }
                }
                System.out.println("refused after " + taken.size() + ": " + refusal);
                if (args[0].equals("processes")) {
                    words.readLine(); // the limit is lifted
                }
                for (var one : taken) {
                    if (one instanceof ChildProcess child) {
                        System.out.println(child.isAlive() ? "alive" : "dead " + child);
                        child.kill();
                    }
                    one.close();
                }
                taken.clear();
                System.out.println("call: " + ChildProcess.<Integer>call(() -> 5));
            }
            Processes.await(
                    () -> ProcessHandle.current().children().toList() + " "
                            + Node.self().liveObjects(),
                    () -> ProcessHandle.current().children().allMatch(p -> Processes.isGone(p.pid()))
                            && Node.self().liveObjects() == 0);
            System.out.println("nothing left");
        }

        static @Nullable Pool use(Pool pool) throws InterruptedException {
            try {
                pool.<Integer>apply(() -> 1);
                return pool;
            } catch (RuntimeException e) {
                pool.close();
                throw e;
            }
        }

        static void sleep() throws InterruptedException {
            Thread.sleep(Duration.ofMinutes(10));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"children", "arrays", "pools"})
    void aProgramThatRunsOutOfDescriptorsIsToldAndCanGoOn(String what) throws Exception {
        assumeTrue(works("prlimit", "--nofile=80", "true"));
        try (var root = RootJvm.with(List.of()).under("prlimit", "--nofile=80").run(Greedy.class, what)) {
            root.await("ready");
            root.say("go");
            assertThat(root.exitAndOutput())
                    .as(() -> root.out() + "\n" + root.err())
                    .isZero();
            System.out.println(String.join("\n", root.out()));
            boolean takesNone = Basis.isPortable() && what.equals("arrays"); // mapped files need no descriptor
            assertThat(root.out().stream().filter(line -> line.startsWith("refused")))
                    .hasSize(2)
                    .allSatisfy(line ->
                            assertThat(line).containsAnyOf(takesNone ? "refused after 500: null" : "ulimit -n"));
            assertThat(root.out()).contains("nothing left").noneMatch(line -> line.startsWith("dead"));
            assertThat(root.out().stream().filter("call: 5"::equals)).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 9, 14})
    void aProgramThatRunsOutOfProcessesIsToldAndCanGoOn(int more) throws Exception {
        var test = new ArrayList<>(List.of(ANOTHER_USER));
        test.add("true");
        assumeTrue(works(test.toArray(String[]::new)), "needs the right to become another user");
        try (var root = RootJvm.with(List.of()).under(ANOTHER_USER).run(Greedy.class, "processes")) {
            root.await("ready");
            for (int round = 0; round < 2; round++) {
                int threads = Path.of("/proc/" + root.pid() + "/task").toFile().list().length;
                limit(root.pid(), threads + more);
                if (round == 0) {
                    root.say("go");
                }
                root.await("refused after.*", round + 1);
                limit(root.pid(), 5_000);
                root.say("go");
                root.await("call: 5", round + 1);
            }
            assertThat(root.exitAndOutput())
                    .as(() -> root.out() + "\n" + root.err())
                    .isZero();
            System.out.println(String.join("\n", root.out()));
            assertThat(root.out().stream().filter(line -> line.startsWith("refused")))
                    .hasSize(2)
                    .allSatisfy(line -> assertThat(line).contains("IllegalStateException", "limit of processes"));
            assertThat(root.out()).contains("nothing left"); // a JVM that booted too late may be dead
        }
    }

    private static void limit(long pid, int processes) throws Exception {
        var command = new ArrayList<>(List.of(ANOTHER_USER)); // nobody else may, without further rights
        command.addAll(List.of("prlimit", "--pid", "" + pid, "--nproc=" + processes + ":"));
        assertThat(works(command.toArray(String[]::new))).isTrue();
    }
}
