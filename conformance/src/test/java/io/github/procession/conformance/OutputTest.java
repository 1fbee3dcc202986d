package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.Output;
import io.github.procession.Pool;
import io.github.procession.Signal;
import io.github.procession.WorkerCrashedException;
import io.github.procession.internal.os.Os;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What becomes of what children print.
class OutputTest {
    private final PrintStream usualOut = System.out;
    private final PrintStream usualErr = System.err;

    @AfterEach
    void streamsAreAsBefore() {
        System.setOut(usualOut);
        System.setErr(usualErr);
    }

    private static List<String> outputOf(ChildProcess process) throws InterruptedException {
        try (var captured = new Captured()) {
            process.start().join();
            return captured.out();
        }
    }

    // ---- lines -----------------------------------------------------------------------------------------------------

    private static final int LINES = 400;

    private static String line(int child, int i) {
        return "child " + child + " line " + i + " " + "é€😀x".repeat(i * i % 997) + " end";
    }

    static void print(int child) {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        for (int i = 0; i < LINES; i++) {
            out.print(line(child, i) + "\n");
            if (i % 7 == 0) {
                out.flush();
            }
            System.err.println("errors of " + child + " " + i);
        }
        out.print("no line end " + child);
        out.flush();
    }

    @Test
    void eightChildrenAtOncePrintWholeLinesInTheirOrder() throws Exception {
        var bytes = new ByteArrayOutputStream();
        var errors = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true));
        System.setErr(new PrintStream(errors, true));
        var children = IntStream.range(0, 8)
                .mapToObj(n -> ChildProcess.of(OutputTest::print, n).start())
                .toList();
        for (var child : children) {
            child.join();
        }
        var lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSize(8 * (LINES + 1));
        for (int n = 0; n < 8; n++) {
            int child = n;
            assertThat(lines.stream().filter(line -> line.startsWith("child " + child + " ")))
                    .containsExactlyElementsOf(IntStream.range(0, LINES)
                            .mapToObj(i -> line(child, i))
                            .toList());
            assertThat(errors.toString().lines().filter(line -> line.startsWith("errors of " + child + " ")))
                    .containsExactlyElementsOf(IntStream.range(0, LINES)
                            .mapToObj(i -> "errors of " + child + " " + i)
                            .toList());
            assertThat(lines).contains("no line end " + child);
        }
    }

    /// A character in two pieces, with time between them to be read apart.
    static void printBytes() throws IOException, InterruptedException {
        var out = new FileOutputStream(FileDescriptor.out);
        for (byte b : "é€😀\n".getBytes(StandardCharsets.UTF_8)) {
            out.write(b);
            Thread.sleep(20);
        }
    }

    @Test
    void aCharacterMayComeInPieces() throws Exception {
        var bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true));
        ChildProcess.of(OutputTest::printBytes).start().join();
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("é€😀\n");
    }

    static void printLong(int megabytes) {
        System.out.println("<" + "y".repeat(megabytes << 20) + ">");
        System.out.println("after");
    }

    @Test
    void aLineMayBeLong() throws Exception {
        assertThat(outputOf(
                        ChildProcess.of(OutputTest::printLong, 5).name("long").options(o -> o.output(Output.PREFIXED))))
                .containsExactly("[long] <" + "y".repeat(5 << 20) + ">", "[long] after");
    }

    static void printAndBeKilled(int lines) {
        for (int i = 0; i < lines; i++) {
            System.out.println("line " + i);
        }
        Os.kill(ProcessHandle.current().pid(), Os.SIGKILL);
    }

    @Test
    void whatWasPrintedBeforeAKillArrives() throws Exception {
        var process = ChildProcess.of(OutputTest::printAndBeKilled, 500);
        var out = outputOf(process);
        assertThat(process.exitStatus().orElseThrow().signal()).contains(Signal.SIGKILL);
        assertThat(out).hasSize(500).last().isEqualTo("line 499");
    }

    // ---- modes -----------------------------------------------------------------------------------------------------

    static void printBoth(int lines) {
        for (int i = 0; i < lines; i++) {
            System.out.println("out " + i);
            System.err.println("err " + i);
        }
    }

    @Test
    void prefixedLinesSayWhoseTheyAre() throws Exception {
        try (var captured = new Captured()) {
            var children = new ArrayList<ChildProcess>();
            for (String name : List.of("one", "two")) {
                children.add(ChildProcess.of(OutputTest::printBoth, 3)
                        .name(name)
                        .options(o -> o.output(Output.PREFIXED))
                        .start());
            }
            for (var child : children) {
                child.join();
            }
            assertThat(captured.out())
                    .containsExactlyInAnyOrder(
                            "[one] out 0", "[one] out 1", "[one] out 2", "[two] out 0", "[two] out 1", "[two] out 2");
            assertThat(captured.err()).contains("[one] err 2", "[two] err 2").hasSize(6);
        }
    }

    @Test
    void discardedErrorsAreStillInACrashReport() {
        try (var captured = new Captured();
                var pool = Pool.open(o -> o.workers(1).process(p -> p.output(Output.DISCARD)))) {
            assertThatThrownBy(() -> pool.apply(() -> {
                        printBoth(30);
                        Runtime.getRuntime().halt(9);
                    }))
                    .isInstanceOfSatisfying(
                            WorkerCrashedException.class,
                            crash -> assertThat(crash.lastErrors())
                                    .hasSize(20)
                                    .startsWith("err 10")
                                    .endsWith("err 29"));
            assertThat(captured.out()).isEmpty();
            assertThat(captured.err()).isEmpty();
        }
    }

    static void readInput() throws Exception {
        System.out.println("Java reads " + System.in.read());
        var cat = new ProcessBuilder("cat")
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .start();
        System.out.println("a program reads " + cat.getInputStream().read());
        System.out.println(
                "console " + (System.console() != null && System.console().isTerminal()));
    }

    @Test
    void standardInputIsEmpty() throws Exception {
        assertThat(outputOf(ChildProcess.of(OutputTest::readInput)))
                .containsExactly("Java reads -1", "a program reads -1", "console false");
    }

    // ---- streams that are slow, blocked or broken ------------------------------------------------------------------

    /// A stream that takes nothing until it is told to.
    private static final class Gate extends ByteArrayOutputStream {
        private final CountDownLatch open = new CountDownLatch(1);

        @Override
        public void write(byte[] bytes, int from, int length) {
            try {
                open.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            super.write(bytes, from, length);
        }
    }

    static void printMegabytes(int megabytes) {
        for (int i = 0; i < megabytes * 1024; i++) {
            System.out.print("z".repeat(1023) + "\n");
        }
        System.out.println("done");
    }

    static void printErrors() {
        System.out.println("blocked");
        System.err.println("not blocked");
    }

    @Test
    void aBlockedStreamHoldsUpOnlyWhatGoesToIt() throws Exception {
        var gate = new Gate();
        System.setOut(new PrintStream(gate, true));
        var errors = new ByteArrayOutputStream();
        System.setErr(new PrintStream(errors, true));
        try {
            var much = ChildProcess.of(OutputTest::printMegabytes, 8).start();
            var little = ChildProcess.of(OutputTest::printErrors).start();
            // the other stream goes on
            Processes.await(
                    "the line on the other stream", () -> errors.toString().contains("not blocked"));
            // a short one ends, but is not through
            Processes.await("its end", () -> !little.isAlive());
            assertThat(little.exitStatus()).isPresent();
            assertThat(little.join(Duration.ofMillis(100))).isFalse();
            // the long one waits in its print, as at a terminal
            assertThat(much.join(Duration.ofMillis(500))).isFalse();
            assertThat(much.isAlive()).isTrue();
            // control goes on: discarded output, results, crashes, signals
            assertThat(outputOf(ChildProcess.of(OutputTest::printMegabytes, 1).options(o -> o.output(Output.DISCARD))))
                    .isEmpty();
            System.setOut(new PrintStream(gate, true));
            assertThat(ChildProcess.call(() -> 42)).isEqualTo(42);
            try (var pool = Pool.open(1)) {
                assertThatThrownBy(() -> pool.apply(() -> {
                            System.out.println("last words");
                            Runtime.getRuntime().halt(9);
                        }))
                        .isInstanceOf(WorkerCrashedException.class);
                assertThat(pool.apply(() -> 43)).isEqualTo(43);
                gate.open.countDown(); // a pool is closed when its output is out
            }
            much.join();
            little.join();
            var lines = gate.toString().lines().toList();
            assertThat(lines).contains("blocked", "last words", "done");
            assertThat(lines.stream().filter(line -> line.equals("z".repeat(1023))))
                    .hasSize(8 * 1024);
        } finally {
            gate.open.countDown();
        }
    }

    @Test
    void aProcessThatIsKilledWhileItsOutputIsBlockedIsGone() throws Exception {
        var gate = new Gate();
        System.setOut(new PrintStream(gate, true));
        try {
            var much = ChildProcess.of(OutputTest::printMegabytes, 8).start();
            assertThat(much.join(Duration.ofMillis(500))).isFalse();
            much.kill();
            Processes.await("its end", () -> !much.isAlive());
            assertThat(much.exitStatus().orElseThrow().signal()).contains(Signal.SIGKILL);
            gate.open.countDown();
            much.join();
            assertThat(gate.toString()).startsWith("zzz").endsWith("\n");
        } finally {
            gate.open.countDown();
        }
    }

    @Test
    void joinReturnsAfterTheOutputHasBeenPassedOn() throws Exception {
        var slow = new ByteArrayOutputStream() {
            @Override
            public void write(byte[] bytes, int from, int length) {
                try {
                    Thread.sleep(300);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                super.write(bytes, from, length);
            }
        };
        System.setOut(new PrintStream(slow, true));
        try (var process = ChildProcess.of(OutputTest::printBoth, 1).start()) {
            process.join();
            assertThat(slow.toString()).isEqualTo("out 0\n");
        }
        var exit = ChildProcess.of(OutputTest::printBoth, 1).start().onExit();
        assertThat(exit.join().success()).isTrue();
        assertThat(slow.toString()).isEqualTo("out 0\nout 0\n");
    }

    @Test
    void aStreamThatThrowsHurtsNobody() throws Exception {
        System.setOut(new PrintStream(new ByteArrayOutputStream()) {
            @Override
            public void write(byte[] bytes, int from, int length) {
                throw new UncheckedIOException(new IOException("no space left"));
            }
        });
        var process = ChildProcess.of(OutputTest::printBoth, 3).start();
        process.join();
        assertThat(process.exitStatus().orElseThrow().success()).isTrue();
        assertThat(outputOf(ChildProcess.of(OutputTest::printBoth, 1))).containsExactly("out 0");
    }

    /// Prints far more than its reader takes.
    static final class Chatty {
        public static void main(String[] args) throws Exception {
            var children = new ArrayList<ChildProcess>();
            for (int i = 0; i < 2; i++) {
                children.add(ChildProcess.of(OutputTest::printMegabytes, 3).start());
            }
            for (var child : children) {
                child.join();
                System.err.println(child.exitStatus().orElseThrow());
            }
            System.err.println("through");
        }
    }

    @Test
    void aReaderThatGoesHurtsNobody() throws Exception {
        try (var root = RootJvm.with(List.of()).runIn("\"$@\" | head -1", Chatty.class)) {
            assertThat(root.exitAndOutput()).isZero();
            assertThat(root.out()).containsExactly("z".repeat(1023));
            assertThat(root.err()).containsExactly("exit code 0", "exit code 0", "through");
        }
    }

    // ---- who is left behind ----------------------------------------------------------------------------------------

    static void leaveSomebody(String words) throws IOException {
        new ProcessBuilder("sh", "-c", "read nothing; echo " + words + "; sleep 600")
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start(); // it reads on when its parent has gone
        System.out.println("leaving");
    }

    @Test
    void whoIsLeftBehindIsListenedToAndNotWaitedFor() throws Exception {
        String words = "late words of " + ProcessHandle.current().pid();
        try (var captured = new Captured()) {
            var process = ChildProcess.of(OutputTest::leaveSomebody, words).start();
            process.join();
            assertThat(captured.out()).startsWith("leaving");
            Processes.await("the late words", () -> captured.out().contains(words));
        } finally {
            ProcessHandle.allProcesses()
                    .filter(handle -> handle.info().commandLine().orElse("").contains("echo " + words))
                    .forEach(handle -> {
                        handle.children().forEach(ProcessHandle::destroyForcibly);
                        handle.destroyForcibly();
                    });
        }
    }
}
