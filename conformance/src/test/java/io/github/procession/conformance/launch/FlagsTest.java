package io.github.procession.conformance.launch;

import static io.github.procession.conformance.launch.Workshop.NATIVE;
import static io.github.procession.conformance.launch.Workshop.PRINTED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jacoco.agent.rt.RT;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Parents that are watched, tuned or recorded: children neither speak of it nor fight over its ports and files.
class FlagsTest {
    /// Prints what a child is like.
    private static final String PROBE = """
            package app;

            import io.github.procession.ChildProcess;
            import java.lang.management.ManagementFactory;
            import java.nio.file.Files;
            import java.nio.file.Path;

            public class Probe {
                static String look(String what) {
                    return switch (what) {
                        case "collector" -> ManagementFactory.getGarbageCollectorMXBeans().getFirst().getName();
                        case "heap" -> (Runtime.getRuntime().maxMemory() >> 20) + "m";
                        case "assertions" -> "" + Probe.class.desiredAssertionStatus();
                        case "arguments" -> "" + ManagementFactory.getRuntimeMXBean().getInputArguments();
                        case "jps" -> "" + Files.exists(Path.of(
                                "/tmp/hsperfdata_" + System.getProperty("user.name"),
                                "" + ProcessHandle.current().pid()));
                        default -> System.getProperty(what);
                    };
                }

                public static void main(String[] args) throws Exception {
                    for (String what : args) {
                        System.out.println(ChildProcess.call(() -> look(what)));
                    }
                }
            }
            """;

    @TempDir
    static Path folder;

    private static Workshop workshop;
    private static String classPath;

    @BeforeAll
    static void build() throws IOException {
        workshop = new Workshop(folder);
        var library = workshop.library("procession.jar");
        var program = workshop.jar(
                "app.jar", workshop.classes("classes", List.of("-cp", library), Workshop.PROGRAM, PROBE), Map.of());
        classPath = library + ":" + program;
    }

    /// A run with flags, of a main class and its arguments.
    private static Launch.Finished run(List<String> flags, String... main) {
        var arguments = new ArrayList<Object>(flags);
        arguments.addAll(List.of(NATIVE, "-cp", classPath));
        arguments.addAll(Arrays.asList(main));
        return workshop.java(arguments.toArray()).run();
    }

    private static List<String> files(String pattern) throws IOException {
        try (var found = Files.newDirectoryStream(folder, pattern)) {
            var names = new ArrayList<String>();
            found.forEach(file -> names.add(file.getFileName().toString()));
            return names;
        }
    }

    @Test
    void aDebugger() {
        var finished =
                run(List.of("-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0"), "app.Main");
        assertThat(finished.out()).startsWith("Listening for transport").endsWith(PRINTED);
        assertThat(finished.out().lines())
                .filteredOn(line -> line.startsWith("Listening"))
                .hasSize(1);
        assertThat(finished.err()).isEmpty();
    }

    @Test
    void coverage() {
        run(
                        List.of("-javaagent:" + Workshop.origin(RT.class) + "=destfile="
                                + folder.resolve("jacoco.exec")),
                        "app.Main")
                .printed(PRINTED);
        assertThat(folder.resolve("jacoco.exec")).isNotEmptyFile();
    }

    @Test
    void aFlightRecordingAndLogs() throws IOException {
        var finished = run(
                List.of(
                        "-XX:StartFlightRecording:filename=recording-%p.jfr,settings=default",
                        "-Xlog:gc*:file=gc-%p.log", "-Xlog:disable", "-verbose:module"),
                "app.Main");
        assertThat(finished.out()).endsWith(PRINTED);
        assertThat(finished.err()).isEmpty();
        assertThat(files("recording-*")).hasSize(1);
    }

    @Test
    void logsOfTheCollector() throws IOException {
        run(List.of("-Xlog:gc*:file=heap-%p.log"), "app.Main").printed(PRINTED);
        assertThat(files("heap-*")).hasSize(1);
    }

    @Test
    void theCollectorOfTheParentIfItHasChosenOne() {
        run(List.of("-Xmx100m"), "app.Probe", "collector").printed("Copy\n");
        run(List.of("-XX:+UseParallelGC", "-Xms8m"), "app.Probe", "collector").printed("PS MarkSweep\n");
        run(List.of("-XX:+UseZGC", "-Xmx100m", "-XX:SoftMaxHeapSize=50m"), "app.Probe", "collector", "heap")
                .printed("ZGC Minor Cycles\n100m\n");
    }

    @Test
    void assertionsCountersAndManagement() {
        var finished = run(
                List.of(
                        "-ea",
                        "-Xshare:off",
                        "-XX:+UsePerfData",
                        "-XX:NativeMemoryTracking=summary",
                        "-XX:+HeapDumpOnOutOfMemoryError",
                        "-XX:OnOutOfMemoryError=false",
                        "-Dcom.sun.management.jmxremote.port=0",
                        "-Dcom.sun.management.jmxremote.authenticate=false",
                        "-Dcom.sun.management.jmxremote.ssl=false"),
                "app.Probe",
                "assertions",
                "jps",
                "com.sun.management.jmxremote.port");
        finished.printed("true\nfalse\nnull\n");
    }

    @Test
    void filesOfFlags() throws IOException {
        workshop.write("options", "-Dfrom.options=1 -XX:+PrintCommandLineFlags");
        workshop.write("settings", "MaxHeapSize=67108864\n+UseSerialGC\n");
        var finished = run(
                List.of("-XX:VMOptionsFile=options", "-XX:Flags=settings"),
                "app.Probe",
                "from.options",
                "heap",
                "arguments");
        assertThat(finished.err()).isEmpty();
        assertThat(finished.out().lines())
                .filteredOn(line -> line.contains("CommandLine") || line.startsWith("-XX:"))
                .hasSize(1);
        assertThat(finished.out())
                .contains("\n1\n")
                .containsPattern("\n6[0-9]m\n")
                .doesNotContain("VMOptionsFile=");
    }

    @Test
    void archivesOfClasses() {
        run(List.of("-XX:ArchiveClassesAtExit=app.jsa", "-Xlog:disable"), "app.Main")
                .printed(PRINTED);
        run(List.of("-XX:SharedArchiveFile=app.jsa", "-Xshare:on", "-Xlog:disable"), "app.Main")
                .printed(PRINTED);
    }

    @Test
    void anAheadOfTimeCache() {
        run(List.of("-XX:AOTCacheOutput=app.aot", "-Xlog:disable"), "app.Main");
        assertThat(folder.resolve("app.aot")).isNotEmptyFile();
        run(List.of("-XX:AOTCache=app.aot", "-XX:AOTMode=on"), "app.Main").printed(PRINTED);
    }
}
