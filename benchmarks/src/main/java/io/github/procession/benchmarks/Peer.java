package io.github.procession.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program that does one round for each line that it reads, and prints one number.
public final class Peer implements AutoCloseable {
    private static final long PATIENCE = 5; // seconds

    private final Process process;
    private final Writer in;
    private final BufferedReader out;

    /// A Python program of this folder.
    public Peer(String... command) {
        this(python(command));
    }

    private Peer(List<String> line) {
        try {
            process = new ProcessBuilder(line)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            in = process.outputWriter();
            out = process.inputReader();
        } catch (IOException e) {
            throw new UncheckedIOException("no %s here, or not started from the project's root".formatted(line), e);
        }
    }

    private static List<String> python(String... command) {
        var line = new ArrayList<>(List.of(System.getProperty("python", "python3")));
        Collections.addAll(line, command);
        line.set(1, Path.of("benchmarks", "peers", line.get(1)).toString());
        return line;
    }

    /// A Java program.
    public static Peer java(String classPath, Class<?> main) {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new Peer(List.of(java, "-cp", classPath, main.getName()));
    }

    public double round() {
        return Double.parseDouble(ask());
    }

    /// What it prints next, after one more line of input.
    public String ask() {
        try {
            in.write("go\n");
            in.flush();
            var line = out.readLine();
            if (line == null) {
                throw new IllegalStateException("the Python program has ended");
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Its processes end with its input; those that do not are killed.
    @Override
    public void close() {
        var others = process.descendants().toList();
        try {
            in.close();
            if (!process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly(); // it no longer reads
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        others.forEach(ProcessHandle::destroyForcibly);
    }
}
