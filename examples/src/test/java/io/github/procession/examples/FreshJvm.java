package io.github.procession.examples;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Runs programs in JVMs that know nothing of this one: their own class path, working directory and temporary folder. They
/// speak English in UTF-8, whatever the machine does.
public final class FreshJvm {
    private static final long LIMIT_SECONDS = 100; // less than a test may take

    private final Path folder;
    private final String classPath;

    private FreshJvm(Path folder, String classPath) {
        this.folder = folder;
        this.classPath = classPath;
    }

    /// What a program did.
    public record Result(int exitCode, List<String> output, List<String> errors) {}

    /// JVMs in a folder, with the class path entries from which these classes came.
    public static FreshJvm in(Path folder, Class<?>... classes) {
        return new FreshJvm(
                folder.toAbsolutePath(),
                Stream.of(classes)
                        .map(FreshJvm::origin)
                        .distinct()
                        .map(Path::toString)
                        .collect(Collectors.joining(File.pathSeparator)));
    }

    private static Path origin(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /// Runs a program to its end.
    ///
    /// @param program   a class or a source file
    /// @param arguments what it is given
    public Result run(String program, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + folder,
                "-Dstdout.encoding=UTF-8",
                "-Dstderr.encoding=UTF-8",
                "-Duser.language=en",
                "-cp",
                classPath));
        command.add(program);
        command.addAll(List.of(arguments));
        var output = folder.resolve("output.txt");
        var errors = folder.resolve("errors.txt");
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        var process = builder.start();
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("%s is still running after %d s; it printed%n%s%s"
                        .formatted(command, LIMIT_SECONDS, Files.readString(output), Files.readString(errors)));
            }
            return new Result(process.exitValue(), Files.readAllLines(output), Files.readAllLines(errors));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
