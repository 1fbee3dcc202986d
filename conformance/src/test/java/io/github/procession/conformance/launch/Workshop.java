package io.github.procession.conformance.launch;

import io.github.procession.ChildProcess;
import io.github.procession.internal.os.Basis;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/// Makes programs in a folder, with the tools that a user has.
final class Workshop {
    /// The option that keeps a parent from warning; its children have it by themselves.
    static final String NATIVE = "--enable-native-access=ALL-UNNAMED";

    /// A program that has one child process compute, and a pool, and prints what [#PRINTED] says.
    static final String PROGRAM = """
            package app;

            import io.github.procession.ChildProcess;
            import io.github.procession.Pool;
            import java.util.List;

            public class Main {
                static int square(int n) {
                    return n * n;
                }

                public static void main(String[] args) throws Exception {
                    long parent = ProcessHandle.current().pid();
                    System.out.println("child: " + ChildProcess.call(
                            () -> square(7) + (ProcessHandle.current().pid() == parent ? " here" : " elsewhere")));
                    try (var pool = Pool.open(1)) {
                        System.out.println("pool: " + pool.map(List.of(1, 2, 3), Main::square));
                    }
                }
            }
            """;

    static final String PRINTED = "child: 49 elsewhere\npool: [1, 4, 9]\n";

    private final Path folder;

    Workshop(Path folder) {
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    /// What a class was loaded from: a jar or a folder.
    static Path origin(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A copy of the library as a jar in the folder.
    Path library(String file) throws IOException {
        var origin = origin(ChildProcess.class);
        var jar = folder.resolve(file);
        Files.createDirectories(jar.getParent());
        if (Files.isDirectory(origin)) {
            tool("jar", "--create", "--file", jar, "-C", origin, ".");
        } else {
            Files.copy(origin, jar);
        }
        return jar;
    }

    Path write(String file, String text) throws IOException {
        var path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, text);
    }

    /// Compiles sources, found by their package declarations and names, against the library and more.
    ///
    /// @param into    the folder for the classes
    /// @param sources texts
    Path classes(String into, List<?> options, String... sources) throws IOException {
        var target = Files.createDirectories(folder.resolve(into));
        var arguments = new ArrayList<Object>(List.of("-d", target, "-Xlint:-options", "-nowarn"));
        arguments.addAll(options);
        int i = 0;
        for (String source : sources) {
            var name = source.lines()
                    .filter(line -> line.matches("(public )?(\\w+ )*?(class|interface|enum|record|module) .*"))
                    .findFirst()
                    .orElseThrow()
                    .replaceFirst(".*?\\b(class|interface|enum|record|module) ([\\w.]+).*", "$1 $2")
                    .split(" ");
            String file = name[0].equals("module") ? "module-info" : name[1];
            arguments.add(write(into + "-sources/" + i++ + "/" + file + ".java", source));
        }
        tool("javac", arguments.toArray());
        return target;
    }

    /// The classes of [#PROGRAM].
    Path program(String into, Path library) throws IOException {
        return classes(into, List.of("-cp", library), PROGRAM);
    }

    /// Makes a jar of classes.
    Path jar(String file, Path classes, Map<String, String> manifest) throws IOException {
        var jar = folder.resolve(file);
        Files.createDirectories(jar.getParent());
        var lines = new StringBuilder();
        manifest.forEach(
                (key, value) -> lines.append(key).append(": ").append(value).append('\n'));
        tool("jar", "--create", "--file", jar, "--manifest", write(file + ".mf", lines.toString()), "-C", classes, ".");
        return jar;
    }

    private static void tool(String name, Object... arguments) {
        var said = new StringWriter();
        var out = new PrintWriter(said);
        int code = ToolProvider.findFirst(name)
                .orElseThrow()
                .run(out, out, Stream.of(arguments).map(Object::toString).toArray(String[]::new));
        if (code != 0) {
            throw new IllegalStateException(name + " " + Arrays.toString(arguments) + " failed:\n" + said);
        }
    }

    /// Will run `java`, in the folder, on what these tests are built on.
    Launch java(Object... arguments) {
        var all = new ArrayList<Object>(Arrays.asList(arguments));
        if (Basis.isPortable()) {
            all.addFirst("-D" + Basis.PROPERTY + "=true");
        }
        return launch("java", all.toArray());
    }

    /// Will run a command of the JDK, in the folder.
    Launch launch(String command, Object... arguments) {
        var line = new ArrayList<String>();
        line.add(Path.of(System.getProperty("java.home"), "bin", command).toString());
        for (var argument : arguments) {
            line.add(argument.toString());
        }
        return new Launch(line, folder);
    }
}
