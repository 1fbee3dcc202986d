package io.github.procession.conformance;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;

/// What this JVM prints, its children's output included, while it is open.
final class Captured implements AutoCloseable {
    private final PrintStream usualOut = System.out;
    private final PrintStream usualErr = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    Captured() {
        System.setOut(new PrintStream(out, true));
        System.setErr(new PrintStream(err, true));
    }

    List<String> out() {
        return out.toString().lines().toList();
    }

    List<String> err() {
        return err.toString().lines().toList();
    }

    @Override
    public void close() {
        System.setOut(usualOut);
        System.setErr(usualErr);
    }
}
