package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.SharedQueue;
import io.github.procession.Signal;
import io.github.procession.internal.os.Os;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Signals, from a terminal and otherwise, to the root and to others.
class SignalsTest {
    private static final String CTRL_C = "\003";

    // ---- a tree of all kinds of processes --------------------------------------------------------------------------

    static void sleep(SharedQueue<Long> there) throws InterruptedException {
        there.put(ProcessHandle.current().pid());
        Thread.sleep(Duration.ofMinutes(10));
    }

    static void take(SharedQueue<Long> there, SharedQueue<Integer> empty) throws InterruptedException {
        there.put(ProcessHandle.current().pid());
        System.out.println("took " + empty.take());
    }

    static void join(SharedQueue<Long> there) throws InterruptedException {
        there.put(ProcessHandle.current().pid());
        ChildProcess.of(SignalsTest::sleep, there).start().join();
        System.out.println("joined");
    }

    static void map(SharedQueue<Long> there) throws InterruptedException {
        there.put(ProcessHandle.current().pid());
        try (var pool = Pool.open(1)) {
            System.out.println("mapped " + mapIn(pool, there));
        }
    }

    private static List<Integer> mapIn(Pool pool, SharedQueue<Long> there) throws InterruptedException {
        return pool.map(List.of(1, 2, 3), item -> {
            sleep(there);
            return item;
        });
    }

    /// Has a tree, of all kinds or small, and waits in the way that it is told.
    static final class Root {
        public static void main(String[] args) throws Exception {
            var there = SharedQueue.<Long>create(20);
            var empty = SharedQueue.<Integer>create(1);
            int below = 0;
            if (args[1].equals("tree")) {
                below = 5;
                var _ = ChildProcess.of(SignalsTest::take, there, empty).start();
                var _ = ChildProcess.of(SignalsTest::join, there).start();
                var _ = ChildProcess.of(SignalsTest::map, there).daemon(true).start();
            }
            int all = below + 1;
            Thread.ofPlatform().daemon().start(() -> announce(there, all));
            switch (args[0]) {
                case "join" ->
                    ChildProcess.of(SignalsTest::sleep, there).start().join();
                case "map" -> System.out.println(mapIn(Pool.open(1), there));
                case "call" ->
                    ChildProcess.call(() -> {
                        sleep(there);
                        return 1;
                    });
                case "take" -> {
                    var _ = ChildProcess.of(SignalsTest::sleep, there)
                            .daemon(true)
                            .start();
                    System.out.println(empty.take());
                }
                case "close" -> {
                    var pool = Pool.open(1);
                    pool.applyAsync(() -> {
                        sleep(there);
                        return 1;
                    });
                    pool.close();
                }
                default -> throw new IllegalArgumentException(args[0]);
            }
            System.out.println("went on");
        }

        private static void announce(SharedQueue<Long> there, int all) {
            try {
                for (int i = 0; i < all; i++) {
                    System.out.println("pid " + there.take());
                }
                System.out.println("pid " + ProcessHandle.current().pid());
                System.out.println("there");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static List<Long> pids(RootJvm root) throws InterruptedException {
        root.await("there");
        return root.await("pid (\\d+)", 2).stream()
                .map(found -> Long.parseLong(found.group(1)))
                .toList();
    }

    /// What nobody wants to see at the end.
    private static void assertClean(RootJvm root) {
        assertThat(Stream.concat(root.out().stream(), root.err().stream()))
                .noneMatch(line -> line.contains("Exception") || line.contains("\tat ") || line.contains("Error"))
                .noneMatch(line -> line.contains("logging failed"))
                .noneMatch(line -> line.contains("went on") || line.contains("joined") || line.contains("mapped"));
    }

    /// Runs a program with a terminal of its own; what is said to it is typed there.
    private static RootJvm atTerminal(Class<?> main, String... arguments) throws IOException {
        boolean hasScript =
                Stream.of("/usr/bin/script", "/bin/script").anyMatch(file -> Files.isExecutable(Path.of(file)));
        assumeTrue(hasScript, "there is no script(1), of util-linux, to give a program a terminal");
        var command = Stream.concat(RootJvm.command(List.of(), main).stream(), Stream.of(arguments))
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        return RootJvm.of(List.of("script", "-qec", "exec " + command, "/dev/null"));
    }

    // ---- to the root -----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({"join, tree", "map, tree", "call, small", "take, small", "close, small"})
    void ctrlCAtATerminalEndsTheTreeWithoutAWord(String how, String size) throws Exception {
        try (var root = atTerminal(Root.class, how, size)) {
            var pids = pids(root);
            root.say(CTRL_C);
            assertThat(root.exitAndOutput()).isEqualTo(130);
            Processes.awaitGone("after Ctrl-C in " + how, pids);
            assertClean(root);
        }
    }

    @ParameterizedTest
    @CsvSource({"SIGTERM, map, tree", "SIGTERM, join, small", "SIGHUP, map, small"})
    void aSignalToTheRootEndsTheTreeWithoutAWord(Signal signal, String how, String size) throws Exception {
        try (var root = RootJvm.start(Root.class, how, size)) {
            var pids = pids(root);
            assertThat(Os.kill(root.pid(), signal.number())).isTrue();
            assertThat(root.exitAndOutput()).isEqualTo(128 + signal.number());
            Processes.awaitGone("after " + signal + " in " + how, pids);
            assertClean(root);
        }
    }

    @Test
    void aTerminalThatIsClosedEndsTheTree() throws Exception {
        try (var root = atTerminal(Root.class, "join", "small")) {
            var pids = pids(root);
            root.kill(); // the program that is the terminal
            Processes.awaitGone("after a hang-up", pids);
        }
    }

    /// Has a hook that does not end.
    static final class Held {
        public static void main(String[] args) throws Exception {
            var there = SharedQueue.<Long>create(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                System.out.println("ending");
                try {
                    Thread.sleep(Duration.ofMinutes(10));
                } catch (InterruptedException e) {
                    System.out.println("interrupted");
                }
            }));
            var process = ChildProcess.of(SignalsTest::sleep, there).start();
            System.out.println("pid " + there.take());
            System.out.println("pid " + ProcessHandle.current().pid());
            System.out.println("there");
            process.join();
        }
    }

    @Test
    void ctrlCTwiceEndsTheTreeAtOnceWhateverHoldsItUp() throws Exception {
        try (var root = atTerminal(Held.class)) {
            var pids = pids(root);
            root.say(CTRL_C);
            Processes.awaitGone("after Ctrl-C", pids.subList(0, 1)); // whom the hook of the library has ended
            root.say(CTRL_C);
            assertThat(root.exitAndOutput()).isEqualTo(130);
            Processes.awaitGone("after the second Ctrl-C", pids);
            assertClean(root);
        }
    }

    /// Starts children for as long as it lives.
    static final class Starter {
        public static void main(String[] args) throws Exception {
            var processes = new ArrayList<ChildProcess>();
            for (int i = 0; i < 8; i++) {
                System.out.println("starting " + i);
                processes.add(ChildProcess.of(Starter::nothing).start());
            }
            for (var process : processes) {
                process.join();
            }
            Thread.sleep(Duration.ofMinutes(10));
        }

        static void nothing() {}
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 5})
    void ctrlCWhileChildrenBootIsAsQuiet(int after) throws Exception {
        try (var root = atTerminal(Starter.class)) {
            root.await("starting " + after);
            root.say(CTRL_C);
            assertThat(root.exitAndOutput()).isEqualTo(130);
            assertClean(root);
        }
    }

    /// Has an answer of its own to Ctrl-C.
    static final class Patient {
        public static void main(String[] args) throws Exception {
            onCtrlC("not now");
            System.out.println("starting");
            var process = ChildProcess.of(Patient::work).start();
            process.join();
            System.out.println("child: " + process.exitStatus().orElseThrow());
        }

        /// By reflection, as the compiler warns of it.
        private static void onCtrlC(String answer) throws ReflectiveOperationException {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (_, _, _) -> {
                System.out.println(answer);
                return null;
            });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("INT"), proxy);
        }

        static void work() throws InterruptedException {
            System.out.println("working");
            Thread.sleep(1000);
            System.out.println("worked");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"starting", "working"})
    void childrenOutliveACtrlCThatTheRootOutlives(String when) throws Exception {
        try (var root = atTerminal(Patient.class)) {
            root.await(when);
            if (when.equals("starting")) { // not while it is still in the hands of who starts it
                Processes.await(
                        "a child's JVM",
                        () -> root.handle()
                                .descendants()
                                .anyMatch(process ->
                                        process.info().command().orElse("").endsWith("/java")));
            }
            root.say(CTRL_C);
            assertThat(root.exitAndOutput()).isZero();
            assertThat(root.out())
                    .anyMatch(line -> line.endsWith("not now"))
                    .anyMatch(line -> line.endsWith("worked"))
                    .contains("child: exit code 0");
        }
    }

    /// A hook of its waits for its main thread, which waits for a child.
    static final class Waiting {
        public static void main(String[] args) throws Exception {
            var main = Thread.currentThread();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    main.join();
                    System.out.println("main is through");
                } catch (InterruptedException e) {
                    main.interrupt();
                }
            }));
            var there = SharedQueue.<Long>create(1);
            if (args[0].equals("join")) {
                var child = ChildProcess.of(SignalsTest::sleep, there).start();
                there.take();
                System.out.println("there");
                child.join();
            } else {
                try (var pool = Pool.open(1)) {
                    var result = pool.applyAsync(() -> {
                        sleep(there);
                        return 1;
                    });
                    there.take();
                    System.out.println("there");
                    result.join();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"join", "pool"})
    void aHookMayWaitForAThreadThatWaitsForAChild(String how) throws Exception {
        try (var root = RootJvm.start(Waiting.class, how)) {
            root.await("there");
            Os.kill(root.pid(), Os.SIGTERM);
            assertThat(root.exitAndOutput()).isEqualTo(143);
            assertThat(root.out()).contains("main is through");
        }
    }

    // ---- to a child ------------------------------------------------------------------------------------------------

    static void sleepWithAHook(SharedQueue<Long> there) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
        sleep(there);
    }

    @Test
    void sigintToAChildAloneEndsIt() throws Exception {
        try (var captured = new Captured();
                SharedQueue<Long> there = SharedQueue.create(2)) {
            var one = ChildProcess.of(SignalsTest::sleepWithAHook, there).start();
            there.take();
            var other = ChildProcess.of(SignalsTest::sleep, there).start();
            there.take();
            Os.kill(one.pid(), Os.SIGINT);
            one.join();
            assertThat(one.exitStatus().orElseThrow().signal()).contains(Signal.SIGINT);
            assertThat(captured.out()).containsExactly("hook");
            assertThat(other.join(Duration.ofMillis(100))).isFalse();
            other.kill();
            other.join();
        }
    }

    // ---- stop and continue -----------------------------------------------------------------------------------------

    private static final int LAST = -1;

    static void echo(SharedQueue<Integer> questions, SharedQueue<Integer> answers) throws InterruptedException {
        for (int question; (question = questions.take()) != LAST; ) {
            answers.put(question * 2);
        }
    }

    @Test
    void aChildThatIsStoppedGoesOnWithItsQueues() throws Exception {
        try (SharedQueue<Integer> questions = SharedQueue.create(10);
                SharedQueue<Integer> answers = SharedQueue.create(10)) {
            var child = ChildProcess.of(SignalsTest::echo, questions, answers).start();
            questions.put(1);
            assertThat(answers.poll(30, TimeUnit.SECONDS)).isEqualTo(2);
            for (int i = 0; i < 3; i++) {
                Processes.stop(child.pid());
                questions.put(10 + i);
                assertThat(child.join(Duration.ZERO)).isFalse();
                assertThat(answers.poll(300, TimeUnit.MILLISECONDS)).isNull();
                assertThat(child.isAlive()).isTrue();
                Os.kill(child.pid(), Os.SIGCONT);
                assertThat(answers.poll(30, TimeUnit.SECONDS)).isEqualTo(20 + 2 * i);
            }
            questions.put(LAST);
            child.join();
            assertThat(child.exitStatus().orElseThrow().success()).isTrue();
        }
    }

    @Test
    void aWorkerThatIsStoppedFinishesItsTaskLater() throws Exception {
        try (var pool = Pool.open(2)) {
            long pid = pool.apply(() -> ProcessHandle.current().pid());
            Processes.stop(pid);
            var results = IntStream.range(0, 6)
                    .mapToObj(i -> pool.applyAsync(() -> i + 1))
                    .toList();
            assertThat(Processes.isGone(pid)).isFalse();
            TimeUnit.MILLISECONDS.sleep(300); // a while in which nobody may lose patience
            Os.kill(pid, Os.SIGCONT);
            for (int i = 0; i < 6; i++) {
                assertThat(results.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(i + 1);
            }
            assertThat(pool.map(List.of(1, 2, 3, 4), item -> item)).containsExactly(1, 2, 3, 4);
        }
    }

    /// Talks with a child for as long as it is told lines.
    static final class Talker {
        public static void main(String[] args) throws Exception {
            try (SharedQueue<Integer> questions = SharedQueue.create(10);
                    SharedQueue<Integer> answers = SharedQueue.create(10);
                    var pool = Pool.open(1)) {
                var child =
                        ChildProcess.of(SignalsTest::echo, questions, answers).start();
                for (int line = System.in.read(), i = 0; line > 0; line = System.in.read(), i++) {
                    if (line == '\n') {
                        questions.put(i);
                        int number = answers.take();
                        System.out.println("answer " + pool.apply(() -> number + 1) + " of " + child.pid());
                    }
                }
                questions.put(LAST);
                child.join();
                System.out.println("child: " + child.exitStatus().orElseThrow());
            }
        }
    }

    @Test
    void aRootThatIsStoppedGoesOn() throws Exception {
        try (var root = RootJvm.start(Talker.class)) {
            for (int i = 0; i < 3; i++) {
                root.say("");
                var pid = Long.parseLong(root.await("answer \\d+ of (\\d+)", 2 * i + 1)
                        .getFirst()
                        .group(1));
                Processes.stop(root.pid());
                root.say("");
                TimeUnit.MILLISECONDS.sleep(300);
                assertThat(root.out()).hasSize(2 * i + 1);
                assertThat(Processes.isGone(pid)).isFalse();
                Os.kill(root.pid(), Os.SIGCONT);
                root.await("answer .*", 2 * i + 2);
            }
            root.endInput();
            assertThat(root.exitAndOutput()).as("%s", root.err()).isZero();
            assertThat(root.out()).contains("child: exit code 0");
        }
    }
}
