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

/// A Python program that does one round for each line that it reads, and prints one number.
public final class Peer implements AutoCloseable {
    private static final long PATIENCE = 5; // seconds

    private final Process process;
    private final Writer in;
    private final BufferedReader out;

    public Peer(String... command) {
        try {
            var line = new ArrayList<>(List.of(System.getProperty("python", "python3")));
            Collections.addAll(line, command);
            line.set(1, Path.of("benchmarks", "peers", line.get(1)).toString());
            process = new ProcessBuilder(line)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            in = process.outputWriter();
            out = process.inputReader();
        } catch (IOException e) {
            throw new UncheckedIOException("no Python here, or not started from the project's root", e);
        }
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
