package io.github.procession.tools;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// CPython's `multiprocessing`: a program that measures once for each line that it gets.
final class PythonContender implements Contender {
    private static final String PROGRAM = program();
    private static final long PATIENCE = 10; // seconds

    private final Process process;
    private final Writer in;
    private final BufferedReader out;

    private PythonContender(Process process) {
        this.process = process;
        this.in = process.outputWriter();
        this.out = process.inputReader();
    }

    /// Starts one.
    ///
    /// @param python the command
    /// @param figure what it measures
    /// @param count  how many of that at once
    static Contender open(String python, String figure, int count) throws IOException {
        return new PythonContender(new ProcessBuilder(python, "-c", PROGRAM, figure, Integer.toString(count))
                .redirectError(Redirect.DISCARD)
                .start());
    }

    /// What a Python calls itself.
    ///
    /// @throws IOException if there is none
    static String version(String python) throws IOException {
        var process = new ProcessBuilder(
                        python, "-c", "import platform as p; print(p.python_implementation(), p.python_version())")
                .redirectError(Redirect.DISCARD)
                .start();
        try (var lines = process.inputReader()) {
            var line = lines.readLine();
            if (line == null || line.isBlank()) {
                throw new IOException(python + " does not run a program");
            }
            return line;
        }
    }

    private static String program() {
        try (var in = PythonContender.class.getResourceAsStream("bench.py")) {
            return new String(Objects.requireNonNull(in, "bench.py").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public double measure() throws IOException {
        in.write("go\n");
        in.flush();
        var line = out.readLine();
        if (line == null) {
            throw new IOException("the Python program has ended");
        }
        return Double.parseDouble(line);
    }

    @Override
    public void end() {
        var others = process.descendants().toList();
        try {
            in.close();
            process.waitFor(PATIENCE, TimeUnit.SECONDS);
        } catch (IOException e) {
            // it no longer reads: it has ended, or is to be killed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        others.forEach(ProcessHandle::destroyForcibly);
    }
}
