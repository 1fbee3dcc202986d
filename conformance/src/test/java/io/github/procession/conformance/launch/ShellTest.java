package io.github.procession.conformance.launch;

import static io.github.procession.conformance.launch.Workshop.NATIVE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Snippets of JShell, whose variables are static fields that no other process knows.
class ShellTest {
    private static final String SNIPPETS = """
            import io.github.procession.*;
            import io.github.procession.function.*;
            int k = 5
            int plus(int x) { return x + k; }
            System.out.println("variable " + ChildProcess.call(() -> k + 1))
            Pool pool = Pool.open(1)
            System.out.println("method " + pool.map(List.of(1, 2, 3), x -> plus(x)))
            k = 7
            System.out.println("changed variable " + pool.map(List.of(1, 2, 3), x -> plus(x)))
            int plus(int x) { return x * k; }
            System.out.println("changed method " + pool.map(List.of(1, 2, 3), x -> plus(x)))
            record Point(int x) implements java.io.Serializable { public Point { if (x < k) throw new IllegalArgumentException(x + " < " + k); } int far() { return x + k; } }
            System.out.println("record " + pool.map(List.of(new Point(7), new Point(8)), p -> new Point(p.far())))
            SerializableFunction<Integer, Integer> factorial = null
            factorial = n -> n == 0 ? 1 : n * factorial.apply(n - 1)
            System.out.println("lambda in a variable " + pool.map(List.of(5), factorial))
            SharedInt total = SharedInt.of(0)
            List<Integer> shared = new ArrayList<>(List.of(1, 2))
            pool.map(shared, x -> total.addAndGet(x * shared.size()))
            System.out.println("shared object " + total.get())
            interface Shape extends java.io.Serializable { int area(); }
            class Square implements Shape { final int side = k; public int area() { return side * k; } }
            Shape shape = new Square()
            System.out.println("object behind an interface " + pool.map(List.of(1), x -> shape.area() + x))
            System.out.println("anonymous class " + pool.apply(new SerializableCallable<Integer>() { public Integer call() { return k; } }))
            System.out.println("nested lambda " + pool.apply(() -> List.of(3, 1).stream().map(x -> plus(x)).toList()))
            System.out.println("grandchild " + pool.apply(() -> ChildProcess.call(() -> plus(2) + k)))
            Thread thread = new Thread()
            try { pool.apply(() -> thread.getName()); } catch (IllegalArgumentException e) { System.out.println(e.getMessage()); }
            pool.close()
            total.close()
            /exit
            """;

    private static final String PRINTED = """
            variable 6
            method [6, 7, 8]
            changed variable [8, 9, 10]
            changed method [7, 14, 21]
            record [Point[x=14], Point[x=15]]
            lambda in a variable [120]
            shared object 6
            object behind an interface [50]
            anonymous class 7
            nested lambda [21, 7]
            grandchild 21
            """;

    @TempDir
    static Path folder;

    private static Workshop workshop;
    private static Path library;

    @BeforeAll
    static void build() throws IOException {
        workshop = new Workshop(folder);
        library = workshop.library("procession.jar");
        Files.createDirectories(folder.resolve(".java/.userPrefs")); // the shell mentions it if it has to make it
    }

    private static void check(Launch.Finished finished) {
        assertThat(finished.out()).startsWith(PRINTED);
        assertThat(finished.out().substring(PRINTED.length()))
                .startsWith(
                        "Cannot send the shell variable thread to another process: java.lang.Thread is not Serializable.")
                .contains("what is sent uses this variable of the shell");
        assertThat(finished.err()).isEmpty();
        assertThat(finished.code()).isZero();
    }

    @Test
    void aShellThatRunsSnippetsInAProcessOfTheirOwn() {
        check(workshop.launch(
                        "jshell", "-J-Djava.util.prefs.userRoot=" + folder, "--class-path", library, "-R" + NATIVE, "-")
                .reading(SNIPPETS)
                .run());
    }

    @Test
    void aShellThatRunsSnippetsInItself() {
        check(workshop.launch(
                        "jshell",
                        "-J-Djava.util.prefs.userRoot=" + folder,
                        "--execution",
                        "local",
                        "--class-path",
                        library,
                        "-J" + NATIVE,
                        "-")
                .reading(SNIPPETS)
                .run());
    }
}
