package io.github.procession.conformance.launch;

import static io.github.procession.conformance.launch.Workshop.NATIVE;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Programs that are modules, or use some.
class ModulePathTest {
    private static final String NATIVE_MODULE = "--enable-native-access=io.github.procession";

    private static final String MODULE = """
            module app {
                requires io.github.procession;
                requires java.logging;
            }
            """;

    /// Its target is in a package that the module neither exports nor opens.
    private static final String HIDDEN = """
            package app.hidden;

            import io.github.procession.function.SerializableCallable;
            import java.io.Serializable;

            record Job(int n) implements SerializableCallable<Job> {
                enum Kind { MODULAR }

                @Override
                public Job call() {
                    return new Job(n * n);
                }

                static Object where() {
                    return Job.class.getModule() + " " + Kind.MODULAR + " " + ModuleLayer.boot().findModule("java.logging").isPresent();
                }
            }
            """;

    private static final String MAIN = """
            package app.hidden;

            import io.github.procession.ChildProcess;
            import io.github.procession.Pool;
            import java.util.List;

            class Main {
                public static void main(String[] args) throws Exception {
                    System.out.println(ChildProcess.call(Job::where));
                    System.out.println(ChildProcess.call(() -> ChildProcess.call(new Job(7))));
                    try (var pool = Pool.open(1)) {
                        System.out.println(pool.map(List.of(new Job(2)), Job::call));
                    }
                }
            }
            """;

    private static final String SPY = """
            package spy;

            import io.github.procession.ChildProcess;

            class Main {
                static String look() throws Exception {
                    var value = String.class.getDeclaredField("value");
                    value.setAccessible(true);
                    return ((byte[]) value.get("abc")).length + " bytes, " + sun.nio.ch.IOStatus.EOF + ", "
                            + ModuleLayer.boot().findModule("java.sql").isPresent() + ", "
                            + ModuleLayer.boot().findModule("app").isPresent();
                }

                public static void main(String[] args) throws Exception {
                    System.out.println(ChildProcess.call(Main::look));
                }
            }
            """;

    private static final String PRINTED = "module app MODULAR true\nJob[n=49]\n[Job[n=4]]\n";

    @TempDir
    static Path folder;

    private static Workshop workshop;
    private static Path library;

    @BeforeAll
    static void build() throws IOException {
        workshop = new Workshop(folder);
        library = workshop.library("mods/procession.jar");
        var app = workshop.classes("app", List.of("-p", library), MODULE, HIDDEN, MAIN);
        workshop.jar("mods/app.jar", app, Map.of());
    }

    @Test
    void aNamedModuleWithAPackageThatItKeepsToItself() {
        workshop.java(NATIVE_MODULE, "-p", "mods", "-m", "app/app.hidden.Main")
                .run()
                .printed(PRINTED);
    }

    @Test
    void anExplodedModule() {
        workshop.java(NATIVE_MODULE, "-p", "app:mods/procession.jar", "-m", "app/app.hidden.Main")
                .run()
                .printed(PRINTED);
    }

    @Test
    void aModuleThatIsAddedToAProgramOfTheClassPath() throws IOException {
        workshop.java(NATIVE_MODULE, "-p", "mods", "--add-modules", "app", "-cp", "nothing", "app.hidden.Main")
                .run()
                .printed(PRINTED);
    }

    @Test
    void aProgramOfTheClassPathWithTheLibraryAsAModule() throws IOException {
        var classes = workshop.program("classes", library);
        workshop.java(NATIVE_MODULE, "-p", library, "--add-modules", "io.github.procession", "-cp", classes, "app.Main")
                .run()
                .printed(Workshop.PRINTED);
    }

    @Test
    void openedExportedAndAddedModules() throws IOException {
        var spy = workshop.classes(
                "spy",
                List.of("-p", library, "--add-exports", "java.base/sun.nio.ch=spy"),
                "module spy { requires io.github.procession; }",
                SPY);
        workshop.java(
                        NATIVE_MODULE,
                        "-p",
                        "mods:" + spy,
                        "--add-modules",
                        "java.sql",
                        "--add-opens",
                        "java.base/java.lang=spy",
                        "--add-exports=java.base/sun.nio.ch=spy",
                        "-m",
                        "spy/spy.Main")
                .run()
                .printed("3 bytes, -1, true, false\n");
    }

    @Test
    void anAutomaticModule() throws IOException {
        var jar = workshop.jar("automatic/my-app.jar", workshop.program("plain", library), Map.of());
        workshop.java(
                        NATIVE_MODULE,
                        "-p",
                        jar + ":" + library,
                        "--add-modules",
                        "io.github.procession",
                        "-m",
                        "my.app/app.Main")
                .run()
                .printed(Workshop.PRINTED);
    }

    @Test
    void aLimitedSetOfModules() throws IOException {
        workshop.java(
                        NATIVE,
                        "--limit-modules",
                        "java.base,java.management",
                        "-cp",
                        workshop.program("limited", library) + ":" + library,
                        "app.Main")
                .run()
                .printed(Workshop.PRINTED);
    }

    @Test
    void aPatchedModule() throws IOException {
        var patch = workshop.classes(
                "patch", List.of("--patch-module", "java.logging=" + folder.resolve("patch-sources")), """
                package java.util.logging;

                public class Patch {
                    public static String text() {
                        return "patched";
                    }
                }
                """);
        var classes =
                workshop.classes("patched", List.of("-cp", library, "--patch-module", "java.logging=" + patch), """
                package app;

                public class Patched {
                    public static void main(String[] args) throws Exception {
                        System.out.println(io.github.procession.ChildProcess.call(() -> java.util.logging.Patch.text()));
                    }
                }
                """);
        workshop.java(NATIVE, "--patch-module", "java.logging=../patch", "-cp", classes + ":" + library, "app.Patched")
                .in(folder.resolve("mods"))
                .run()
                .printed("patched\n");
    }
}
