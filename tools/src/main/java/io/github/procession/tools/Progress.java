package io.github.procession.tools;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How far a run is: a bar in the last line of the terminal, if standard error is one, and otherwise nothing at all. Safe for
/// use by any thread.
final class Progress implements AutoCloseable {
    /*
     * While it is shown, `System.out` and `System.err` go through it as far as they are the terminal: it is erased, what is
     * printed takes its place, and it is drawn again below by the next tick, but not behind a line that has no end yet.
     */
    private static final Pattern TERMINAL = Pattern.compile("/dev/(pts/\\d+|tty\\w*|console)");
    private static final int TICK_MILLIS = 100;
    private static final int WIDTH = 30;
    private static final String ERASE = "\r\033[K";
    private static final double NANOS_PER_SECOND = 1e9;

    private final OptionalLong total;
    private final @Nullable FileOutputStream terminal; // null: nothing is shown
    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final @Nullable ScheduledExecutorService ticker;
    private final long begin = System.nanoTime();

    // guarded by this:
    private long done;
    private long failed;
    private boolean drawn;
    private boolean midLine;
    private boolean closed;

    private Progress(
            OptionalLong total, @Nullable FileOutputStream terminal, @Nullable ScheduledExecutorService ticker) {
        this.total = total;
        this.terminal = terminal;
        this.ticker = ticker;
    }

    /// Shows the progress of a run from now on, if there is somebody who can see it.
    ///
    /// @param total how many inputs there are, if that is known
    static Progress of(OptionalLong total) {
        if (!isTerminal(2) || "dumb".equals(System.getenv("TERM"))) {
            return new Progress(total, null, null);
        }
        var ticker = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("progress").factory());
        var progress = new Progress(total, new FileOutputStream(FileDescriptor.err), ticker);
        progress.open(ticker);
        return progress;
    }

    private static boolean isTerminal(int descriptor) {
        try {
            return TERMINAL.matcher(Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                            .toString())
                    .matches();
        } catch (IOException e) {
            return false; // closed, or there is no such place
        }
    }

    private void open(ScheduledExecutorService clock) {
        if (isTerminal(1)) {
            System.setOut(above(FileDescriptor.out, out.charset()));
        }
        System.setErr(above(FileDescriptor.err, err.charset()));
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "progress-end")); // Ctrl-C
        clock.scheduleAtFixedRate(this::draw, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private PrintStream above(FileDescriptor descriptor, Charset charset) {
        return new PrintStream(new Above(new FileOutputStream(descriptor)), true, charset);
    }

    /// One more input is through.
    synchronized void count(boolean isFailure) {
        done++;
        if (isFailure) {
            failed++;
        }
    }

    private synchronized void draw() {
        if (!closed && !midLine) {
            show(ERASE + line());
            drawn = true;
        }
    }

    private synchronized void erase() {
        if (drawn) {
            show(ERASE);
            drawn = false;
        }
    }

    private void show(String text) {
        if (terminal == null) {
            return;
        }
        try {
            terminal.write(text.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            closed = true; // the terminal is gone
        }
    }

    /// At most 80 columns.
    private String line() {
        double seconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
        var failures = failed == 0 ? "" : String.format(Locale.ROOT, ", %,d failed", failed);
        if (total.isEmpty()) {
            return String.format(Locale.ROOT, "%,d done%s, %s", done, failures, clock(seconds));
        }
        long all = total.getAsLong();
        int filled = (int) (WIDTH * done / all);
        return String.format(
                Locale.ROOT,
                "[%s%s] %d/%d%s, %s",
                "#".repeat(filled),
                ".".repeat(WIDTH - filled),
                done,
                all,
                failures,
                done == 0 ? clock(seconds) : clock(seconds / done * (all - done)) + " left");
    }

    private static String clock(double seconds) {
        long whole = Math.round(seconds);
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }

    /// Takes the bar away. Idempotent.
    @Override
    public synchronized void close() {
        if (ticker == null || closed) {
            return;
        }
        closed = true;
        ticker.shutdownNow();
        erase();
        System.setOut(out);
        System.setErr(err);
    }

    /// A stream to the terminal, whose text takes the place of the bar.
    private final class Above extends OutputStream {
        private final FileOutputStream to;

        Above(FileOutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return;
            }
            synchronized (Progress.this) {
                erase();
                to.write(bytes, offset, length);
                midLine = bytes[offset + length - 1] != '\n';
            }
        }
    }
}
