package io.github.procession.conformance.launch;

import static io.github.procession.conformance.launch.Workshop.NATIVE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `java File.java`: the classes are in the memory of the parent alone.
class SourceTest {
    @TempDir
    static Path folder;

    private static Workshop workshop;
    private static Path library;

    @BeforeAll
    static void build() throws IOException {
        workshop = new Workshop(folder);
        library = workshop.library("procession.jar");
    }

    @Test
    void aClass() throws IOException {
        workshop.write("plain/Main.java", Workshop.PROGRAM.replace("package app;\n", ""));
        workshop.java(NATIVE, "-cp", library, "plain/Main.java").run().printed(Workshop.PRINTED);
    }

    @Test
    void aClassInAPackage() throws IOException {
        workshop.write("tree/app/Main.java", Workshop.PROGRAM);
        workshop.java(NATIVE, "-cp", library, "tree/app/Main.java").run().printed(Workshop.PRINTED);
    }

    @Test
    void aCompactSource() throws IOException {
        workshop.write("compact/Compact.java", """
                import io.github.procession.*;

                record Pair(int a, int b) {}

                static int times = 3;

                static int triple(int n) {
                    return n * times;
                }

                void main() throws Exception {
                    int captured = 4;
                    IO.println(ChildProcess.call(() -> triple(captured)));
                    IO.println(ChildProcess.call(() -> new Pair(1, captured).toString()));
                    try (var pool = Pool.open(1)) {
                        IO.println(pool.map(List.of(1, 2, 3), n -> triple(n) + captured));
                    }
                }
                """);
        workshop.java(NATIVE, "-cp", library, "compact/Compact.java")
                .run()
                .printed("12\nPair[a=1, b=4]\n[7, 10, 13]\n");
    }

    @Test
    void aCompactSourceWhoseMethodsAndFieldsAreUsed() throws IOException {
        workshop.write("compact/Whole.java", """
                import io.github.procession.*;

                int factor = 3;
                List<String> names = new ArrayList<>(List.of("a"));
                final int fixed = factor + 1;
                transient Thread thread = Thread.currentThread();

                int times(int n) {
                    return n * factor + fixed;
                }

                void greet() {
                    IO.println("hello " + names + " " + thread);
                }

                void main() throws Exception {
                    factor = 10;
                    names.add("b");
                    IO.println(ChildProcess.call(() -> times(2)));
                    try (var pool = Pool.open(1)) {
                        IO.println(pool.map(List.of(1, 2, 3), this::times));
                    }
                    ChildProcess.of(this::greet).start().join();
                    var scanner = new Scanner("x");
                    class Local {
                        final Scanner in = scanner;
                        int n = factor;
                    }
                    var local = new Local();
                    try {
                        ChildProcess.call(() -> local.n);
                    } catch (IllegalArgumentException e) {
                        IO.println(e.getMessage().lines().findFirst().get());
                    }
                }
                """);
        workshop.java(NATIVE, "-cp", library, "compact/Whole.java").run().printed("""
                        24
                        [14, 24, 34]
                        hello [a, b] null
                        Cannot send the task to another process: Whole$1Local is not Serializable.
                        """);
    }

    @Test
    void severalFilesWithPackagesAndAResource() throws IOException {
        workshop.write("several/app/Start.java", """
                package app;

                import app.parts.Part;
                import io.github.procession.ChildProcess;

                public class Start {
                    public static void main(String[] args) throws Exception {
                        Part part = ChildProcess.call(() -> ChildProcess.call(() -> new Part("one").next()));
                        System.out.println(part.equals(new Part("one+")) + " " + part);
                        try {
                            ChildProcess.call(() -> new Part("").next());
                        } catch (Part.Empty e) {
                            System.out.println(e.part + " " + e.getStackTrace()[0].getMethodName());
                        }
                    }
                }
                """);
        workshop.write("several/app/parts/Part.java", """
                package app.parts;

                public record Part(String name) implements java.io.Serializable {
                    public static class Empty extends RuntimeException {
                        public final Part part;

                        Empty(Part part) {
                            this.part = part;
                        }
                    }

                    public Part next() {
                        if (name.isEmpty()) {
                            throw new Empty(this);
                        }
                        return new Part(name + Suffix.PLUS.text);
                    }
                }
                """);
        workshop.write("several/app/parts/Suffix.java", """
                package app.parts;

                enum Suffix {
                    PLUS("+") {
                        @Override
                        public String toString() {
                            return "plus";
                        }
                    };

                    final String text;

                    Suffix(String text) {
                        this.text = text;
                    }
                }
                """);
        workshop.java(NATIVE, "-cp", library, "several/app/Start.java")
                .run()
                .printed("true Part[name=one+]\nPart[name=] next\n");
    }

    @Test
    void withPreviewFeatures() throws IOException {
        workshop.write("preview/Preview.java", """
                import io.github.procession.ChildProcess;

                class Preview {
                    static String kind(Object value) {
                        return switch (value) {
                            case int i when i > 3 -> "a large int";
                            case int _ -> "an int";
                            default -> "something";
                        };
                    }

                    public static void main(String[] args) throws Exception {
                        System.out.println(ChildProcess.call(() -> kind(5)));
                    }
                }
                """);
        var finished = workshop.java(
                        NATIVE,
                        "--enable-preview",
                        "--source",
                        System.getProperty("java.specification.version"),
                        "-cp",
                        library,
                        "preview/Preview.java")
                .run();
        assertThat(finished.out()).isEqualTo("a large int\n");
        assertThat(finished.err()).doesNotContain("Exception"); // the compiler's note alone
    }

    @Test
    void aSourceTreeThatIsAModule() throws IOException {
        workshop.write("modular/module-info.java", "module modular { requires io.github.procession; }");
        workshop.write("modular/app/Main.java", Workshop.PROGRAM);
        workshop.java(
                        "--enable-native-access=io.github.procession",
                        "--add-modules",
                        "io.github.procession",
                        "-p",
                        library,
                        "modular/app/Main.java")
                .run()
                .printed(Workshop.PRINTED);
    }
}
