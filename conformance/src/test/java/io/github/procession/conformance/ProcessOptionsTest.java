package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import io.github.procession.ChildProcess;
import io.github.procession.Output;
import io.github.procession.Pool;
import io.github.procession.ProcessOptions;
import io.github.procession.Signal;
import io.github.procession.WorkerCrashedException;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every option, as the child itself sees it, and what is said about values that cannot be.
class ProcessOptionsTest {
    private static List<String> outputOf(ChildProcess process) throws InterruptedException {
        try (var captured = new Captured()) {
            process.start().join();
            assertThat(process.exitStatus().orElseThrow().success())
                    .as("%s %s", captured.out(), captured.err())
                    .isTrue();
            return captured.out();
        }
    }

    private static void refused(UnaryOperator<ProcessOptions> change, String message) {
        var process = ChildProcess.of(ProcessOptionsTest::nothing);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> process.options(change))
                .withMessage(message);
    }

    private static void refusedAtTheStart(UnaryOperator<ProcessOptions> change, String message) {
        var process = ChildProcess.of(ProcessOptionsTest::nothing).options(change);
        assertThatIllegalArgumentException().isThrownBy(process::start).withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pool.open(o -> o.workers(1).process(change)))
                .withMessage(message);
    }

    static void nothing() {}

    // ---- sizes and flags -------------------------------------------------------------------------------------------

    static void tellSizes() {
        System.out.println("heap " + (Runtime.getRuntime().maxMemory() >> 20));
        System.out.println("processors " + Runtime.getRuntime().availableProcessors());
        System.out.println("fork-join " + ForkJoinPool.getCommonPoolParallelism());
        System.out.println("collectors "
                + ManagementFactory.getGarbageCollectorMXBeans().stream()
                        .map(bean -> bean.getName())
                        .toList());
        System.out.println("stack " + flag("-Xss") + " asserts " + ProcessOptionsTest.class.desiredAssertionStatus());
        System.out.println("property " + System.getProperty("conformance.odd"));
        System.out.println("variable " + System.getenv("CONFORMANCE_ODD"));
    }

    private static String flag(String prefix) {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith(prefix))
                .reduce((a, b) -> b)
                .orElse("none");
    }

    @Test
    void sizesFlagsPropertiesAndVariablesAreAsTold() throws Exception {
        String odd = "a b 'c' \"d\" \\e # $HOME @x %y";
        var out = outputOf(ChildProcess.of(ProcessOptionsTest::tellSizes)
                .options(o -> o.maxHeap("64m")
                        .cpus(3)
                        .jvmArgs("-Xss3m", "-ea", "--add-opens", "java.base/java.lang=ALL-UNNAMED")
                        .systemProperty("conformance.odd", odd)
                        .environment("CONFORMANCE_ODD", odd)));
        assertThat(out.getFirst()).matches("heap 6[0-4]"); // the serial collector keeps a survivor space for itself
        assertThat(out.subList(1, out.size()))
                .containsExactly(
                        "processors 3",
                        "fork-join 2",
                        "collectors [Copy, MarkSweepCompact]",
                        "stack -Xss3m asserts true",
                        "property " + odd,
                        "variable " + odd);
    }

    @Test
    void byDefaultAChildSeesAllProcessorsAndWorkersShareThem() throws Exception {
        int all = Runtime.getRuntime().availableProcessors();
        assertThat(outputOf(ChildProcess.of(ProcessOptionsTest::tellSizes)))
                .contains("processors " + all, "collectors [Copy, MarkSweepCompact]");
        try (var pool = Pool.open(o -> o.workers(all).process(p -> p.output(Output.DISCARD)))) {
            assertThat(pool.apply(() -> Runtime.getRuntime().availableProcessors()))
                    .isOne();
        }
    }

    @Test
    void aCollectorThatAFlagChoosesIsUsed() throws Exception {
        var out =
                outputOf(ChildProcess.of(ProcessOptionsTest::tellSizes).options(o -> o.jvmArgs("-XX:+UseParallelGC")));
        assertThat(out).contains("collectors [PS MarkSweep, PS Scavenge]");
    }

    @Test
    void sizesThatAreNoneAreRefused() {
        refused(
                o -> o.maxHeap("2 GB"),
                "maxHeap(\"2 GB\"): a size is a number of bytes, or a number and one of k, m, g, t, as in \"512m\"");
        refused(
                o -> o.maxHeap("0m"),
                "maxHeap(\"0m\"): a size is a number of bytes, or a number and one of k, m, g, t, as in \"512m\"");
        refused(
                o -> o.memoryLimit("-1g"),
                "memoryLimit(\"-1g\"): a size is a number of bytes, or a number and one of k, m, g, t, as in \"512m\"");
        refused(o -> o.maxHeap("512"), "maxHeap(\"512\"): a JVM needs at least 2 MB");
        refused(o -> o.memoryLimit("1m"), "memoryLimit(\"1m\"): a JVM needs at least 32 MB");
        refused(o -> o.memoryLimit("9000000000g"), "memoryLimit(\"9000000000g\"): no machine has so much");
        refused(o -> o.cpus(0), "cpus(0): a JVM needs at least 1");
    }

    @Test
    void flagsThatAreNoneAreRefused() {
        refused(
                o -> o.jvmArgs("-Xmx1g -Xss2m", "Main"),
                "jvmArgs(\"Main\"): this is no flag of the JVM; a child's main class is the library's, and each flag is a string of its own");
        refused(
                o -> o.jvmArgs("-jar"),
                "jvmArgs(\"-jar\"): this is no flag of the JVM; a child's main class is the library's, and each flag is a string of its own");
        refused(o -> o.jvmArgs("-cp"), "jvmArgs(\"-cp\"): use classPath(...) for the class path");
        refused(
                o -> o.systemProperty("a=b", "c"),
                "systemProperty(\"a=b\", …): a name is not empty and has no '='; the value is the second argument");
        refused(
                o -> o.environment("A\0", "c"),
                "environment(\"A\\0\", …): a name is not empty and has no '='; neither it nor the value has a NUL");
    }

    @Test
    void whatTheJvmItselfRefusesIsToldByTheStartAsTheJvmTellsIt() {
        try (var _ = new Captured()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> ChildProcess.of(ProcessOptionsTest::nothing)
                            .name("small")
                            .options(o -> o.jvmArgs("-Xmx1k"))
                            .start())
                    .withMessageContaining("The JVM of child process small (")
                    .withMessageContaining("ended with exit code 1 before it had started:")
                    .withMessageContaining("Too small maximum heap");
            assertThatIllegalStateException()
                    .isThrownBy(() -> ChildProcess.of(ProcessOptionsTest::nothing)
                            .options(o -> o.jvmArgs("-XX:+NoSuchFlag"))
                            .start())
                    .withMessageContaining("Unrecognized VM option 'NoSuchFlag'");
        }
    }

    // ---- the scheduler ---------------------------------------------------------------------------------------------

    static void tellScheduling(int depth) throws Exception {
        var status = Files.readAllLines(Path.of("/proc/self/status"));
        var allowed = status.stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .findFirst();
        System.out.println(depth + " processors " + Runtime.getRuntime().availableProcessors() + " of "
                + allowed.orElseThrow().replaceAll(".*:\\s*", "") + ", nice " + niceValues());
        if (depth > 1) {
            ChildProcess.of(ProcessOptionsTest::tellScheduling, depth - 1)
                    .start()
                    .join();
        }
    }

    /// Of all threads of this process.
    private static List<String> niceValues() throws IOException {
        try (var threads = Files.list(Path.of("/proc/self/task"))) {
            return threads.map(ProcessOptionsTest::nice)
                    .filter(nice -> !nice.isEmpty())
                    .distinct()
                    .sorted()
                    .toList();
        }
    }

    private static String nice(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16];
        } catch (IOException e) {
            return ""; // it has ended
        }
    }

    /// The processors that this JVM may run on.
    private static int[] processors() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .flatMap(line ->
                        Pattern.compile("(\\d+)(?:-(\\d+))?").matcher(line).results())
                .mapMultiToInt((range, all) -> {
                    int from = Integer.parseInt(range.group(1));
                    int to = range.group(2) == null ? from : Integer.parseInt(range.group(2));
                    for (int i = from; i <= to; i++) {
                        all.accept(i);
                    }
                })
                .toArray();
    }

    @Test
    void processorsAndNiceValueHoldFromTheFirstMomentAndForAllBelow() throws Exception {
        int[] here = processors();
        int one = here[here.length - 1];
        int mine = Integer.parseInt(niceValues().getFirst());
        int nicer = Math.min(19, mine + 7);
        var out = outputOf(ChildProcess.of(ProcessOptionsTest::tellScheduling, 2)
                .options(o -> o.affinity(one).nice(nicer)));
        assertThat(out)
                .containsExactly(
                        "2 processors 1 of " + one + ", nice [" + nicer + "]",
                        "1 processors 1 of " + one + ", nice [" + nicer + "]");
        // nobody else is affected
        assertThat(outputOf(ChildProcess.of(ProcessOptionsTest::tellScheduling, 1)))
                .allMatch(line -> line.startsWith("1 processors " + here.length + " of "))
                .allMatch(line -> line.endsWith("nice [" + mine + "]"));
        assertThat(processors()).containsExactly(here);
    }

    @Test
    void processorsThatAreNotThereAndNiceValuesThatAreNoneAreRefused() throws IOException {
        String here = Arrays.toString(processors());
        refused(o -> o.affinity(9999), "affinity(9999): this process may run on the processors " + here + " only");
        refused(o -> o.affinity(-1), "affinity(-1): this process may run on the processors " + here + " only");
        refused(o -> o.affinity(), "affinity(): name at least one processor; this process may run on " + here);
        refused(o -> o.nice(20), "nice(20): a nice value is between -20 (served first) and 19 (served last)");
        refused(o -> o.nice(-21), "nice(-21): a nice value is between -20 (served first) and 19 (served last)");
    }

    // ---- memory ----------------------------------------------------------------------------------------------------

    static void grow(int megabytes) throws InterruptedException {
        var kept = new ArrayList<byte[]>();
        for (int i = 0; i < megabytes; i++) {
            byte[] bytes = new byte[1 << 20];
            Arrays.fill(bytes, (byte) 1);
            kept.add(bytes);
        }
        System.out.println("kept " + kept.size());
        if (megabytes > 300) {
            Thread.sleep(Duration.ofMinutes(10));
        }
    }

    @Test
    void aProcessOverItsMemoryLimitIsKilledAndItIsSaidWhy() throws Exception {
        try (var captured = new Captured()) {
            var process = ChildProcess.of(ProcessOptionsTest::grow, 500)
                    .name("glutton")
                    .options(o -> o.memoryLimit("300m").output(Output.DISCARD))
                    .start();
            process.join();
            assertThat(process.exitStatus().orElseThrow().signal()).contains(Signal.SIGKILL);
            assertThat(captured.err())
                    .singleElement()
                    .asString()
                    .matches(
                            "Process glutton \\(pid " + process.pid()
                                    + "\\) is killed: it had \\d{3} MB of memory resident, more than its memoryLimit of 300 MB");
        }
    }

    @Test
    void aWorkerOverItsMemoryLimitFailsItsTaskWithTheReason() {
        try (var _ = new Captured();
                var pool = Pool.open(o -> o.workers(1).process(p -> p.memoryLimit("300m")))) {
            assertThatThrownBy(() -> pool.apply(() -> grow(500)))
                    .isInstanceOf(WorkerCrashedException.class)
                    .message()
                    .containsPattern("was ended by SIGKILL while it ran .*")
                    .containsPattern(
                            "likely: +it had \\d{3} MB of memory resident, more than its memoryLimit of 300 MB")
                    .containsPattern(
                            "to try: +raise memoryLimit, lower maxHeap so that garbage is collected earlier, or give each task less");
        }
    }

    @Test
    void aProcessBelowItsMemoryLimitIsLeftAlone() throws Exception {
        assertThat(outputOf(ChildProcess.of(ProcessOptionsTest::grow, 5).options(o -> o.memoryLimit("1g"))))
                .containsExactly("kept 5");
    }

    // ---- places ----------------------------------------------------------------------------------------------------

    static void tellPlaces(String resource) throws IOException {
        System.out.println("in " + Path.of("").toAbsolutePath() + " " + System.getProperty("user.dir"));
        System.out.println("kernel says " + Path.of("/proc/self/cwd").toRealPath());
        System.out.println("class path " + System.getProperty("java.class.path"));
        System.out.println("resource " + (ClassLoader.getSystemResource(resource) != null));
        System.out.println("started by " + System.getenv("STARTED_BY"));
        new Greeting("hello").print();
    }

    record Greeting(String text) implements Serializable {
        void print() {
            System.out.println(text);
        }
    }

    @Test
    void itRunsInItsDirectoryWithItsClassPath(@TempDir Path folder) throws Exception {
        var work = Files.createDirectory(folder.resolve("a directory"));
        var entry = Files.createDirectory(folder.resolve("entry"));
        Files.writeString(entry.resolve("there.txt"), "x");
        var out = outputOf(ChildProcess.of(ProcessOptionsTest::tellPlaces, "there.txt")
                .options(o -> o.workingDirectory(work).classPath(entry)));
        var library = Path.of(ChildProcess.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        assertThat(out)
                .containsExactly(
                        "in " + work + " " + work,
                        "kernel says " + work.toRealPath(),
                        "class path " + library + ":" + entry,
                        "resource true",
                        "started by null",
                        "hello"); // this class came from the parent
    }

    @Test
    void itRunsTheJavaThatItIsTold(@TempDir Path home) throws Exception {
        var bin = Files.createDirectory(home.resolve("bin"));
        var java = Files.writeString(
                bin.resolve("java"),
                "#!/bin/sh\nSTARTED_BY='another java' exec '%s' \"$@\"\n".formatted(RootJvm.java()));
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        var out = outputOf(ChildProcess.of(ProcessOptionsTest::tellPlaces, "x").options(o -> o.javaHome(home)));
        assertThat(out).contains("started by another java", "resource false");
    }

    @Test
    void placesThatAreNotThereAreRefusedAtTheStart(@TempDir Path folder) throws Exception {
        var missing = folder.resolve("missing");
        refusedAtTheStart(
                o -> o.workingDirectory(missing),
                "workingDirectory(%s): there is no such directory; create it before the start".formatted(missing));
        refusedAtTheStart(
                o -> o.classPath(folder, missing),
                "classPath(%s): there is no such file or directory".formatted(missing));
        refusedAtTheStart(
                o -> o.javaHome(missing),
                "javaHome(%s): there is no bin/java in it that can be executed; name the directory of a JDK 25 or newer"
                        .formatted(missing));
        var old = Files.createDirectories(folder.resolve("old"));
        Files.createDirectory(old.resolve("bin"));
        Files.createFile(
                old.resolve("bin/java"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(old.resolve("release"), "IMPLEMENTOR=\"Somebody\"\nJAVA_VERSION=\"21.0.4\"\n");
        refusedAtTheStart(
                o -> o.javaHome(old),
                "javaHome(%s): this is Java 21.0.4, and a child needs 25 or newer".formatted(old));
    }

    // ---- a debugger ------------------------------------------------------------------------------------------------

    static void work() {
        System.out.println("worked");
    }

    private static final Pattern WAITS = Pattern.compile(
            "Process (\\S+) \\(pid (\\d+)\\) waits for a debugger: attach to localhost:(\\d+), as with jdb -attach \\3");

    private static VirtualMachine attach(String port) throws Exception {
        var connector = Bootstrap.virtualMachineManager().attachingConnectors().stream()
                .filter(c -> c.name().equals("com.sun.jdi.SocketAttach"))
                .findFirst()
                .map(AttachingConnector.class::cast)
                .orElseThrow();
        var arguments = connector.defaultArguments();
        Objects.requireNonNull(arguments.get("hostname")).setValue("localhost");
        Objects.requireNonNull(arguments.get("port")).setValue(port);
        var attached = new VirtualMachine[1];
        Processes.await("the debugger's port", () -> {
            try {
                attached[0] = connector.attach(arguments);
                return true;
            } catch (ConnectException e) {
                return false; // it was said a moment before
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        return attached[0];
    }

    record Forbidden(int value) implements Serializable {}

    private static void use(Forbidden forbidden) {
        System.out.println("used " + forbidden.value());
    }

    @Test
    void aFilterForSerializationIsAskedAboutTheTargetToo() throws Exception {
        try (var captured = new Captured()) {
            for (var filter : List.of("java.base/*;!*", "!" + Forbidden.class.getName())) {
                var process = ChildProcess.of(ProcessOptionsTest::use, new Forbidden(1))
                        .options(o -> o.jvmArgs("-Djdk.serialFilter=" + filter))
                        .start();
                assertThat(process.join(Duration.ofSeconds(30))).isTrue();
                assertThat(process.exitStatus().orElseThrow().success()).isFalse();
            }
            assertThat(captured.err()).anyMatch(line -> line.contains("filter status: REJECTED"));
            assertThat(captured.out()).isEmpty();
        }
    }

    @Test
    void aProcessWaitsForADebuggerAndGoesOnWithIt() throws Exception {
        try (var captured = new Captured()) {
            var process = ChildProcess.of(ProcessOptionsTest::work)
                    .name("patient")
                    .options(o -> o.debug(0))
                    .start();
            Processes.await("the announcement", () -> captured.err().stream().anyMatch(WAITS.asMatchPredicate()));
            var said = WAITS.matcher(captured.err().getFirst());
            assertThat(said.matches()).isTrue();
            assertThat(said.group(1)).isEqualTo("patient");
            assertThat(said.group(2)).isEqualTo("" + process.pid());
            assertThat(process.join(Duration.ofMillis(200))).isFalse();
            var machine = attach(said.group(3));
            assertThat(machine.classesByName("io.github.procession.internal.worker.Main"))
                    .hasSize(1);
            assertThat(process.join(Duration.ofMillis(200))).isFalse();
            assertThat(captured.out()).isEmpty();
            machine.resume();
            try {
                machine.dispose();
            } catch (VMDisconnectedException ended) {
                // it had no more to do
            }
            assertThat(process.join(Duration.ofSeconds(30))).isTrue();
            assertThat(process.exitStatus().orElseThrow().success()).isTrue();
            assertThat(captured.out()).containsExactly("worked");
        }
    }

    @Test
    void aProcessThatWaitsForADebuggerCanBeKilled() throws Exception {
        try (var captured = new Captured()) {
            var process = ChildProcess.of(ProcessOptionsTest::work)
                    .options(o -> o.debug(0))
                    .start();
            Processes.await("the announcement", () -> captured.err().stream().anyMatch(WAITS.asMatchPredicate()));
            process.kill();
            process.join();
            assertThat(process.exitStatus().orElseThrow().signal()).contains(Signal.SIGKILL);
        }
    }

    /// Has a child that waits for a debugger.
    static final class DebuggingRoot {
        public static void main(String[] args) throws Exception {
            var _ = ChildProcess.of(ProcessOptionsTest::work)
                    .options(o -> o.debug(0))
                    .start();
            Thread.sleep(Duration.ofMinutes(10));
        }
    }

    @Test
    void aProcessThatWaitsForADebuggerGoesWithItsRoot() throws Exception {
        try (var root = RootJvm.start(DebuggingRoot.class)) {
            Processes.await("the announcement", () -> root.err().stream().anyMatch(WAITS.asMatchPredicate()));
            var said = WAITS.matcher(root.err().getFirst());
            assertThat(said.matches()).isTrue();
            root.kill();
            Processes.awaitGone("a child that waits for a debugger", List.of(Long.parseLong(said.group(2))));
        }
    }

    @Test
    void aPortThatIsTakenIsTold() throws Exception {
        refused(o -> o.debug(65536), "debug(65536): a port is a number up to 65535, or 0 for any that is free");
        refused(o -> o.debug(-1), "debug(-1): a port is a number up to 65535, or 0 for any that is free");
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatIllegalStateException()
                    .isThrownBy(() -> ChildProcess.of(ProcessOptionsTest::work)
                            .options(o -> o.debug(port))
                            .start())
                    .withMessage(
                            "debug(%d): the port cannot be had (Address already in use). Name another, or 0 for any that is free: each process needs one of its own"
                                    .formatted(port));
        }
    }

    // ---- logs ------------------------------------------------------------------------------------------------------

    /// What reaches the loggers of this JVM while it is open.
    private static final class Heard extends Handler implements AutoCloseable {
        private static final Logger ROOT = Logger.getLogger("");
        private final ConcurrentLinkedQueue<LogRecord> records = new ConcurrentLinkedQueue<>();
        private final List<Handler> usual = List.of(ROOT.getHandlers());
        private final Level level = ROOT.getLevel();

        Heard(Level heard) {
            usual.forEach(ROOT::removeHandler);
            ROOT.addHandler(this);
            ROOT.setLevel(heard);
            setLevel(Level.ALL);
        }

        @Override
        public void publish(LogRecord entry) {
            if (entry.getLoggerName().startsWith("conformance")) {
                records.add(entry);
            }
        }

        List<String> lines() {
            return records.stream()
                    .map(r -> r.getLoggerName() + " " + r.getLevel() + " " + r.getMessage())
                    .toList();
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            ROOT.removeHandler(this);
            usual.forEach(ROOT::addHandler);
            ROOT.setLevel(level);
        }
    }

    static void log(int depth) throws InterruptedException {
        var logger = System.getLogger("conformance.logs");
        logger.log(System.Logger.Level.TRACE, "trace");
        logger.log(System.Logger.Level.DEBUG, "debug {0}", depth);
        logger.log(System.Logger.Level.INFO, "grüße {not a parameter}");
        Logger.getLogger("conformance.util").log(Level.CONFIG, "config");
        logger.log(System.Logger.Level.WARNING, "warning {0} of {1}", "a", 7);
        logger.log(System.Logger.Level.ERROR, "error", new IllegalStateException("outer", new IOException("inner")));
        if (depth > 1) {
            ChildProcess.of(ProcessOptionsTest::log, depth - 1)
                    .name("below")
                    .start()
                    .join();
        }
    }

    @Test
    void logRecordsReachTheParentsLoggers() throws Exception {
        try (var heard = new Heard(Level.FINE);
                var captured = new Captured()) {
            var process = ChildProcess.of(ProcessOptionsTest::log, 1)
                    .name("writer")
                    .options(o -> o.forwardLogs(true))
                    .start();
            process.join();
            var lines = heard.lines();
            assertThat(lines.subList(0, 4))
                    .containsExactly(
                            "conformance.logs FINE [writer] debug 1",
                            "conformance.logs INFO [writer] grüße {not a parameter}",
                            "conformance.util FINE [writer] config",
                            "conformance.logs WARNING [writer] warning a of 7");
            assertThat(lines.get(4))
                    .startsWith("conformance.logs SEVERE [writer] error\njava.lang.IllegalStateException: outer\n\tat ")
                    .contains("\nCaused by: java.io.IOException: inner");
            assertThat(lines).hasSize(5);
            assertThat(captured.err()).isEmpty();
        }
    }

    @Test
    void logRecordsOfAGrandchildComeTheSameWay() throws Exception {
        try (var heard = new Heard(Level.WARNING)) {
            ChildProcess.of(ProcessOptionsTest::log, 2)
                    .name("above")
                    .options(o -> o.forwardLogs(true))
                    .start()
                    .join();
            assertThat(heard.lines())
                    .hasSize(4)
                    .contains(
                            "conformance.logs WARNING [above] warning a of 7",
                            "conformance.logs WARNING [above] [below] warning a of 7");
        }
    }

    static void logMuch(int count) throws InterruptedException {
        var logger = System.getLogger("conformance.much");
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < 3; t++) {
            int thread = t;
            threads.add(Thread.ofVirtual().start(() -> {
                for (int i = 0; i < count; i++) {
                    logger.log(System.Logger.Level.INFO, thread + ":" + i + " " + "x".repeat(i % 500));
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        logger.log(System.Logger.Level.INFO, "last");
        System.exit(3);
    }

    @Test
    void noLogRecordIsLostAtAnOrderlyEnd() throws Exception {
        try (var heard = new Heard(Level.INFO)) {
            var process = ChildProcess.of(ProcessOptionsTest::logMuch, 1000)
                    .options(o -> o.forwardLogs(true))
                    .start();
            process.join();
            assertThat(process.exitStatus().orElseThrow().code()).isEqualTo(3);
            assertThat(heard.lines()).hasSize(3001);
            assertThat(heard.lines().getLast()).endsWith("last");
            for (int thread = 0; thread < 3; thread++) {
                var numbers = Pattern.compile(".*\\] " + thread + ":(\\d+) x*");
                assertThat(heard.lines().stream()
                                .map(numbers::matcher)
                                .filter(matcher -> matcher.matches())
                                .map(matcher -> Integer.parseInt(matcher.group(1))))
                        .hasSize(1000)
                        .isSorted();
            }
        }
    }

    @Test
    void withoutForwardingLogsGoToStandardError() throws Exception {
        try (var heard = new Heard(Level.INFO);
                var captured = new Captured()) {
            ChildProcess.of(ProcessOptionsTest::log, 1).start().join();
            assertThat(heard.lines()).isEmpty();
            assertThat(captured.err()).anyMatch(line -> line.endsWith(": warning a of 7"));
        }
    }
}
