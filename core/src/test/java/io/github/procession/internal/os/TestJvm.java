package io.github.procession.internal.os;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// A JVM that a test starts to have another process, and that never outlives it: [#close()] kills it, and when the
/// testing JVM dies without that, the end of its standard input does (see [#dieWithParent()]).
public final class TestJvm implements AutoCloseable {

    private static final long LIMIT_SECONDS = 180;

    private final Process process;
    private final List<String> output = Collections.synchronizedList(new ArrayList<>());
    private final Thread reader;

    private TestJvm(Process process) {
        this.process = process;
        this.reader =
                Thread.ofPlatform().daemon().name("output of " + process.pid()).start(this::readOutput);
    }

    /// Starts a JVM with the main method of a test class.
    public static TestJvm start(Class<?> main, List<String> options, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                classPath(main)));
        command.addAll(options);
        command.add(main.getName());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        try {
            return new TestJvm(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Where these classes come from, whether they are on the class path or patched into a module.
    private static String classPath(Class<?> main) {
        Set<String> roots = new LinkedHashSet<>();
        for (Class<?> needed : List.of(Os.class, TestJvm.class, main)) {
            roots.add(root(needed));
        }
        return String.join(System.getProperty("path.separator"), roots);
    }

    private static String root(Class<?> type) {
        String name = type.getName().replace('.', '/') + ".class";
        URL url = type.getResource("/" + name);
        try {
            String file = url.toURI().toString();
            String root = file.substring(0, file.length() - name.length());
            return root.startsWith("jar:")
                    ? Path.of(URI.create(root.substring(4, root.lastIndexOf('!'))))
                            .toString()
                    : Path.of(URI.create(root)).toString();
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// To be called first by the main method of such a JVM.
    public static void dieWithParent() {
        Thread.ofPlatform().daemon().name("lifeline").start(() -> {
            try {
                while (System.in.read() >= 0) {}
            } catch (IOException closed) {
                // the same
            }
            Runtime.getRuntime().halt(1);
        });
    }

    private void readOutput() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
            }
        } catch (IOException closed) {
            // it was killed
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// What it printed so far.
    public List<String> output() {
        synchronized (output) {
            return List.copyOf(output);
        }
    }

    /// Sends a signal.
    public void signal(int signal) {
        Os.kill(process.pid(), signal);
    }

    /// Kills it with SIGKILL and returns once the kernel says that it is gone.
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        exit();
    }

    /// Waits for its end and returns its exit status.
    public int exit() throws InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("process " + pid() + " did not end in time; it printed " + output());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        boolean interrupted = Thread.interrupted();
        try {
            process.waitFor();
            reader.join();
        } catch (InterruptedException stop) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
