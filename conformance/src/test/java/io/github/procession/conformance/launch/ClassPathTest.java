package io.github.procession.conformance.launch;

import static io.github.procession.conformance.launch.Workshop.NATIVE;
import static io.github.procession.conformance.launch.Workshop.PRINTED;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.conformance.Locales;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Programs on the class path.
class ClassPathTest {
    @TempDir
    static Path folder;

    private static Workshop workshop;
    private static Path library;
    private static Path classes;

    @BeforeAll
    static void build() throws IOException {
        workshop = new Workshop(folder);
        library = workshop.library("lib/procession.jar");
        classes = workshop.program("classes", library);
        workshop.jar("lib/program.jar", classes, Map.of());
        workshop.jar(
                "lib/properties.jar", workshop.classes("properties", List.of("-cp", library), PROPERTIES), Map.of());
    }

    /// Prints what a child's child sees.
    private static final String PROPERTIES = """
            package app;

            import io.github.procession.ChildProcess;
            import java.lang.management.ManagementFactory;
            import java.util.stream.Collectors;

            public class Properties {
                static String property(String name) {
                    return name.equals("flags")
                            ? ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                                    .filter(flag -> flag.startsWith("-Dtool=") || flag.startsWith("-Dlauncher="))
                                    .collect(Collectors.joining(" "))
                            : System.getProperty(name);
                }

                public static void main(String[] args) throws Exception {
                    for (String name : args) {
                        System.out.println(ChildProcess.call(() -> ChildProcess.call(() -> property(name))));
                    }
                }
            }
            """;

    private static String path(Object... entries) {
        return String.join(
                File.pathSeparator,
                List.of(entries).stream().map(Object::toString).toList());
    }

    @Test
    void foldersAndJars() {
        workshop.java(NATIVE, "-cp", path(classes, library), "app.Main").run().printed(PRINTED);
    }

    @Test
    void relativeEntriesAndAnEmptyOneForTheWorkingDirectory() {
        workshop.java(NATIVE, "-cp", path("", "../lib/procession.jar"), "app.Main")
                .in(classes)
                .run()
                .printed(PRINTED);
    }

    @Test
    void aWildcard() {
        workshop.java(NATIVE, "-cp", "lib/*", "app.Main").run().printed(PRINTED);
    }

    @Test
    void theVariable() {
        workshop.java(NATIVE, "app.Main").with("CLASSPATH", "lib/*").run().printed(PRINTED);
    }

    @Test
    void aJarWhoseManifestNamesTheOthers() throws IOException {
        var empty = Files.createDirectories(folder.resolve("empty"));
        var jar = workshop.jar("path.jar", empty, Map.of("Class-Path", "lib/program.jar lib/procession.jar"));
        workshop.java(NATIVE, "-cp", jar, "app.Main").run().printed(PRINTED);
    }

    @Test
    void anExecutableJarWithWhatItsManifestOpens() throws IOException {
        var program = workshop.classes("opened", List.of("-cp", library), """
                package app;

                import io.github.procession.ChildProcess;

                public class Opened {
                    static String look() throws Exception {
                        var value = String.class.getDeclaredField("value");
                        value.setAccessible(true);
                        return ((byte[]) value.get("abc")).length + " bytes";
                    }

                    public static void main(String[] args) throws Exception {
                        System.out.println(ChildProcess.call(Opened::look) + " " + args[0]);
                    }
                }
                """);
        var jar = workshop.jar(
                "opened.jar",
                program,
                Map.of(
                        "Main-Class", "app.Opened",
                        "Class-Path", "lib/procession.jar",
                        "Enable-Native-Access", "ALL-UNNAMED",
                        "Add-Opens", "java.base/java.lang java.base/java.util"));
        workshop.java("-jar", jar, "given").run().printed("3 bytes given\n");
        workshop.java("-jar", folder.relativize(jar), "given").run().printed("3 bytes given\n");
    }

    @Test
    void aClassPathOfTheChildsOwnComesBeforeTheParents() throws IOException {
        String dep = """
                package dep;

                public class Dep {
                    public static int uses;

                    public static int version() {
                        uses++;
                        return 1;
                    }
                }
                """;
        var first = workshop.classes("dep1", List.of(), dep);
        var second = workshop.classes("dep2", List.of(), dep.replace("return 1", "return 2"));
        var program = workshop.classes("chosen", List.of("-cp", path(library, first)), """
                package app;

                import dep.Dep;
                import io.github.procession.ChildProcess;
                import java.nio.file.Path;

                public class Chosen {
                    static class Other {
                        static int version() {
                            return Dep.version();
                        }
                    }

                    static void print() {
                        System.out.println(Dep.version() + " " + Other.version() + " " + Dep.uses);
                    }

                    public static void main(String[] args) throws Exception {
                        print();
                        ChildProcess.of(Chosen::print).options(o -> o.classPath(Path.of(args[0]))).start().join();
                    }
                }
                """);
        workshop.java(NATIVE, "-cp", path(program, first, library), "app.Chosen", second)
                .run()
                .printed("1 1 2\n2 2 2\n");
    }

    @Test
    void pathsWithBlanksAndLetters() throws IOException {
        String name = Locales.sayable("100% größe ž \"q\" 'r' #1", "100% a \"q\" 'r' #1");
        var place = new Workshop(Files.createDirectories(folder.resolve(name)));
        var copy = place.library("lib/procession.jar");
        place.program("the classes", copy);
        var temp = Files.createDirectories(place.folder().resolve("tmp"));
        place.java(NATIVE, "-Djava.io.tmpdir=" + temp, "-cp", path("the classes", copy), "app.Main")
                .run()
                .printed(PRINTED);
    }

    @Test
    void argumentFiles() throws IOException {
        workshop.write("flags", "-Dapp.text=\"two words # and\\\\more\"\n-cp \"lib/*\" # the class path\n" + NATIVE);
        workshop.write("main", "app.Properties app.text");
        workshop.java("@flags", "@main").run().printed("two words # and\\more\n");
    }

    @Test
    void variablesWithFlagsCountOnceAndAreNotMentionedByChildren() {
        var finished = workshop.java(NATIVE, "-cp", "lib/*", "app.Properties", "tool", "launcher", "flags")
                .with("JAVA_TOOL_OPTIONS", "-Dtool=a")
                .with("JDK_JAVA_OPTIONS", "-Dlauncher=b")
                .run();
        assertThat(finished.out()).isEqualTo("a\nb\n-Dtool=a -Dlauncher=b\n");
        assertThat(finished.err().lines())
                .allMatch(line -> line.contains("Picked up"))
                .hasSize(2);
    }
}
