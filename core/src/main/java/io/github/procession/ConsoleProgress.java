package io.github.procession;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/// Progress for people: a bar that is drawn over itself on a terminal, lines elsewhere. Safe for use by any thread.
final class ConsoleProgress implements Progress {
    private static final int WIDTH = 30;
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

    private final Supplier<PrintStream> out;
    private final boolean terminal;
    private Duration nextLine = BETWEEN_LINES; // of elapsed time; guarded by this, as what follows
    private Duration last = Duration.ZERO;
    private int drawn; // characters of the line that is drawn over

    ConsoleProgress(Supplier<PrintStream> out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    @SuppressWarnings("SystemConsoleNull") // it is null where the console of java.base is used and there is no terminal
    static ConsoleProgress here() {
        var console = System.console();
        return new ConsoleProgress(() -> System.err, console != null && console.isTerminal());
    }

    @Override
    public synchronized void update(State state) {
        if (state.elapsed().compareTo(last) < 0) { // another run
            nextLine = BETWEEN_LINES;
        }
        last = state.elapsed();
        if (terminal) {
            draw(state);
        } else if (state.ended() || state.elapsed().compareTo(nextLine) >= 0) {
            nextLine = state.elapsed().plus(BETWEEN_LINES);
            out.get().println(state.run() + ": " + numbers(state));
        }
    }

    private void draw(State state) {
        String line = bar(state) + numbers(state);
        String blanks = " ".repeat(Math.max(0, drawn - line.length()));
        drawn = state.ended() ? 0 : line.length();
        var stream = out.get();
        stream.print("\r" + line + blanks + (state.ended() ? System.lineSeparator() : ""));
        stream.flush();
    }

    private static String bar(State state) {
        if (state.items() <= 0) {
            return "";
        }
        int full = (int) (WIDTH * (state.done() + state.failed()) / state.items());
        return "[" + "#".repeat(full) + "-".repeat(WIDTH - full) + "] ";
    }

    private static String numbers(State state) {
        long ended = state.done() + state.failed();
        double seconds = state.elapsed().toNanos() / 1e9;
        return ended
                + (state.items() < 0 ? "" : " of " + state.items())
                + (state.failed() == 0 ? "" : ", " + state.failed() + " failed")
                + String.format(Locale.ROOT, ", %.1f s", seconds)
                + left(state, ended, seconds);
    }

    private static String left(State state, long ended, double seconds) {
        if (state.ended() || state.items() <= ended || ended == 0) {
            return "";
        }
        return String.format(Locale.ROOT, ", about %.0f s left", seconds / ended * (state.items() - ended));
    }
}
