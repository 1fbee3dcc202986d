package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.procession.ChildProcess;
import io.github.procession.ExitStatus;
import io.github.procession.Output;
import io.github.procession.SharedInt;
import io.github.procession.SharedQueue;
import io.github.procession.Signal;
import io.github.procession.function.SerializableRunnable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChildProcessTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final ExitStatus SUCCESS = new ExitStatus(0, Optional.empty());

    // ---- what children do ---------------------------------------------------------------------------------------

    static void nothing() {}

    static void sleep() throws InterruptedException {
        Thread.sleep(Duration.ofMinutes(10));
    }

    /// Says that it is there, then sleeps.
    static void sleepAfter(SharedQueue<Long> there) throws InterruptedException {
        there.put(ProcessHandle.current().pid());
        sleep();
    }

    /// Says that it is there, then works without end.
    static void spinAfter(SharedQueue<Long> there) throws InterruptedException {
        there.put(ProcessHandle.current().pid());
        while (!there.equals("")) {
            Thread.onSpinWait();
        }
    }

    /// Starts a child that sleeps and a foreign program that sleeps, and sleeps itself.
    static void sleepInAFamily(SharedQueue<Long> there) throws InterruptedException, IOException {
        var _ = ChildProcess.of(ChildProcessTest::sleepAfter, there).start();
        there.put(new ProcessBuilder("sleep", "600").start().pid());
        sleepAfter(there);
    }

    private static List<Long> take(SharedQueue<Long> there, int count) throws InterruptedException {
        var pids = new ArrayList<Long>();
        for (int i = 0; i < count; i++) {
            pids.add(
                    Objects.requireNonNull(there.poll(SOON.toSeconds(), TimeUnit.SECONDS), "a child says it is there"));
        }
        return pids;
    }

    private static ExitStatus statusOf(ChildProcess process) throws InterruptedException {
        assertThat(process.join(SOON)).as("%s ends", process).isTrue();
        return process.exitStatus().orElseThrow();
    }

    private static ExitStatus statusOf(SerializableRunnable target) throws InterruptedException {
        return statusOf(ChildProcess.of(target).start());
    }

    // ---- its life -----------------------------------------------------------------------------------------------

    @Test
    void isWhatItShouldBeBeforeDuringAndAfterItsRun() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(1)) {
            var p = ChildProcess.of(ChildProcessTest::sleepAfter, there).name("sleeper");
            assertThat(p.isAlive()).isFalse();
            assertThat(p.exitStatus()).isEmpty();
            assertThat(p.name()).isEqualTo("sleeper");
            assertThat(p.onExit()).isNotDone();
            assertThat(ChildProcess.active()).doesNotContain(p);
            assertThat(p.toString()).contains("not started");
            for (var tooEarly : List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
                    p::pid,
                    p::toHandle,
                    p::join,
                    () -> p.join(SOON),
                    p::interrupt,
                    p::terminate,
                    p::kill,
                    () -> p.stop(SOON))) {
                assertThatThrownBy(tooEarly)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("not been started");
            }
            p.close();

            assertThat(p.start()).isSameAs(p);
            assertThat(p.isAlive()).isTrue();
            assertThat(ChildProcess.active()).contains(p);
            assertThat(there.take()).isEqualTo(p.pid());
            assertThat(p.toHandle().pid()).isEqualTo(p.pid());
            assertThat(p.toHandle().parent().orElseThrow()).isEqualTo(ProcessHandle.current());
            assertThat(p.exitStatus()).isEmpty();
            assertThat(p.join(Duration.ZERO)).isFalse();
            assertThat(p.join(Duration.ofSeconds(-1))).isFalse();
            assertThat(p.join(Duration.ofMillis(20))).isFalse();
            assertThatThrownBy(p::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("once");
            assertThatThrownBy(() -> p.name("late")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> p.daemon(true)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> p.options(o -> o)).isInstanceOf(IllegalStateException.class);
            assertThat(p.toString()).contains("sleeper", "alive", "" + p.pid());

            p.terminate();
            assertThat(p.join(Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
            assertThat(p.exitStatus()).contains(new ExitStatus(143, Optional.of(Signal.SIGTERM)));
            assertThat(p.isAlive()).isFalse();
            assertThat(ChildProcess.active()).doesNotContain(p);
            p.join();
            p.terminate();
            p.kill();
            p.interrupt();
            p.close();
            p.close();
            assertThat(p.name()).isEqualTo("sleeper");
            assertThat(p.pid()).isPositive();
            assertThat(p.toString()).contains("SIGTERM");
            assertThatThrownBy(p::start).isInstanceOf(IllegalStateException.class);
        }
    }

    record Parcel(String text, int @Nullable [] numbers, Map<String, Double> map) implements Serializable {}

    static void compare(@Nullable Object nothing, Parcel parcel, SharedQueue<String> seen) throws InterruptedException {
        seen.put(nothing + " " + parcel.text + " " + Arrays.toString(parcel.numbers) + " " + parcel.map);
        var self = ChildProcess.current();
        seen.put(self.name() + " " + self.pid() + " " + self.daemon() + " " + self.isAlive());
        var parent = ChildProcess.parent().orElseThrow();
        seen.put(parent.name() + " " + parent.pid() + " " + parent.daemon() + " " + parent.isAlive());
        seen.put(ChildProcess.active().toString());
    }

    @Test
    void seesItsArgumentsItsNameAndItsParent() throws Exception {
        try (SharedQueue<String> seen = SharedQueue.create(10)) {
            var parcel = new Parcel("ünï", new int[] {1, -1}, Map.of("pi", 3.14));
            var p = ChildProcess.of(ChildProcessTest::compare, null, parcel, seen)
                    .name("Köln @x -y \"z\"")
                    .daemon(true)
                    .start();
            assertThat(statusOf(p)).isEqualTo(SUCCESS);
            assertThat(p.exitStatus().orElseThrow().success()).isTrue();
            assertThat(seen.take()).isEqualTo("null ünï [1, -1] {pi=3.14}");
            assertThat(seen.take()).isEqualTo("Köln @x -y \"z\" " + p.pid() + " true true");
            assertThat(seen.take()).isEqualTo("main " + ProcessHandle.current().pid() + " false true");
            assertThat(seen.take()).isEqualTo("[]");
            assertThat(ChildProcess.current().name()).isEqualTo("main");
            assertThat(ChildProcess.parent()).isEmpty();
        }
    }

    static void nameOfAChild(SharedQueue<String> names) throws InterruptedException {
        names.put(ChildProcess.current().name());
        if (names.size() < 3) {
            for (int i = 0; i < 2 && names.size() < 3; i++) {
                ChildProcess.of(ChildProcessTest::nameOfAChild, names).start().join();
            }
        }
    }

    @Test
    void unnamedProcessesAreNumberedByTheirPath() throws Exception {
        try (SharedQueue<String> names = SharedQueue.create(10)) {
            var p = ChildProcess.of(ChildProcessTest::nameOfAChild, names);
            p.start();
            assertThat(statusOf(p)).isEqualTo(SUCCESS);
            assertThat(p.name()).matches("Process-\\d+");
            assertThat(names.take()).isEqualTo(p.name());
            assertThat(names.take()).isEqualTo(p.name() + ":1");
            assertThat(names.take()).isEqualTo(p.name() + ":1:1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "a\nb", "a\0b"})
    void aNameThatPsCannotShowIsRefused(String name) {
        assertThatThrownBy(() -> ChildProcess.of(ChildProcessTest::nothing).name(name))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void psShowsItsName() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(1)) {
            try (var p = ChildProcess.of(ChildProcessTest::sleepAfter, there)
                    .name("visible")
                    .daemon(true)
                    .start()) {
                there.take();
                assertThat(Files.readString(Path.of("/proc/" + p.pid() + "/cmdline"))
                                .split("\0"))
                        .contains("visible");
            }
        }
    }

    // ---- many ---------------------------------------------------------------------------------------------------

    @Test
    void manyChildrenRun() throws Exception {
        try (var ran = SharedInt.of(0)) {
            int waves = Integer.getInteger("conformance.children", 30) / 10;
            for (int wave = 0; wave < waves; wave++) {
                var children = new ArrayList<ChildProcess>();
                for (int i = 0; i < 10; i++) {
                    children.add(ChildProcess.of(() -> {
                                ran.incrementAndGet();
                            })
                            .start());
                }
                for (var child : children) {
                    assertThat(statusOf(child)).isEqualTo(SUCCESS);
                }
            }
            assertThat(ran.get()).isEqualTo(10 * waves);
        }
    }

    @Test
    void aHundredChildrenThatAreTerminatedRightAfterTheirStartEndByThatSignal() throws Exception {
        var children = new ArrayList<ChildProcess>();
        for (int i = 0; i < 100; i++) {
            var child = ChildProcess.of(ChildProcessTest::sleep).start();
            child.terminate();
            children.add(child);
        }
        for (var child : children) {
            assertThat(statusOf(child)).isEqualTo(new ExitStatus(143, Optional.of(Signal.SIGTERM)));
        }
    }

    @Test
    void startedByAThreadThatEndsItLivesOn() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(10)) {
            var children = new ArrayList<ChildProcess>();
            for (int i = 0; i < 3; i++) {
                var child = ChildProcess.of(ChildProcessTest::sleepAfter, there).daemon(true);
                var starter = i % 2 == 0
                        ? Thread.ofPlatform().start(child::start)
                        : Thread.ofVirtual().start(child::start);
                starter.join();
                children.add(child);
            }
            take(there, 3);
            assertThat(children.getFirst().join(Duration.ofMillis(500))).isFalse();
            for (var child : children) {
                assertThat(child.isAlive()).isTrue();
                child.close();
            }
        }
    }

    // ---- families -----------------------------------------------------------------------------------------------

    static void recurse(SharedQueue<List<Integer>> paths, List<Integer> path) throws InterruptedException {
        paths.put(path);
        if (path.size() < 2) {
            for (int i = 0; i < 2; i++) {
                var longer = new ArrayList<>(path);
                longer.add(i);
                ChildProcess.of(ChildProcessTest::recurse, paths, (List<Integer>) longer)
                        .start()
                        .join();
            }
        }
    }

    @Test
    void aTreeOfChildrenReportsInItsOrder() throws Exception {
        try (SharedQueue<List<Integer>> paths = SharedQueue.create(10)) {
            assertThat(statusOf(ChildProcess.of(ChildProcessTest::recurse, paths, new ArrayList<Integer>())
                            .start()))
                    .isEqualTo(SUCCESS);
            var all = new ArrayList<List<Integer>>();
            paths.drainTo(all);
            assertThat(all)
                    .containsExactly(
                            List.of(),
                            List.of(0),
                            List.of(0, 0),
                            List.of(0, 1),
                            List.of(1),
                            List.of(1, 0),
                            List.of(1, 1));
        }
    }

    static void childOfAChild(SharedQueue<String> seen) throws InterruptedException {
        var parent = ChildProcess.parent().orElseThrow();
        seen.put(parent.name());
        seen.put("" + parent.pid());
        seen.put("" + parent.isAlive());
        seen.put("" + ProcessHandle.current().pid());
        sleep();
    }

    static void parentOfAChild(SharedQueue<String> seen) throws InterruptedException {
        ChildProcess.of(ChildProcessTest::childOfAChild, seen).start().join();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aGrandchildSeesItsParentAndGoesWithIt(boolean byTheLibrary) throws Exception {
        try (SharedQueue<String> seen = SharedQueue.create(10)) {
            var parent = ChildProcess.of(ChildProcessTest::parentOfAChild, seen)
                    .name("middle")
                    .start();
            assertThat(seen.take()).isEqualTo("middle");
            assertThat(seen.take()).isEqualTo("" + parent.pid());
            assertThat(seen.take()).isEqualTo("true");
            long grandchild = Long.parseLong(seen.take());
            if (byTheLibrary) {
                parent.kill();
            } else {
                parent.toHandle().destroyForcibly(); // a SIGKILL that nobody announces
            }
            assertThat(statusOf(parent)).isEqualTo(new ExitStatus(137, Optional.of(Signal.SIGKILL)));
            Processes.awaitGone("a grandchild whose parent was killed", List.of(grandchild));
        }
    }

    @Test
    void killTakesForeignDescendantsToo() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(10)) {
            var child = ChildProcess.of(ChildProcessTest::sleepInAFamily, there).start();
            var family = take(there, 3);
            assertThat(family).contains(child.pid());
            assertThat(Processes.notGone(family)).hasSize(3);
            child.kill();
            Processes.awaitGone("a killed child, its child and a foreign program", family);
            assertThat(statusOf(child).signal()).contains(Signal.SIGKILL);
        }
    }

    @Test
    void aDaemonMayHaveChildrenWhichGoWithIt() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(10)) {
            List<Long> family;
            try (var daemon = ChildProcess.of(ChildProcessTest::daemonWithAChild, there)
                    .daemon(true)
                    .start()) {
                family = take(there, 2);
                assertThat(family).contains(daemon.pid());
            }
            Processes.awaitGone("a closed daemon and its child", family);
        }
    }

    static void daemonWithAChild(SharedQueue<Long> there) throws InterruptedException {
        var _ = ChildProcess.of(ChildProcessTest::sleepAfter, there).start();
        sleepAfter(there);
    }

    static void reportSettings(SharedQueue<String> seen, int depth) throws InterruptedException {
        seen.put(settings());
        if (depth > 1) {
            ChildProcess.of(ChildProcessTest::reportSettings, seen, depth - 1)
                    .start()
                    .join();
        }
    }

    private static String settings() {
        var properties = new TreeMap<String, String>();
        System.getProperties().stringPropertyNames().stream()
                .filter(key -> !key.equals("sun.java.command") && !key.contains("pid"))
                .forEach(key -> properties.put(key, System.getProperty(key)));
        var flags = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-XX:ErrorFile=")) // each has its own
                .sorted()
                .toList();
        return flags + "\n" + String.join("\n", properties.toString().split(", ")) + "\n"
                + new TreeMap<>(System.getenv());
    }

    @Test
    void theSettingsOfAGrandchildAreThoseOfTheChild(@TempDir Path folder) throws Exception {
        try (SharedQueue<String> seen = SharedQueue.create(3)) {
            var child = ChildProcess.of(ChildProcessTest::reportSettings, seen, 3)
                    .options(o -> o.maxHeap("200m")
                            .cpus(1)
                            .jvmArgs("-Xss2m", "--add-opens=java.base/java.lang=ALL-UNNAMED", "-ea")
                            .systemProperty("conformance.a", "b c \"d\" \\ # 'e'")
                            .environment("CONFORMANCE", "x y")
                            .workingDirectory(folder))
                    .start();
            assertThat(statusOf(child)).isEqualTo(SUCCESS);
            var settings = seen.take();
            assertThat(settings)
                    .contains("-Xmx200m", "-XX:ActiveProcessorCount=1", "-Xss2m", "--add-opens=java.base/java.lang")
                    .contains("conformance.a=b c \"d\" \\ # 'e'", "CONFORMANCE=x y", "user.dir=" + folder.toRealPath());
            assertThat(seen.take()).isEqualTo(settings);
            assertThat(seen.take()).isEqualTo(settings);
        }
    }

    @Test
    void aPropertyOfItsOwnWinsOverTheParents() throws Exception {
        System.setProperty("conformance.mine", "parent");
        System.setProperty("conformance.flag", "parent");
        System.setProperty("conformance.other", "parent");
        try (SharedQueue<String> seen = SharedQueue.create(3)) {
            var child = ChildProcess.of(ChildProcessTest::reportProperties, seen)
                    .options(o -> o.systemProperty("conformance.mine", "child").jvmArgs("-Dconformance.flag=child"))
                    .start();
            assertThat(statusOf(child)).isEqualTo(SUCCESS);
            assertThat(seen.take()).isEqualTo("child child parent");
        } finally {
            System.clearProperty("conformance.mine");
            System.clearProperty("conformance.flag");
            System.clearProperty("conformance.other");
        }
    }

    static void reportProperties(SharedQueue<String> seen) throws InterruptedException {
        seen.put(System.getProperty("conformance.mine") + " " + System.getProperty("conformance.flag") + " "
                + System.getProperty("conformance.other"));
    }

    @Test
    void optionsThatDifferEachTimeLeaveNothingBehind() throws Exception {
        for (int i = 0; i < 12; i++) {
            var number = "" + i;
            assertThat(statusOf(ChildProcess.of(ChildProcessTest::nothing)
                            .options(o -> o.systemProperty("conformance.number", number))
                            .start()))
                    .isEqualTo(SUCCESS);
        }
    }

    // ---- what the parent keeps ----------------------------------------------------------------------------------

    record Ballast(byte[] bytes) implements Serializable {}

    static void carry(Ballast ballast, SharedQueue<Long> there) throws InterruptedException {
        sleepAfter(there);
    }

    @Test
    void theTargetAndItsArgumentsCanBeCollectedAfterTheStart() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(2)) {
            var argument = new Ballast(new byte[1 << 20]);
            var captured = new Ballast(new byte[1 << 20]);
            var references = List.of(new WeakReference<>(argument), new WeakReference<>(captured));
            var children = List.of(
                    ChildProcess.of(ChildProcessTest::carry, argument, there)
                            .daemon(true)
                            .start(),
                    ChildProcess.of(capturing(captured, there)).daemon(true).start());
            argument = null;
            captured = null;
            take(there, 2);
            for (var reference : references) {
                Processes.await("a target's argument to be collected", () -> {
                    System.gc();
                    return reference.get() == null;
                });
            }
            children.forEach(ChildProcess::close);
        }
    }

    private static SerializableRunnable capturing(Ballast ballast, SharedQueue<Long> there) {
        return () -> carry(ballast, there);
    }

    @Test
    void eachOfFiveChildrenHasTheSameOpenFilesAndNoneOfTheParents(@TempDir Path folder) throws Exception {
        var file = folder.resolve("opened-by-the-parent");
        try (SharedQueue<Long> there = SharedQueue.create(5);
                var _ = new FileOutputStream(file.toFile());
                var socket = new ServerSocket(0)) {
            assertThat(socket.isBound()).isTrue();
            var children = new ArrayList<ChildProcess>();
            for (int i = 0; i < 5; i++) {
                children.add(ChildProcess.of(ChildProcessTest::sleepAfter, there)
                        .daemon(true)
                        .start());
            }
            take(there, 5);
            var counts = new ArrayList<Integer>();
            Processes.await(() -> "five children with equally many descriptors: " + counts, () -> {
                counts.clear();
                children.forEach(c -> counts.add(Processes.descriptors(c.pid()).size()));
                return new HashSet<>(counts).size() == 1; // while they boot, some are ahead of others
            });
            var sockets = Processes.descriptors(ProcessHandle.current().pid());
            sockets.removeIf(target -> !target.startsWith("socket:"));
            assertThat(sockets).isNotEmpty();
            for (var child : children) {
                assertThat(Processes.descriptors(child.pid()))
                        .doesNotContain(file.toString())
                        .doesNotContainAnyElementsOf(sockets);
            }
            children.forEach(ChildProcess::close);
        }
    }

    // ---- how it ends --------------------------------------------------------------------------------------------

    static void startAThread(boolean daemon, SharedInt result) {
        Thread.ofPlatform().daemon(daemon).start(() -> {
            for (int i = 0; i < 30; i++) {
                java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
            }
            if (daemon) {
                java.util.concurrent.locks.LockSupport.parkNanos(
                        Duration.ofMinutes(10).toNanos());
            }
            result.incrementAndGet();
        });
    }

    @Test
    void endsWithItsLastThreadThatIsNoDaemon() throws Exception {
        try (var result = SharedInt.of(0)) {
            var child = ChildProcess.of(ChildProcessTest::startAThread, false, result)
                    .start();
            assertThat(statusOf(child)).isEqualTo(SUCCESS);
            assertThat(result.get()).isEqualTo(1);
            var other = ChildProcess.of(ChildProcessTest::startAThread, true, result)
                    .start();
            assertThat(statusOf(other)).isEqualTo(SUCCESS);
            assertThat(result.get()).isEqualTo(1);
        }
    }

    static void addHooks(SharedInt result, boolean exit) {
        for (int i = 0; i < 3; i++) {
            Runtime.getRuntime().addShutdownHook(new Thread(result::incrementAndGet));
        }
        if (exit) {
            System.exit(4);
        }
    }

    @Test
    void itsShutdownHooksRun() throws Exception {
        try (var result = SharedInt.of(0)) {
            assertThat(statusOf(ChildProcess.of(ChildProcessTest::addHooks, result, false)
                            .start()))
                    .isEqualTo(SUCCESS);
            assertThat(result.get()).isEqualTo(3);
            assertThat(statusOf(ChildProcess.of(ChildProcessTest::addHooks, result, true)
                                    .start())
                            .code())
                    .isEqualTo(4);
            assertThat(result.get()).isEqualTo(6);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 255, 143, 137, 129})
    void anExitCodeArrivesAsSuch(int code) throws Exception {
        assertThat(statusOf(() -> System.exit(code))).isEqualTo(new ExitStatus(code, Optional.empty()));
        if (code < 129 || code == 255) { // a halt leaves no word that tells it from a signal
            assertThat(statusOf(() -> Runtime.getRuntime().halt(code)))
                    .isEqualTo(new ExitStatus(code, Optional.empty()));
        }
    }

    static void exitElsewhere(int code) throws InterruptedException {
        Thread.ofPlatform().start(() -> System.exit(code));
        sleep();
    }

    @Test
    void anExitCodeArrivesFromAnyThread() throws Exception {
        assertThat(statusOf(ChildProcess.of(ChildProcessTest::exitElsewhere, 6).start()))
                .isEqualTo(new ExitStatus(6, Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIGTERM", "SIGHUP", "SIGINT", "SIGKILL", "SIGQUIT", "SIGABRT"})
    void aSignalArrivesAsSuch(String name) throws Exception {
        var signal = Signal.valueOf(name);
        assumeNotIgnored(signal);
        try (SharedQueue<Long> there = SharedQueue.create(1)) {
            var child = ChildProcess.of(ChildProcessTest::sleepAfter, there)
                    .options(o -> o.output(Output.DISCARD))
                    .start();
            there.take();
            signal(child.pid(), name.substring(3));
            if (signal == Signal.SIGQUIT) { // a thread dump, not an end
                assertThat(child.join(Duration.ofMillis(200))).isFalse();
                child.kill();
                signal = Signal.SIGKILL;
            }
            assertThat(statusOf(child)).isEqualTo(new ExitStatus(128 + signal.number(), Optional.of(signal)));
            Files.deleteIfExists(errorFile(child.pid())); // SIGABRT
        }
    }

    /// What `nohup`, or a shell's `&`, makes a process ignore, its children ignore too.
    private static void assumeNotIgnored(Signal signal) throws IOException {
        long ignored = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .mapToLong(line -> Long.parseUnsignedLong(
                        line.substring("SigIgn:".length()).strip(), 16))
                .findFirst()
                .orElseThrow();
        assumeThat(ignored >> (signal.number() - 1) & 1)
                .as("the tests were started with " + signal + " ignored")
                .isZero();
    }

    static void signal(long pid, String name) throws IOException, InterruptedException {
        var kill = new ProcessBuilder("kill", "-" + name, "" + pid).start();
        assertThat(kill.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(kill.exitValue()).isZero();
    }

    static Path errorFile(long pid) {
        return Path.of(System.getProperty("java.io.tmpdir"), "hs_err_pid" + pid + ".log");
    }

    static void fail() throws IOException {
        throw new IOException("outer", new IllegalStateException("inner"));
    }

    @Test
    void anUncaughtExceptionIsPrintedUnderItsName() throws Exception {
        try (var captured = new Captured()) {
            var child = ChildProcess.of(ChildProcessTest::fail).name("unlucky").start();
            assertThat(statusOf(child)).isEqualTo(new ExitStatus(1, Optional.empty()));
            assertThat(captured.err()).startsWith("Process unlucky:", "java.io.IOException: outer");
            assertThat(String.join("\n", captured.err()))
                    .contains("at " + ChildProcessTest.class.getName() + ".fail")
                    .contains("Caused by: java.lang.IllegalStateException: inner");
            assertThat(captured.out()).isEmpty();
        }
    }

    static void closeStreams(SharedInt result) throws IOException {
        assertThat(System.in.read()).isEqualTo(-1);
        System.in.close();
        System.out.close();
        System.err.close();
        System.out.println("nowhere");
        System.err.println("nowhere");
        result.incrementAndGet();
    }

    @Test
    void mayCloseItsStandardStreams() throws Exception {
        try (var result = SharedInt.of(0)) {
            assertThat(statusOf(ChildProcess.of(ChildProcessTest::closeStreams, result)
                            .start()))
                    .isEqualTo(SUCCESS);
            assertThat(result.get()).isEqualTo(1);
        }
    }

    @Test
    void onExitTellsEveryoneWhoAsked() throws Exception {
        var child = ChildProcess.of(() -> System.exit(3));
        var before = child.onExit();
        child.start();
        var during = child.onExit();
        during.complete(SUCCESS); // of its own: spoils nobody else's
        var chained = before.thenApply(status -> {
            assertThat(child.isAlive()).isFalse();
            return status.code();
        });
        assertThat(chained.get(30, TimeUnit.SECONDS)).isEqualTo(3);
        assertThat(child.exitStatus()).contains(new ExitStatus(3, Optional.empty()));
        assertThat(child.onExit().get(30, TimeUnit.SECONDS).code()).isEqualTo(3);
    }

    // ---- how it is ended ----------------------------------------------------------------------------------------

    static void awaitInterrupt(SharedQueue<Long> there, SharedInt interrupts) {
        try {
            sleepAfter(there);
        } catch (InterruptedException e) {
            interrupts.incrementAndGet();
        }
    }

    @Test
    void interruptReachesItsMainThread() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(1);
                var interrupts = SharedInt.of(0)) {
            var child = ChildProcess.of(ChildProcessTest::awaitInterrupt, there, interrupts)
                    .start();
            there.take();
            child.interrupt();
            assertThat(statusOf(child)).isEqualTo(SUCCESS);
            assertThat(interrupts.get()).isEqualTo(1);
        }
    }

    static void takeForever(SharedQueue<Long> there, SharedQueue<Long> empty, SharedInt interrupts) throws Exception {
        there.put(1L);
        try {
            empty.take();
        } catch (InterruptedException e) {
            interrupts.incrementAndGet();
        }
    }

    @Test
    void interruptEndsAWaitForAQueue() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(1);
                SharedQueue<Long> empty = SharedQueue.create(1);
                var interrupts = SharedInt.of(0)) {
            var child = ChildProcess.of(ChildProcessTest::takeForever, there, empty, interrupts)
                    .start();
            there.take();
            assertThat(child.join(Duration.ofMillis(50))).isFalse();
            child.interrupt();
            assertThat(statusOf(child)).isEqualTo(SUCCESS);
            assertThat(interrupts.get()).isEqualTo(1);
        }
    }

    static void resist(SharedQueue<Long> there) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            while (there.remainingCapacity() > -1) {
                java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
            }
        }));
        spinAfter(there);
    }

    @Test
    void stopGoesAsFarAsItMust() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(1);
                var interrupts = SharedInt.of(0);
                var _ = new Captured()) {
            var polite = ChildProcess.of(ChildProcessTest::awaitInterrupt, there, interrupts)
                    .start();
            there.take();
            assertThat(polite.stop(SOON)).isTrue();
            assertThat(polite.exitStatus()).contains(SUCCESS);
            assertThat(interrupts.get()).isEqualTo(1);

            var busy = ChildProcess.of(ChildProcessTest::spinAfter, there).start();
            there.take();
            assertThat(busy.stop(Duration.ofSeconds(2))).isTrue(); // once in vain, once for a JVM to shut down
            assertThat(busy.exitStatus().orElseThrow().signal()).contains(Signal.SIGTERM);

            var stubborn = ChildProcess.of(ChildProcessTest::resist, there).start();
            there.take();
            assertThat(stubborn.stop(Duration.ofMillis(100))).isFalse();
            assertThat(stubborn.exitStatus().orElseThrow().signal()).contains(Signal.SIGKILL);
        }
    }

    @Test
    void closeJoinsAndStopsADaemon() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(1);
                var result = SharedInt.of(0)) {
            ChildProcess joined;
            try (var child = ChildProcess.of(ChildProcessTest::startAThread, false, result)
                    .start()) {
                joined = child;
            }
            assertThat(joined.exitStatus()).contains(SUCCESS);
            assertThat(result.get()).isEqualTo(1);
            var daemon = ChildProcess.of(ChildProcessTest::awaitInterrupt, there, result)
                    .daemon(true)
                    .start();
            there.take();
            daemon.close();
            assertThat(daemon.exitStatus()).contains(SUCCESS);
            daemon.close();
        }
    }

    @Test
    void anInterruptedCloseKillsAndStaysInterrupted() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(1)) {
            var child = ChildProcess.of(ChildProcessTest::sleepAfter, there).start();
            there.take();
            Thread.currentThread().interrupt();
            child.close();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(child.exitStatus().orElseThrow().signal()).contains(Signal.SIGKILL);
        }
    }

    @Test
    void anInterruptedJoinLeavesItRunning() throws Exception {
        try (var child = ChildProcess.of(ChildProcessTest::sleep).daemon(true).start()) {
            for (boolean limited : new boolean[] {false, true}) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> {
                            if (limited) {
                                child.join(SOON);
                            } else {
                                child.join();
                            }
                        })
                        .isInstanceOf(InterruptedException.class);
                assertThat(child.isAlive()).isTrue();
            }
        }
    }

    @Test
    void aStoppedProcessIsAliveAndGoesOnAfterwards() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(10);
                SharedQueue<Long> back = SharedQueue.create(10)) {
            var child = ChildProcess.of(ChildProcessTest::echo, there, back).start();
            there.put(1L);
            assertThat(back.take()).isEqualTo(1L);
            Processes.stop(child.pid());
            there.put(2L);
            child.interrupt();
            assertThat(child.join(Duration.ofMillis(300))).isFalse();
            assertThat(back.poll()).isNull();
            signal(child.pid(), "CONT");
            assertThat(statusOf(child)).isEqualTo(SUCCESS);
        }
    }

    static void echo(SharedQueue<Long> there, SharedQueue<Long> back) throws InterruptedException {
        try {
            while (true) {
                back.put(there.take());
            }
        } catch (InterruptedException e) {
            return;
        }
    }

    @Test
    void aStoppedProcessCanBeKilled() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(1)) {
            var child = ChildProcess.of(ChildProcessTest::sleepAfter, there).start();
            there.take();
            Processes.stop(child.pid());
            child.kill();
            assertThat(statusOf(child).signal()).contains(Signal.SIGKILL);
        }
    }

    // ---- call ---------------------------------------------------------------------------------------------------

    static int answer() {
        return 42;
    }

    @Test
    void callReturnsWhatTheTaskReturns() throws Exception {
        assertThat(ChildProcess.<Integer>call(() -> answer())).isEqualTo(42);
        assertThat(ChildProcess.<Integer>call(() -> answer(), SOON)).isEqualTo(42);
        assertThat(ChildProcess.<@Nullable Object>call(() -> null)).isNull();
        assertThat(ChildProcess.<Integer>call(() -> ChildProcess.<Integer>call(() -> answer()) + 1))
                .isEqualTo(43);
        var big = ChildProcess.<byte[]>call(() -> new byte[5_000_000]);
        assertThat(big).hasSize(5_000_000);
        assertThat(ChildProcess.active()).isEmpty();
    }

    @Test
    void callThrowsWhatTheTaskThrows() {
        assertThatThrownBy(() -> ChildProcess.<Object>call(() -> {
                    throw new IllegalStateException("unchecked");
                }))
                .isExactlyInstanceOf(IllegalStateException.class)
                .hasMessage("unchecked");
        assertThatThrownBy(() -> ChildProcess.<Object>call(() -> {
                    fail();
                    return 1;
                }))
                .isInstanceOf(io.github.procession.TaskException.class)
                .hasCauseInstanceOf(IOException.class)
                .hasRootCauseMessage("inner")
                .hasStackTraceContaining("ChildProcessTest.fail");
    }

    @Test
    void whatATaskLeavesRunningDoesNotHoldUpItsCall() throws Exception {
        assertThat(ChildProcess.<Integer>call(() -> {
                    Thread.ofPlatform().start(() -> {
                        try {
                            sleep();
                        } catch (InterruptedException e) {
                            // the end
                        }
                    });
                    return 5;
                }))
                .isEqualTo(5);
    }

    static long sleepNatively(SharedQueue<Long> there) throws Throwable {
        var sleep = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().find("sleep").orElseThrow(),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        there.put(ProcessHandle.current().pid());
        return (int) sleep.invokeExact(600);
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop", "native", "family"})
    void aCallThatIsStuckIsKilledAtItsLimitWithAllBelow(String where) throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(10)) {
            int members = where.equals("family") ? 3 : 1;
            var limit = Duration.ofSeconds(1);
            do { // until the task gets as far as to be stuck
                limit = limit.multipliedBy(2);
                for (Long early; (early = there.poll()) != null; ) {
                    assertThat(early).isPositive();
                }
                var given = limit;
                var begin = System.nanoTime();
                assertThatThrownBy(() -> ChildProcess.<Object>call(() -> beStuck(where, there), given))
                        .isInstanceOf(TimeoutException.class)
                        .hasMessageContainingAll(given.toString(), "killed");
                System.out.printf(
                        "call with a limit of %s, stuck in %s: %d ms%n",
                        given, where, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
            } while (there.size() < members && limit.toSeconds() < 30);
            Processes.awaitGone("stuck in " + where, take(there, members));
            assertThat(ChildProcess.active()).isEmpty();
        }
    }

    static Object beStuck(String where, SharedQueue<Long> there) throws Exception {
        switch (where) {
            case "loop" -> spinAfter(there);
            case "family" -> sleepInAFamily(there);
            default -> {
                try {
                    return sleepNatively(there);
                } catch (Throwable t) {
                    throw new AssertionError(t);
                }
            }
        }
        return 1;
    }

    @Test
    void anInterruptedCallKillsItsProcess() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(1)) {
            var thrown = new AtomicReference<@Nullable Throwable>();
            var caller = Thread.ofVirtual().start(() -> {
                try {
                    ChildProcess.<Object>call(() -> {
                        sleepAfter(there);
                        return 1;
                    });
                } catch (Throwable t) {
                    thrown.set(t);
                }
            });
            var pids = take(there, 1);
            caller.interrupt();
            assertThat(caller.join(SOON)).isTrue();
            assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
            Processes.awaitGone("an interrupted call", pids);
        }
    }

    // ---- output -------------------------------------------------------------------------------------------------

    private static final int LINES = 300;

    static void print(int child) {
        for (int i = 0; i < LINES; i++) {
            var text = "child " + child + " line " + i + " " + "x".repeat(i % 97) + " end";
            if (i % 3 == 0) { // in pieces
                System.out.print(text.substring(0, 5));
                System.out.flush();
                System.out.print(text.substring(5) + "\n");
            } else {
                System.out.println(text);
            }
            System.err.println("errors of " + child + " line " + i + " end");
        }
        System.out.println("long " + child + " " + "y".repeat(200_000) + " end");
        System.out.print("without a line end " + child);
    }

    @Test
    void severalChildrenPrintWholeLinesInTheirOrder() throws Exception {
        try (var captured = new Captured()) {
            var children = IntStream.range(0, 3)
                    .mapToObj(n -> ChildProcess.of(ChildProcessTest::print, n).start())
                    .toList();
            for (var child : children) {
                assertThat(statusOf(child)).isEqualTo(SUCCESS);
            }
            // joined means passed on
            var out = captured.out();
            assertThat(out).hasSize(3 * (LINES + 2));
            for (int child = 0; child < 3; child++) {
                var mine = " " + child;
                var number = "child " + child + " ";
                var expected = IntStream.range(0, LINES)
                        .mapToObj(i -> number + "line " + i + " " + "x".repeat(i % 97) + " end")
                        .toList();
                assertThat(out.stream().filter(line -> line.startsWith(number))).containsExactlyElementsOf(expected);
                assertThat(out).contains("long" + mine + " " + "y".repeat(200_000) + " end");
                assertThat(out).contains("without a line end" + mine);
                var errors = "errors of " + child + " ";
                assertThat(captured.err().stream().filter(line -> line.startsWith(errors)))
                        .containsExactlyElementsOf(IntStream.range(0, LINES)
                                .mapToObj(i -> errors + "line " + i + " end")
                                .toList());
            }
        }
    }

    @Test
    void outputIsPrefixedOrDiscardedOnRequest() throws Exception {
        try (var captured = new Captured()) {
            var prefixed = ChildProcess.of(ChildProcessTest::printTwoLines)
                    .name("one")
                    .options(o -> o.output(Output.PREFIXED))
                    .start();
            assertThat(statusOf(prefixed)).isEqualTo(SUCCESS);
            var discarded = ChildProcess.of(ChildProcessTest::printTwoLines)
                    .options(o -> o.output(Output.DISCARD))
                    .start();
            assertThat(statusOf(discarded)).isEqualTo(SUCCESS);
            assertThat(captured.out()).containsExactly("[one] " + GREETING, "[one] ");
            assertThat(captured.err()).containsExactly("[one] error");
        }
    }

    private static final String GREETING = Locales.sayable("grüße", "greetings");

    static void printTwoLines() {
        System.out.println(GREETING);
        System.out.println();
        System.err.println("error");
    }

    static void leaveAChatterbox(SharedQueue<Long> there) throws IOException, InterruptedException {
        var builder = new ProcessBuilder("yes", "chatter").inheritIO();
        there.put(builder.start().pid());
    }

    @Test
    void aForeignProgramThatGoesOnPrintingHoldsUpNobody() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(1)) {
            var child = ChildProcess.of(ChildProcessTest::leaveAChatterbox, there)
                    .options(o -> o.output(Output.DISCARD))
                    .start();
            var chatterbox = take(there, 1);
            try {
                assertThat(statusOf(child)).isEqualTo(SUCCESS);
                assertThat(statusOf(ChildProcessTest::nothing)).isEqualTo(SUCCESS);
            } finally {
                chatterbox.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            }
        }
    }

    @Test
    void aForeignProgramThatKeepsItsOutputOpenHoldsUpNobody() throws Exception {
        try (SharedQueue<Long> there = SharedQueue.create(1)) {
            var child = ChildProcess.of(ChildProcessTest::leaveASleeper, there).start();
            var sleeper = take(there, 1);
            assertThat(statusOf(child)).isEqualTo(SUCCESS);
            assertThat(Processes.notGone(sleeper)).isEqualTo(sleeper);
            sleeper.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        }
    }

    static void leaveASleeper(SharedQueue<Long> there) throws IOException, InterruptedException {
        there.put(new ProcessBuilder("sleep", "600").inheritIO().start().pid());
    }

    // ---- the end of a parent ------------------------------------------------------------------------------------

    /// Starts a child that ends by itself and a daemon that does not; ends as told.
    static final class Parent {
        public static void main(String[] args) throws Exception {
            var there = SharedQueue.<Long>create(10);
            boolean waits = args[0].equals("return") || args[0].equals("throw");
            var _ = ChildProcess.of(Parent::work, waits ? 1500 : 600_000).start();
            var _ = ChildProcess.of(ChildProcessTest::sleepAfter, there)
                    .daemon(true)
                    .start();
            var _ = ChildProcess.of(ChildProcessTest::sleepInAFamily, there)
                    .daemon(true)
                    .start();
            for (int i = 0; i < 4; i++) {
                System.out.println("pid " + there.take());
            }
            System.out.println("there");
            switch (args[0]) {
                case "return" -> {}
                case "exit" -> System.exit(5);
                case "throw" -> throw new IllegalStateException("on purpose");
                case "halt" -> Runtime.getRuntime().halt(6);
                default -> Thread.sleep(Duration.ofMinutes(10));
            }
        }

        static void work(int millis) throws InterruptedException {
            Thread.sleep(millis);
            System.out.println("work done");
        }
    }

    private static List<Long> family(RootJvm root) throws InterruptedException {
        root.await("there");
        return root.await("pid (\\d+)", 4).stream()
                .map(m -> Long.parseLong(m.group(1)))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"return", "throw"})
    void aParentThatEndsNormallyWaitsForItsChildrenAndStopsItsDaemons(String how) throws Exception {
        try (var root = RootJvm.start(Parent.class, how)) {
            var family = family(root);
            assertThat(root.exitAndOutput()).isEqualTo(how.equals("return") ? 0 : 1);
            assertThat(root.out()).contains("work done");
            assertAllGone(family, root);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"exit", "halt"})
    void aParentThatExitsDoesNotWait(String how) throws Exception {
        try (var root = RootJvm.start(Parent.class, how)) {
            var family = family(root);
            assertThat(root.exit()).isEqualTo(how.equals("exit") ? 5 : 6);
            assertThat(root.out()).doesNotContain("work done");
            assertAllGone(family, root);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIGTERM", "SIGINT", "SIGHUP"})
    void aSignalStillEndsAParentOfRunningChildren(String name) throws Exception {
        var signal = Signal.valueOf(name);
        assumeNotIgnored(signal);
        try (var root = RootJvm.start(Parent.class, "sleep")) {
            var family = family(root);
            signal(root.pid(), name.substring(3));
            assertThat(root.exit()).isEqualTo(128 + signal.number());
            assertAllGone(family, root);
        }
    }

    /// The foreign program is beyond reach when nobody kills it by name; that is said in the contract.
    private static void assertAllGone(List<Long> family, RootJvm root) {
        var foreign = family.stream()
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .filter(handle -> handle.info().command().orElse("").endsWith("sleep"))
                .toList();
        var ours = new ArrayList<>(family);
        foreign.forEach(handle -> ours.remove(handle.pid()));
        Processes.awaitGone("children of an ended parent", ours);
        foreign.forEach(ProcessHandle::destroyForcibly);
        Processes.awaitGone("a foreign program", family);
    }

    /// Runs children with standard streams that are missing from the beginning; reports into a file.
    static final class WithoutStreams {
        public static void main(String[] args) throws Exception {
            var report = Path.of(System.getProperty("conformance.report"));
            try (var number = SharedInt.of(1);
                    SharedQueue<String> queue = SharedQueue.create(2)) {
                System.out.println("nobody reads this");
                System.err.println("nor this");
                var child =
                        ChildProcess.of(WithoutStreams::child, number, queue).start();
                child.join();
                var called = ChildProcess.<Integer>call(() -> 3);
                System.out.println("nobody reads this either");
                Files.writeString(
                        report,
                        child.exitStatus().orElseThrow() + " " + number.get() + " " + queue.poll() + " " + called);
            } catch (Throwable t) {
                Files.writeString(report, t.toString());
            }
        }

        static void child(SharedInt number, SharedQueue<String> queue) throws InterruptedException {
            System.out.println("child " + "x".repeat(100_000));
            System.err.println("child " + "x".repeat(100_000));
            number.incrementAndGet();
            queue.put("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&- 2>&-", "</dev/full >/dev/full 2>/dev/full"})
    void missingStandardStreamsOfTheParentDoNoHarm(String closed, @TempDir Path folder) throws Exception {
        var report = folder.resolve("report");
        try (var root = RootJvm.with(List.of("-Dconformance.report=" + report))
                .runIn("exec \"$@\" " + closed, WithoutStreams.class)) {
            assertThat(root.exit()).isZero();
            assertThat(report).hasContent("exit code 0 2 hello 3");
        }
    }

    @Test
    void aClassPathWithOddCharactersReachesTheChild(@TempDir Path folder) throws Exception {
        var odd = folder.resolve(Locales.sayable("a 'b' \"c\" #d $e \\f ü", "a 'b' \"c\" #d $e \\f"));
        Files.createDirectory(odd);
        Files.writeString(odd.resolve("resource.txt"), "found");
        var command = RootJvm.command(List.of(), OddPath.class);
        int at = command.indexOf("-cp") + 1;
        command.set(at, odd + ":" + command.get(at));
        try (var root = RootJvm.of(command)) {
            assertThat(root.exitAndOutput()).isZero();
            assertThat(root.out()).contains("resource found");
        }
    }

    static final class OddPath {
        public static void main(String[] args) throws Exception {
            ChildProcess.of(OddPath::child).start().join();
        }

        static void child() throws IOException {
            try (var in = OddPath.class.getResourceAsStream("/resource.txt")) {
                System.out.println(
                        "resource " + new String(Objects.requireNonNull(in).readAllBytes()));
            }
        }
    }

    /// A future of every kind is completed although nobody is left to run anything.
    @Test
    void manyChildrenAreWaitedForAtOnce() throws Exception {
        var children = IntStream.range(0, 5)
                .mapToObj(n -> ChildProcess.of(() -> System.exit(n)).start())
                .toList();
        var all = CompletableFuture.allOf(
                children.stream().map(ChildProcess::onExit).toArray(CompletableFuture[]::new));
        all.get(30, TimeUnit.SECONDS);
        for (int i = 0; i < children.size(); i++) {
            assertThat(children.get(i).exitStatus().orElseThrow().code()).isEqualTo(i);
        }
    }
}
