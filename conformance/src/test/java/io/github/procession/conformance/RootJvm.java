package io.github.procession.conformance;

import io.github.procession.internal.os.Basis;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// A program that a test starts in a JVM of its own, the root of its own tree, and talks with over its standard streams.
/// Killed, and all below it, when closed.
final class RootJvm implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Process process;
    private final Lines out;
    private final Lines err;

    private RootJvm(ProcessBuilder builder) throws IOException {
        process = builder.start();
        out = new Lines(process.inputReader(), "out");
        err = new Lines(process.errorReader(), "err");
    }

    /// Runs the main method of a test class.
    static RootJvm start(Class<?> main, Object... arguments) throws IOException {
        return with(List.of()).run(main, arguments);
    }

    /// A way to start one with further flags for its JVM.
    static Launch with(List<String> flags) {
        return new Launch(flags, List.of(), Map.of());
    }

    /// How to start one.
    ///
    /// @param flags       for the JVM
    /// @param around      a command that runs what follows it, as in `prlimit --nofile=64`
    /// @param environment variables of its own
    record Launch(List<String> flags, List<String> around, Map<String, String> environment) {
        Launch under(String... command) {
            return new Launch(flags, List.of(command), environment);
        }

        Launch environment(String key, String value) {
            return new Launch(flags, around, Map.of(key, value));
        }

        RootJvm run(Class<?> main, Object... arguments) throws IOException {
            var command = new ArrayList<String>(around);
            command.addAll(command(flags, main));
            Arrays.stream(arguments).map(Object::toString).forEach(command::add);
            var builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            return new RootJvm(builder);
        }

        /// The same in the words of a shell, which gets the command line as `"$@"`.
        RootJvm runIn(String script, Class<?> main) throws IOException {
            var command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
            command.addAll(command(flags, main));
            return new RootJvm(new ProcessBuilder(command));
        }
    }

    static RootJvm of(List<String> command) throws IOException {
        return new RootJvm(new ProcessBuilder(command));
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /// The class path of this JVM, for another one anywhere.
    static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .reduce((a, b) -> a + File.pathSeparator + b)
                .orElseThrow();
    }

    static List<String> command(List<String> flags, Class<?> main) {
        var command = new ArrayList<>(
                List.of(java(), "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        if (Basis.isPortable()) {
            command.add("-D" + Basis.PROPERTY + "=true");
        }
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath(), main.getName()));
        return command;
    }

    long pid() {
        return process.pid();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /// Its output so far.
    List<String> out() {
        return out.soFar();
    }

    /// Its errors so far.
    List<String> err() {
        return err.soFar();
    }

    void say(String line) throws IOException {
        var writer = process.outputWriter();
        writer.write(line);
        writer.newLine();
        writer.flush();
    }

    /// No more will be said.
    void endInput() throws IOException {
        process.outputWriter().close();
    }

    /// Waits for a line of output that matches as a whole.
    MatchResult await(String regex) throws InterruptedException {
        return await(regex, 1).getFirst();
    }

    /// Waits for so many lines of output that match as a whole.
    List<MatchResult> await(String regex, int count) throws InterruptedException {
        var pattern = Pattern.compile(regex);
        out.await(lines -> matches(pattern, lines).size() >= count, this::describe);
        return matches(pattern, out.soFar());
    }

    private static List<MatchResult> matches(Pattern pattern, List<String> lines) {
        return lines.stream()
                .map(pattern::matcher)
                .filter(java.util.regex.Matcher::matches)
                .map(java.util.regex.Matcher::toMatchResult)
                .toList();
    }

    /// Waits for its end and for all that it printed; returns its exit code.
    int exit() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("it did not end in time: " + describe());
        }
        return process.exitValue();
    }

    /// Its exit code when it and all that holds its output has ended.
    int exitAndOutput() throws InterruptedException {
        int code = exit();
        out.await(_ -> out.ended, this::describe);
        err.await(_ -> err.ended, this::describe);
        return code;
    }

    void kill() throws InterruptedException {
        process.destroyForcibly();
        exit();
    }

    private String describe() {
        return "process " + pid() + (process.isAlive() ? " alive" : " ended with " + process.exitValue()) + "\n  out: "
                + String.join("\n       ", out()) + "\n  err: " + String.join("\n       ", err());
    }

    @Override
    public void close() {
        var below = process.descendants().toList();
        process.destroyForcibly();
        below.forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What comes from one stream.
    private static final class Lines {
        private final List<String> lines = new ArrayList<>(); // guarded by this
        private boolean ended; // guarded by this

        Lines(BufferedReader reader, String name) {
            Thread.ofPlatform().daemon().name("reader-" + name).start(() -> {
                try (reader) {
                    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                        add(line);
                    }
                } catch (IOException e) {
                    // it was killed
                } finally {
                    end();
                }
            });
        }

        private synchronized void add(String line) {
            lines.add(line);
            notifyAll();
        }

        private synchronized void end() {
            ended = true;
            notifyAll();
        }

        synchronized List<String> soFar() {
            return List.copyOf(lines);
        }

        synchronized void await(Predicate<List<String>> condition, java.util.function.Supplier<String> description)
                throws InterruptedException {
            long end = System.nanoTime() + LIMIT.toNanos();
            while (!condition.test(lines)) {
                long left = end - System.nanoTime();
                if (left <= 0 || ended) {
                    throw new AssertionError("what was waited for did not come: " + description.get());
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        }
    }
}
