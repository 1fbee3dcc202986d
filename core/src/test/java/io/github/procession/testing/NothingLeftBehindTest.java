package io.github.procession.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

class NothingLeftBehindTest {
    private static final List<AutoCloseable> LEFT = new ArrayList<>();

    private final PrintStream standardError = System.err;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void readWhatIsPrinted() {
        System.setErr(new PrintStream(printed, true));
    }

    @AfterEach
    void tidyUp() throws Exception {
        System.setErr(standardError);
        for (var left : LEFT) {
            left.close();
        }
        LEFT.clear();
    }

    @Test
    void aTestThatLeavesNothingPasses() {
        assertThat(failuresOf(selectMethod(Seeded.class, "leavesNothing"))).isEmpty();
        assertThat(failuresOf(selectMethod(Seeded.class, "leavesAProcessThatIsAboutToEnd"), 5_000))
                .isEmpty();
        assertThat(printed.toString()).isEmpty();
    }

    @Test
    void aProcessIsFoundDumpedAndKilled() {
        assertThat(failuresOf(selectMethod(Seeded.class, "leavesAJvm")))
                .singleElement()
                .asString()
                .contains("leavesAJvm", "left behind", "process ", Endless.class.getSimpleName());
        assertThat(printed.toString()).contains("Endless.main", "NothingLeftBehindTest.aProcessIsFound");
        assertThat(ProcessHandle.current().children())
                .allSatisfy(child -> assertThat(child.onExit()).succeedsWithin(Duration.ofSeconds(5)));
    }

    @Test
    void aProcessWithoutAParentIsFound() {
        assumeTrue(System.getenv("PROCESSION_TEST_RUN") != null, "the build marks the environment");
        assertThat(failuresOf(selectMethod(Seeded.class, "leavesAnOrphan")))
                .singleElement()
                .asString()
                .contains("process ", "sleep");
    }

    @Test
    void aSharedMemoryFileIsFound() {
        assumeTrue(Files.isDirectory(Path.of("/dev/shm")));
        assertThat(failuresOf(selectMethod(Seeded.class, "leavesSharedMemory")))
                .singleElement()
                .asString()
                .contains("file /dev/shm/procession-seeded");
    }

    @Test
    void aTemporaryFileOfOursIsFound() {
        assertThat(failuresOf(selectMethod(Seeded.class, "leavesATemporaryFile")))
                .singleElement()
                .asString()
                .contains("file ", "seeded-procession");
    }

    @Test
    void aFileOfALiveStrangerIsTheirsEvenIfTheyLeaveIt() throws Exception {
        // no child of ours, and without the mark of the build
        var shell =
                new ProcessBuilder("sh", "-c", "env -u PROCESSION_TEST_RUN sleep 60 >/dev/null 2>&1 & echo $!").start();
        long stranger = Long.parseLong(shell.inputReader().readLine());
        shell.waitFor();
        Seeded.stranger = ProcessHandle.of(stranger).orElseThrow();
        var file = Files.createTempDirectory("procession-storm-" + stranger + "-");
        LEFT.add(() -> Files.delete(file));
        assertThat(failuresOf(selectMethod(Seeded.class, "seesTheEndOfAStranger"), 5_000))
                .isEmpty();
        assertThat(failuresOf(selectMethod(Seeded.class, "leavesATemporaryFile")))
                .hasSize(1);
    }

    @Test
    void manyDescriptorsAreFound() {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        assertThat(failuresOf(selectMethod(Seeded.class, "leavesDescriptors")))
                .singleElement()
                .asString()
                .contains("more descriptors than before the class", "pipe:");
    }

    @Test
    void whatAProbeNamesIsFound(@TempDir Path folder) throws Exception {
        var service = folder.resolve("META-INF/services/" + LeftoverProbe.class.getName());
        Files.createDirectories(service.getParent());
        Files.writeString(service, SeededProbe.class.getName());
        var usual = Thread.currentThread().getContextClassLoader();
        try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, usual)) {
            Thread.currentThread().setContextClassLoader(loader);
            assertThat(failuresOf(selectMethod(Seeded.class, "leavesAnObject")))
                    .singleElement()
                    .asString()
                    .contains("queue 17");
        } finally {
            Thread.currentThread().setContextClassLoader(usual);
        }
    }

    @Test
    void whatTheTestsOfAClassShareMustBeGoneAtItsEnd() {
        assertThat(failuresOf(selectClass(SeededClass.class)))
                .singleElement()
                .asString()
                .contains("SeededClass", "process ", "sleep");
    }

    private static List<String> failuresOf(DiscoverySelector selector) {
        return failuresOf(selector, 100);
    }

    private static List<String> failuresOf(DiscoverySelector selector, int patience) {
        return EngineTestKit.engine("junit-jupiter")
                .configurationParameter(NothingLeftBehind.PATIENCE, Integer.toString(patience))
                .selectors(selector)
                .execute()
                .allEvents()
                .failed()
                .stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .map(result -> result.getThrowable().orElseThrow().getMessage())
                .toList();
    }

    @ExtendWith(NothingLeftBehind.class)
    static class Seeded {
        static ProcessHandle stranger = ProcessHandle.current();

        @Test
        void leavesNothing() {}

        @Test
        void leavesAProcessThatIsAboutToEnd() throws Exception {
            new ProcessBuilder("sleep", "0.3").start();
        }

        @Test
        void leavesAJvm() throws Exception {
            var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
            new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), Endless.class.getName())
                    .start()
                    .getInputStream()
                    .read(); // it is there
        }

        @Test
        void leavesAnOrphan() throws Exception {
            new ProcessBuilder("sh", "-c", "sleep 60 >/dev/null 2>&1 &").start().waitFor();
        }

        @Test
        void leavesSharedMemory() throws Exception {
            leave(Files.createTempFile(Path.of("/dev/shm"), "procession-seeded", ""));
        }

        @Test
        void leavesATemporaryFile() throws Exception {
            leave(Files.createTempFile("seeded-procession", ""));
        }

        @Test
        void seesTheEndOfAStranger() throws Exception {
            stranger.destroyForcibly();
            stranger.onExit().get();
        }

        @Test
        void leavesDescriptors() throws Exception {
            for (int i = 0; i < 10; i++) {
                var pipe = Pipe.open();
                LEFT.add(pipe.source());
                LEFT.add(pipe.sink());
            }
        }

        @Test
        void leavesAnObject() {
            LEFT.add(() -> {});
        }

        private static void leave(Path file) {
            LEFT.add(() -> Files.delete(file));
        }
    }

    @ExtendWith(NothingLeftBehind.class)
    static class SeededClass {
        @BeforeAll
        static void shareAProcess() throws Exception {
            new ProcessBuilder("sleep", "60").start();
        }

        @Test
        void usesIt() {}
    }

    static final class Endless {
        public static void main(String[] args) throws InterruptedException {
            System.out.println("there");
            Thread.sleep(Duration.ofMinutes(5));
        }
    }

    public static final class SeededProbe implements LeftoverProbe {
        @Override
        public List<String> get() {
            return LEFT.isEmpty() ? List.of() : List.of("queue 17");
        }
    }
}
