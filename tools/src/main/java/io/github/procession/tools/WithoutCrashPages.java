package io.github.procession.tools;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// What workers print on standard output, without the page that a JVM writes there when it crashes, which no flag of it turns
/// away: standard output is for results. The page goes to standard error. Safe for use by any thread.
final class WithoutCrashPages extends OutputStream {
    /*
     * A page begins with a line `#` and one of the lines below, and all its lines begin with `#`. So a line `#` is held until
     * the next one is known; all else passes at once.
     */
    private static final String[] BEGINNINGS = {
        "# A fatal error has been detected by the Java Runtime Environment",
        "# There is insufficient memory for the Java Runtime Environment"
    };
    private static final byte[] HELD = {'#', '\n'};

    private final PrintStream out;
    private final PrintStream err;

    // guarded by this:
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean midLine; // the beginning of this line is out already
    private boolean holding;
    private boolean inPage;

    WithoutCrashPages(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public synchronized void write(int b) throws IOException {
        line.write(b);
        if (b == '\n') {
            endLine();
        }
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            write(bytes[i]);
        }
    }

    private void endLine() {
        var text = line.toString(StandardCharsets.ISO_8859_1);
        var beginsPage = false;
        for (var beginning : BEGINNINGS) {
            beginsPage |= holding && text.startsWith(beginning);
        }
        inPage = !midLine && (beginsPage || inPage && text.startsWith("#"));
        if (holding) {
            (inPage ? err : out).write(HELD, 0, HELD.length);
            holding = false;
        }
        if (!inPage && !midLine && text.equals("#\n")) {
            holding = true;
            line.reset();
        } else {
            pass(inPage ? err : out);
        }
        midLine = false;
    }

    private void pass(PrintStream to) {
        to.write(line.toByteArray(), 0, line.size());
        line.reset();
    }

    @Override
    public synchronized void flush() {
        if (line.size() > 0 && (midLine || line.toByteArray()[0] != '#')) { // a line that has no end yet
            release();
            pass(out);
            midLine = true;
        }
        out.flush();
        err.flush();
    }

    private void release() {
        if (holding) {
            out.write(HELD, 0, HELD.length);
            holding = false;
        }
    }

    /// Nothing more comes; what is held passes. The streams stay open.
    @Override
    public synchronized void close() {
        release();
        pass(out);
        out.flush();
    }
}
