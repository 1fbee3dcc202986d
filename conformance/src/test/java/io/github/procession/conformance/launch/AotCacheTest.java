package io.github.procession.conformance.launch;

import static io.github.procession.conformance.launch.Workshop.NATIVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// The cache with which children boot faster: made by the first program, used by the next.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AotCacheTest {
    /// Says whether its child was given a cache; then, if asked, waits until there is one.
    private static final String PROGRAM = """
            package app;

            import io.github.procession.ChildProcess;
            import io.github.procession.Pool;
            import java.lang.management.ManagementFactory;
            import java.nio.file.*;
            import java.util.concurrent.TimeUnit;

            public class Cached {
                static void look() {
                    var flags = ManagementFactory.getRuntimeMXBean().getInputArguments();
                    System.out.println(flags.stream().anyMatch(f -> f.startsWith("-XX:AOTCache=")) ? "with" : "without");
                }

                public static void main(String[] args) throws Exception {
                    var folder = Path.of(System.getenv("XDG_CACHE_HOME"), "procession");
                    try (var watch = FileSystems.getDefault().newWatchService()) {
                        if (args[0].equals("wait")) {
                            Files.createDirectories(folder).register(watch, StandardWatchEventKinds.ENTRY_CREATE);
                        }
                        try (var child = ChildProcess.of(Cached::look)) {
                            child.options(o -> o.jvmArgs("-Xlog:class+load:file=loaded.txt")).start();
                        }
                        for (boolean made = !args[0].equals("wait"); !made; ) {
                            var key = watch.poll(50, TimeUnit.SECONDS);
                            if (key == null) {
                                throw new IllegalStateException("no cache was made");
                            }
                            made = key.pollEvents().stream().anyMatch(e -> e.context().toString().endsWith(".aot"));
                            key.reset();
                        }
                    }
                    if (args[0].equals("pool")) {
                        try (var pool = Pool.open(1)) {
                            pool.apply(Cached::look);
                        }
                    }
                }
            }
            """;

    @TempDir
    static Path folder;

    private static Workshop workshop;
    private static String classPath;
    private static Path home;
    private static Path caches;

    @BeforeAll
    static void build() throws IOException {
        workshop = new Workshop(folder);
        var library = workshop.library("lib/procession.jar");
        var classes = workshop.classes("cached", List.of("-cp", library), PROGRAM);
        classPath = classes + File.pathSeparator + library;
        home = Files.createDirectory(folder.resolve("home"));
        caches = Files.createDirectory(
                home.resolve("procession"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static Launch program(String argument, String... flags) {
        var line = Stream.concat(Stream.of(flags), Stream.<Object>of(NATIVE, "-cp", classPath, "app.Cached", argument))
                .toArray();
        return workshop.java(line).with("XDG_CACHE_HOME", home.toString());
    }

    private static List<Path> caches() throws IOException {
        try (var files = Files.list(caches)) {
            return files.toList();
        }
    }

    private static String sourceOfMain() throws IOException {
        try (var lines = Files.lines(folder.resolve("loaded.txt"))) {
            return lines.filter(line -> line.contains(".internal.worker.Main "))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    @Order(1)
    void noneIsMadeIfThatIsNotWished() throws IOException {
        program("once", "-Dio.github.procession.aotCache=off").run().printed("without\n");
        assertThat(caches()).isEmpty();
    }

    @Test
    @Order(2)
    void noneIsMadeWhereOthersCanWrite() throws IOException {
        Files.setPosixFilePermissions(caches, PosixFilePermissions.fromString("rwxrwxrwx"));
        program("once").run().printed("without\n");
        assertThat(caches()).isEmpty();
        Files.setPosixFilePermissions(caches, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    @Order(3)
    void theFirstProgramMakesItAndTheNextHasIt() throws IOException {
        program("wait").run().printed("without\n");
        assertThat(sourceOfMain()).contains("procession.jar");
        assertThat(caches())
                .singleElement()
                .satisfies(cache -> assertThat(Files.getPosixFilePermissions(cache))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------")));
        program("once").run().printed("with\n");
        assertThat(sourceOfMain()).contains("shared objects file");
        assertThat(caches()).hasSize(1);
    }

    @Test
    @Order(4)
    void theWorkersOfAPoolHaveTheSame() throws IOException {
        program("pool").run().printed("with\nwith\n");
        assertThat(caches()).hasSize(1);
    }

    @Test
    @Order(4)
    void otherFlagsHaveAnotherOne() throws IOException {
        program("once", "-XX:+UseParallelGC").run().printed("without\n");
        program("once", "-Xmx200m", "-Dany=1").run().printed("with\n");
    }

    @Test
    @Order(5)
    void oneThatOthersCanWriteIsNotBelieved() throws IOException {
        var cache = caches().getFirst();
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rw-rw-rw-"));
        program("once").run().printed("without\n");
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    @Order(6)
    void oneBelowAFolderWhereOthersCanWriteIsNotBelieved() throws IOException {
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        program("once").run().printed("without\n");
        Files.setAttribute(home, "unix:mode", 01777); // where nobody can touch what is somebody else's
        program("once").run().printed("with\n");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    @Order(7)
    void aLinkIsFollowedOnceAndWhatItLeadsToIsLookedAt() throws IOException {
        var elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.createSymbolicLink(elsewhere.resolve("procession"), caches);
        var line = List.of(NATIVE, "-cp", classPath, "app.Cached", "once").toArray();
        workshop.java(line).with("XDG_CACHE_HOME", elsewhere.toString()).run().printed("with\n");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        workshop.java(line).with("XDG_CACHE_HOME", elsewhere.toString()).run().printed("without\n");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    @Order(8)
    void oneOfSomebodyElseIsNotBelieved() throws IOException {
        assumeThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid")).isEqualTo(0); // who alone can give files away
        for (var what : List.of(caches().getFirst(), caches, home)) {
            Files.setAttribute(what, "unix:uid", 64321);
            program("once").run().printed("without\n");
            Files.setAttribute(what, "unix:uid", 0);
        }
        program("once").run().printed("with\n");
    }

    @Test
    @Order(9)
    void whatSomebodyPutInItsPlaceIsLeftAlone() throws Exception {
        var planted = Files.createDirectory(folder.resolve("planted")).resolve("procession");
        var line = List.of(NATIVE, "-cp", classPath, "app.Cached", "once").toArray();
        var program =
                workshop.java(line).with("XDG_CACHE_HOME", planted.getParent().toString());
        Files.writeString(planted, "a file");
        program.run().printed("without\n");
        assertThat(planted).hasContent("a file");
        Files.delete(planted);
        assertThat(new ProcessBuilder("mkfifo", planted.toString()).start().waitFor())
                .isZero();
        program.run().printed("without\n");
        Files.delete(planted);
        Files.createSymbolicLink(planted, folder.resolve("nowhere"));
        program.run().printed("without\n");
        assertThat(folder.resolve("nowhere")).doesNotExist();
    }

    @Test
    @Order(10)
    void itsFoldersAreForTheirUserAloneWhateverTheUmask() throws Exception {
        var fresh = folder.resolve("fresh").resolve("cache");
        workshop.java(NATIVE, "-cp", classPath, "app.Cached", "once")
                .umask("000")
                .with("XDG_CACHE_HOME", fresh.toString())
                .run()
                .printed("without\n");
        for (var made : List.of(fresh.getParent(), fresh, fresh.resolve("procession"))) {
            assertThat(Files.getPosixFilePermissions(made)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    @Order(11)
    void oneThatIsNoneDoesNoHarm() throws IOException {
        Files.writeString(caches().getFirst(), "no cache");
        program("once").run().printed("with\n");
        assertThat(sourceOfMain()).contains("procession.jar");
    }
}
