package io.github.procession.tools;

import io.github.procession.Pool;
import io.github.procession.examples.Example1;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;

/// The command line, in a process of its own, with a temporary folder of its own. It gets files as its standard streams.
final class Tool {
    private static final long LIMIT_SECONDS = 100; // less than a test may take

    private final Path folder;
    private final List<String> command;

    private Tool(Path folder, List<String> command) {
        this.folder = folder;
        this.command = command;
    }

    /// What it did.
    record Result(int exitCode, List<String> output, List<String> errors) {}

    static Tool in(Path folder, String... arguments) {
        return with("--enable-native-access=ALL-UNNAMED", folder, arguments);
    }

    /// With another flag for its JVM than that which it should have.
    static Tool with(String flag, Path folder, String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                flag,
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                Stream.of(Pool.class, Example1.class, CommandLine.class, Main.class)
                        .map(Tool::origin)
                        .collect(Collectors.joining(File.pathSeparator)),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        return new Tool(folder, command);
    }

    /// Where a class was found.
    static String origin(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /// Its command line, for a shell.
    String quoted() {
        return command.stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }

    Result run() throws IOException, InterruptedException {
        return run("", Map.of());
    }

    Result run(String input, Map<String, String> environment) throws IOException, InterruptedException {
        return run(command, input, environment);
    }

    /// Runs a script of a shell in its place.
    ///
    /// @param script with `TOOL` where its command line goes
    Result runIn(String script, Map<String, String> environment) throws IOException, InterruptedException {
        return run(List.of("sh", "-c", script.replace("TOOL", quoted())), "", environment);
    }

    private Result run(List<String> command, String input, Map<String, String> environment)
            throws IOException, InterruptedException {
        var in = Files.writeString(folder.resolve("input.txt"), input);
        var out = folder.resolve("output.txt");
        var err = folder.resolve("errors.txt");
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        clean(builder);
        builder.environment().putAll(environment);
        var process = builder.start();
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("%s is still running after %d s; it printed%n%s%s"
                        .formatted(command, LIMIT_SECONDS, Files.readString(out), Files.readString(err)));
            }
            return new Result(process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /// Starts it with a terminal for all its streams, which the returned process's streams are.
    Process startAtTerminal() throws IOException {
        var builder = new ProcessBuilder("script", "-qec", "exec " + quoted(), "/dev/null")
                .directory(folder.toFile())
                .redirectErrorStream(true);
        clean(builder);
        builder.environment().put("TERM", "xterm");
        return builder.start();
    }

    private static void clean(ProcessBuilder builder) {
        var variables = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH", "LC_ALL");
        builder.environment().keySet().removeAll(variables);
        builder.environment().put("LC_ALL", "C.UTF-8");
    }
}
