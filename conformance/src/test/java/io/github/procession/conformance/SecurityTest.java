package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.SharedEvent;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedQueue;
import io.github.procession.WorkerCrashedException;
import io.github.procession.internal.os.Basis;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Message;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What `SECURITY.md` promises.
class SecurityTest {
    private static final String SECRET = "s3cret-of-the-test";
    private static final int OTHER_USER = 64321;
    private static final int OWNER_ALONE = 0600;
    private static final int GET_SEALS = 1034;
    private static final int SIZE_SEALED = 7; // F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW

    @TempDir
    Path folder;

    private static int mode(Path file) throws IOException {
        return (int) Files.getAttribute(file, "unix:mode") & 07777;
    }

    private static boolean isSuperuser() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    }

    private static int crash() {
        MemorySegment.ofAddress(8).reinterpret(8).set(ValueLayout.JAVA_INT, 0, 1);
        return 0;
    }

    private static void sleepLong(SharedEvent up, SharedEvent until) throws InterruptedException {
        up.set();
        until.await();
    }

    /// Runs a program and returns whether it succeeded.
    private static boolean succeeds(List<String> command) throws Exception {
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS))
                    .as("%s ends", command)
                    .isTrue();
            return process.exitValue() == 0;
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> asAnotherUser(String... command) {
        var user = List.of("setpriv", "--reuid=" + OTHER_USER, "--regid=" + OTHER_USER, "--clear-groups");
        return Stream.concat(user.stream(), Stream.of(command)).toList();
    }

    // ---- memory and links ------------------------------------------------------------------------------------------

    private static int seals(int descriptor) throws Throwable {
        var linker = Linker.nativeLinker();
        var fcntl = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("fcntl"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        return (int) fcntl.invokeExact(descriptor, GET_SEALS);
    }

    /// Where files of this process begin, as others open them.
    private static String treeFile() {
        long self = ProcessHandle.current().pid();
        return Basis.isPortable() ? treeDirectory() + "/" + self + "." : "/proc/" + self + "/fd/";
    }

    private static Path treeDirectory() {
        return Path.of(Basis.toArgument().replaceFirst("portable:", ""));
    }

    /// Descriptors of a process that lead to memory or links of a tree. Its standard streams are whose they are.
    private static List<Path> ours(long pid) throws IOException {
        if (Basis.isPortable()) {
            try (var all = Files.list(treeDirectory())) {
                return all.filter(Files::isRegularFile).toList();
            }
        }
        try (var all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            var ours = new ArrayList<Path>();
            for (var each : all.toList()) {
                if (Integer.parseInt(each.getFileName().toString()) > 2
                        && Files.isSymbolicLink(each)
                        && Files.readSymbolicLink(each).toString().matches("/memfd:procession.*|pipe:.*")) {
                    ours.add(each);
                }
            }
            return ours;
        }
    }

    @Test
    void allThatProcessesShareIsForTheirUserAloneAndKeepsItsSize() throws Throwable {
        assumeThat(Basis.isPortable()).as("PortableTest looks at files").isFalse();
        try (var large = SharedIntArray.ofLength(100_000);
                var queue = SharedQueue.<Object>create();
                var up = SharedEvent.create();
                var end = SharedEvent.create();
                var pool = Pool.open(1);
                var child = ChildProcess.of(SecurityTest::sleepLong, up, end).start();
                AutoCloseable _ = end::set) {
            up.await();
            queue.put(new int[500_000]); // in memory of its own
            assertThat(pool.<Integer>apply(() -> 1)).isOne();
            var names = new ArrayList<String>();
            for (var each : ours(ProcessHandle.current().pid())) {
                var target = Files.readSymbolicLink(each).toString();
                names.add(target.replaceFirst(" .*|:\\[.*", ""));
                assertThat(mode(each)).as(target).isEqualTo(OWNER_ALONE);
                if (target.startsWith("/memfd")) { // a pipe may have come from whoever has started this JVM
                    assertThat(Files.getOwner(each)).as(target).isEqualTo(Files.getOwner(Path.of("/proc/self")));
                }
                if (target.matches("/memfd:procession(-arena)? .*")) {
                    int descriptor = Integer.parseInt(each.getFileName().toString());
                    assertThat(seals(descriptor) & SIZE_SEALED).as(target).isEqualTo(SIZE_SEALED);
                }
            }
            assertThat(names).contains("/memfd:procession", "/memfd:procession-arena", "pipe");
            assertThat(large.length()).isEqualTo(100_000);
        }
    }

    /// Succeeds if one of the files can be opened to be read or written to. The ends of a pipe wait for nobody here.
    private static List<String> opening(List<String> files) {
        var script = "for file; do if true <\"$file\" || true >>\"$file\"; then exit 0; fi; done; exit 1";
        return Stream.concat(Stream.of("sh", "-c", script, "sh"), files.stream())
                .toList();
    }

    @Test
    void anotherUserCanOpenNothingOfIt() throws Exception {
        assumeThat(isSuperuser()).as("only the superuser can be another user").isTrue();
        assumeThat(succeeds(asAnotherUser("true"))).as("setpriv").isTrue();
        try (var array = SharedIntArray.ofLength(100_000);
                var up = SharedEvent.create();
                var end = SharedEvent.create();
                var child = ChildProcess.of(SecurityTest::sleepLong, up, end).start();
                AutoCloseable _ = end::set) {
            assertThat(array.length()).isPositive();
            up.await();
            for (long pid : List.of(ProcessHandle.current().pid(), child.pid())) {
                var process = "/proc/" + pid;
                assertThat(succeeds(asAnotherUser("test", "-e", process))).isTrue();
                var descriptors = ours(pid).stream().map(Path::toString).toList();
                assertThat(descriptors).isNotEmpty();
                assertThat(succeeds(opening(descriptors))).isTrue();
                assertThat(succeeds(asAnotherUser(opening(descriptors).toArray(String[]::new))))
                        .as("open one of %s", descriptors)
                        .isFalse();
                assertThat(succeeds(asAnotherUser("cat", process + "/environ"))).isFalse();
                assertThat(succeeds(asAnotherUser("ls", process + "/fd"))).isFalse();
                assertThat(succeeds(asAnotherUser("kill", "-0", Long.toString(pid))))
                        .isFalse();
            }
        }
    }

    private static void talkNonsense(SharedEvent never) throws InterruptedException {
        Node.self().parentLink().orElseThrow().tell(new Message.Overdue(1)); // what parents say to children
        never.await();
    }

    @Test
    void aChildThatTalksNonsenseIsEnded() throws Exception {
        var logger = Logger.getLogger("io.github.procession");
        logger.setUseParentHandlers(false);
        try (var never = SharedEvent.create();
                var child = ChildProcess.of(SecurityTest::talkNonsense, never).start();
                AutoCloseable _ = child::kill) {
            assertThat(child.join(Duration.ofSeconds(60))).isTrue();
            assertThat(child.exitStatus().orElseThrow().code()).isEqualTo(113); // as without a parent
        } finally {
            logger.setUseParentHandlers(true);
        }
    }

    // ---- arguments and environment ---------------------------------------------------------------------------------

    @Test
    void nothingSecretIsInArgumentsOrEnvironment() throws Exception {
        try (var end = SharedEvent.create();
                var queue = SharedQueue.<String>create();
                var child = ChildProcess.of(SecurityTest::tell, queue, end)
                        .options(o -> o.systemProperty("token", SECRET).jvmArgs("-Dother.token=" + SECRET))
                        .start();
                AutoCloseable _ = end::set) {
            assertThat(queue.take()).isEqualTo(SECRET + SECRET);
            queue.put(SECRET);
            var line = Files.readString(Path.of("/proc/" + child.pid() + "/cmdline"), StandardCharsets.ISO_8859_1);
            var words = line.split("\0");
            assertThat(line).doesNotContain(SECRET).contains(child.name());
            assertThat(words).containsSequence("io.github.procession.internal.worker.Main", child.name());
            assertThat(words[1]).startsWith("@" + treeFile());
            var environment =
                    Files.readString(Path.of("/proc/" + child.pid() + "/environ"), StandardCharsets.ISO_8859_1);
            assertThat(environment.split("\0"))
                    .allMatch(variable -> variable.isEmpty()
                            || variable.matches("(?s)(OLDPWD|PWD|_|SHLVL)=.*")
                            || System.getenv().containsKey(variable.substring(0, Math.max(0, variable.indexOf('=')))));
            assertThat(environment).doesNotContain(SECRET);
        }
    }

    private static void tell(SharedQueue<String> queue, SharedEvent end) throws InterruptedException {
        queue.put(System.getProperty("token") + System.getProperty("other.token"));
        end.await();
    }

    private static List<String> listening(int port) {
        var end = "%04X".formatted(port);
        return Stream.of("tcp", "tcp6")
                .map(kind -> Path.of("/proc/self/net/" + kind))
                .filter(Files::exists)
                .flatMap(SecurityTest::lines)
                .map(line -> line.strip().split(" +"))
                .filter(words -> words[1].endsWith(":" + end) && words[3].equals("0A"))
                .map(words -> words[1])
                .toList();
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void noMachineButThisOneReachesThePortOfADebugger() throws Exception {
        var announced = Pattern.compile("waits for a debugger: attach to localhost:(\\d+)");
        try (var captured = new Captured();
                var child = ChildProcess.of(() -> {}).options(o -> o.debug(0)).start();
                AutoCloseable _ = child::kill) {
            Processes.await(
                    "the port",
                    () -> announced.matcher(captured.err().toString()).find());
            var found = announced.matcher(captured.err().toString());
            assertThat(found.find()).isTrue();
            int port = Integer.parseInt(found.group(1));
            Processes.await("somebody to listen", () -> !listening(port).isEmpty());
            assertThat(listening(port)).allMatch(address -> address.startsWith("0100007F:"));
        }
    }

    // ---- files -----------------------------------------------------------------------------------------------------

    /// A little of everything, in a program whose folders are all its own.
    static final class Everything {
        public static void main(String[] args) throws Exception {
            try (var array = SharedIntArray.ofLength(50_000);
                    var queue = SharedQueue.<Object>create();
                    var pool = Pool.open(2)) {
                queue.put(new byte[1 << 20]);
                System.out.println(pool.map(List.of(1, 2, 3), n -> n + 1));
                ChildProcess.of(Everything::take, queue).start().join();
                System.out.println(
                        ChildProcess.<Integer>call(() -> ChildProcess.<Integer>call(() -> 5)) + array.length());
            }
        }

        private static void take(SharedQueue<Object> queue) throws InterruptedException {
            queue.take();
        }
    }

    @Test
    void noFileIsMadeAnywhere() throws Exception {
        var temporary = Files.createDirectory(folder.resolve("tmp"));
        var home = Files.createDirectory(folder.resolve("home"));
        var flags = List.of(
                "-Djava.io.tmpdir=" + temporary,
                "-Duser.home=" + home,
                "-XX:-UsePerfData", // of the program's own JVM
                "-Dio.github.procession.aotCache=" + home.resolve("cache"));
        try (var root = RootJvm.with(flags)
                .under("env", "--chdir=" + folder, "TMPDIR=" + temporary, "HOME=" + home)
                .run(Everything.class)) {
            root.await("\\[2, 3, 4\\]");
            root.await("50005");
            assertThat(root.exitAndOutput()).isZero();
        }
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(file -> !Files.isDirectory(file))).isEmpty();
        }
    }

    /// Says the process id of a worker, waits for a line, and has it crash.
    static final class Crashing {
        public static void main(String[] args) throws Exception {
            var words = new BufferedReader(new InputStreamReader(System.in));
            try (var pool = Pool.open(1)) {
                System.out.println("worker "
                        + pool.<Long>apply(() -> ProcessHandle.current().pid()));
                words.readLine();
                pool.apply(SecurityTest::crash);
            } catch (WorkerCrashedException e) {
                System.out.println("report " + e.errorFile().map(Path::toString).orElse("none"));
                System.out.println(e.getMessage().contains("SIGSEGV (0xb)") ? "read" : "unread");
            }
        }
    }

    private RootJvm crashing(String script) throws IOException {
        return RootJvm.with(List.of("-Djava.io.tmpdir=" + folder)).runIn(script, Crashing.class);
    }

    @Test
    void aCrashReportIsForItsUserAloneWhateverTheUmask() throws Exception {
        try (var root = crashing("umask 000; exec \"$@\"")) {
            long pid = Long.parseLong(root.await("worker (\\d+)").group(1));
            root.say("crash");
            var report = Path.of(root.await("report (.*)").group(1));
            assertThat(report).isEqualTo(folder.resolve("hs_err_pid" + pid + ".log"));
            assertThat(mode(report)).isEqualTo(OWNER_ALONE);
            assertThat(report).content().contains("SIGSEGV", "pid=" + pid);
            root.await("read");
            root.exitAndOutput();
        }
    }

    enum Planted {
        LINK,
        LINK_TO_NOWHERE,
        HARD_LINK,
        PIPE,
        FOLDER,
        FILE;

        void plant(Path where, Path victim) throws Exception {
            switch (this) {
                case LINK -> Files.createSymbolicLink(where, victim);
                case LINK_TO_NOWHERE -> Files.createSymbolicLink(where, victim.resolveSibling("nowhere"));
                case HARD_LINK -> Files.createLink(where, victim);
                case PIPE ->
                    assertThat(succeeds(List.of("mkfifo", where.toString()))).isTrue();
                case FOLDER -> Files.createDirectory(where);
                case FILE -> Files.writeString(where, "#  SIGBUS (0x7) forged");
            }
            if (isSuperuser()) {
                Files.setAttribute(where, "unix:uid", OTHER_USER, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Planted.class)
    void whatSomebodyPlantsInTheWayOfAReportIsNeitherReadNorWritten(Planted what) throws Exception {
        var victim = Files.writeString(folder.resolve("victim"), "precious");
        try (var root = crashing("exec \"$@\"")) {
            long pid = Long.parseLong(root.await("worker (\\d+)").group(1));
            var planted = folder.resolve("hs_err_pid" + pid + ".log");
            what.plant(planted, victim);
            root.say("crash");
            var report = Path.of(root.await("report (.*)").group(1));
            root.await("read");
            assertThat(report.getParent()).isEqualTo(folder);
            assertThat(report.getFileName().toString()).matches("hs_err_pid" + pid + "-.*\\.log");
            assertThat(mode(report)).isEqualTo(OWNER_ALONE);
            assertThat(report).content().contains("SIGSEGV", "pid=" + pid);
            assertThat(victim).hasContent("precious");
            assertThat(folder.resolve("nowhere")).doesNotExist();
            root.exitAndOutput();
        }
    }

    @Test
    void aReportThatCannotBeKeptDoesNotHideTheCrash() throws Exception {
        assumeThat(Basis.isPortable())
                .as("the folder that goes away here has all of a portable tree's files")
                .isFalse();
        try (var root = crashing("exec \"$@\"")) {
            root.await("worker (\\d+)");
            var gone = folder.resolveSibling(folder.getFileName() + "-gone");
            Files.move(folder, gone);
            try {
                root.say("crash");
                root.await("report none");
                root.exitAndOutput();
            } finally {
                Files.move(gone, folder);
            }
        }
    }

    @Test
    void aProcessThatIsNoTaskSaysWhereItsReportIs() throws Exception {
        try (var captured = new Captured();
                var child = ChildProcess.of(() -> {
                            crash();
                        })
                        .start()) {
            child.join();
            var report = ChildProcessTest.errorFile(child.pid());
            var line = "The report of the crash of process %s (pid %d) is in %s"
                    .formatted(child.name(), child.pid(), report);
            Processes.await(line, () -> captured.err().contains(line));
            Files.delete(report);
        }
    }

    /// A child whose heap is too small for what it wants.
    static final class Hungry {
        public static void main(String[] args) throws Exception {
            ChildProcess.of(Hungry::eat)
                    .options(o ->
                            o.maxHeap("32m").jvmArgs("-XX:+HeapDumpOnOutOfMemoryError", "-XX:HeapDumpPath=" + args[0]))
                    .start()
                    .join();
            System.out.println("done");
        }

        private static void eat() {
            var all = new ArrayList<long[]>();
            while (all.size() < 1_000_000) {
                all.add(new long[1 << 20]);
            }
        }
    }

    @Test
    void aHeapDumpIsForItsUserAloneWhateverTheUmask() throws Exception {
        var dump = folder.resolve("heap.hprof");
        var script = "umask 000; exec \"$@\" " + dump;
        try (var root = RootJvm.with(List.of()).runIn(script, Hungry.class)) {
            root.await("done");
            root.exitAndOutput();
        }
        assertThat(mode(dump)).isEqualTo(OWNER_ALONE);
    }

    @Test
    void childrenWriteNoCoreAndNoFileForOthersToRead() throws Exception {
        var flags = ChildProcess.<List<String>>call(() -> {
            var jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            return List.of(
                    jvm.getVMOption("CreateCoredumpOnCrash").getValue(),
                    jvm.getVMOption("UsePerfData").getValue(),
                    jvm.getVMOption("ErrorFile").getValue());
        });
        assertThat(flags.subList(0, 2)).containsExactly("false", "false");
        assertThat(flags.get(2)).startsWith(treeFile());
    }

    // ---- deserialization -------------------------------------------------------------------------------------------

    record Forbidden(int n) implements Serializable {}

    static final class ForbiddenPlain implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /// Says so when its code runs anywhere but in the root, which makes the constant.
    enum ForbiddenConstant {
        ONE;

        static {
            if (Node.self().slot() != Node.ROOT_SLOT) {
                System.out.println("code of what is forbidden runs");
            }
        }
    }

    private static int width(Serializable value) {
        return value.toString().length();
    }

    /// Sends and receives what the filter of its JVM refuses.
    static final class Filtered {
        public static void main(String[] args) throws Exception {
            for (Serializable value :
                    List.of(new Forbidden(1), new ForbiddenPlain(), ForbiddenConstant.ONE, "allowed")) {
                attempt("to a child", () -> ChildProcess.<Integer>call(() -> width(value)));
                try (var pool = Pool.open(1)) {
                    attempt("to a worker", () -> pool.apply(() -> width(value)));
                }
            }
            attempt("from a child", () -> ChildProcess.<Object>call(() -> new Forbidden(1)));
            attempt("from a child", () -> ChildProcess.<Object>call(ForbiddenPlain::new));
            try (var queue = SharedQueue.<Object>create()) {
                queue.put(new Forbidden(1));
                attempt("from a queue", queue::take);
                queue.put(new int[100_000]);
                attempt("an array from a queue", queue::take);
                queue.put(new byte[100_000]);
                attempt("an array from a queue", queue::take);
                queue.put(new int[10_000]);
                attempt("an array from a queue", queue::take);
            }
        }

        private static void attempt(String how, java.util.concurrent.Callable<?> what) {
            try {
                what.call();
                System.out.println(how + ": accepted");
            } catch (Exception e) {
                boolean filter = Stream.<Throwable>iterate(e, t -> t != null, Throwable::getCause)
                        .anyMatch(t -> String.valueOf(t.getMessage()).contains("REJECTED"));
                System.out.println(how + ": " + (filter ? "refused" : e));
            }
        }
    }

    @Test
    void theFilterOfTheProgramIsThatOfAllItsProcesses() throws Exception {
        var filter = "-Djdk.serialFilter=!" + Forbidden.class.getName() + ";!" + ForbiddenPlain.class.getName() + ";!"
                + ForbiddenConstant.class.getName() + ";maxarray=50000";
        try (var root = RootJvm.with(List.of(filter)).run(Filtered.class)) {
            root.exitAndOutput();
            assertThat(root.out())
                    .containsExactly(
                            "to a child: refused",
                            "to a worker: refused",
                            "to a child: refused",
                            "to a worker: refused",
                            "to a child: refused",
                            "to a worker: refused",
                            "to a child: accepted",
                            "to a worker: accepted",
                            "from a child: refused",
                            "from a child: refused",
                            "from a queue: refused",
                            "an array from a queue: refused",
                            "an array from a queue: refused",
                            "an array from a queue: accepted");
        }
    }

    @Test
    void aListOfWhatIsAllowedNeedsTheLibraryAndTheJdkBesideTheProgram() throws Exception {
        var filter = "-Djdk.serialFilter=io.github.procession.**;java.base/*;!*"; // the program is in there too
        try (var root = RootJvm.with(List.of(filter)).run(Everything.class)) {
            root.await("\\[2, 3, 4\\]");
            root.await("50005");
            assertThat(root.exitAndOutput()).as("%s", root.err()).isZero();
        }
    }

    @Test
    void aWorkerCanSetItsFilterBeforeItsFirstTask() throws Exception {
        try (var pool = Pool.open(p -> p.workers(1)
                .initializer(() -> ObjectInputFilter.Config.setSerialFilter(
                        ObjectInputFilter.Config.createFilter("!" + Forbidden.class.getName()))))) {
            var forbidden = new Forbidden(1);
            assertThatThrownBy(() -> pool.apply(() -> width(forbidden))).hasStackTraceContaining("REJECTED");
            assertThat(pool.<Object>apply(() -> new Forbidden(2))).isEqualTo(new Forbidden(2)); // read here
        }
    }

    @Test
    void aChildCanHaveAFilterOfItsOwn() throws Exception {
        assertThat(ObjectInputFilter.Config.getSerialFilter()).isNull();
        try (var pool = Pool.open(p ->
                p.workers(1).process(o -> o.systemProperty("jdk.serialFilter", "!" + Forbidden.class.getName())))) {
            var forbidden = new Forbidden(1);
            assertThatThrownBy(() -> pool.apply(() -> width(forbidden))).hasStackTraceContaining("REJECTED");
            assertThat(pool.<Integer>apply(() -> width("four"))).isEqualTo(4);
        }
    }
}
