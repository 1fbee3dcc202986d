package io.github.procession.stress;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One thread of a process in the ledger, from its begin on.
final class Life {
    static final int BYTES = 128;

    private static final int PID = 0;
    private static final int BORN = 8;
    private static final int ACTIVITY = 16;
    private static final int FATE = 24;
    private static final int ENDED = 32;
    private static final int ANNOUNCED = 40;
    private static final int ACKNOWLEDGED = 48;
    private static final int TAKING = 56;
    private static final int ROUNDS = 64;
    private static final int NAME_LENGTH = 72;
    private static final int NAME = 80;

    private static final int STATE_FIELD = 0; // after the name, in /proc/PID/stat
    private static final int THREADS_FIELD = 17;
    private static final int BORN_FIELD = 19;
    private static final int TICKS = 100; // a second, in which Linux tells it

    private final Ledger ledger;
    private final long number;
    private final long at;

    Life(Ledger ledger, long number) {
        this.ledger = ledger;
        this.number = number;
        this.at = Ledger.lifeAt(number);
    }

    Life begin(Activity activity, String seat, long pid) {
        var bytes = seat.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, BYTES - NAME);
        MemorySegment.copy(bytes, 0, ledger.memory(), ValueLayout.JAVA_BYTE, at + NAME, length);
        ledger.set(at + NAME_LENGTH, length);
        ledger.set(at + ACTIVITY, activity.ordinal());
        ledger.set(at + BORN, Long.parseLong(Objects.requireNonNull(stat(pid), "a process that runs")[BORN_FIELD]));
        ledger.set(at + PID, pid); // last: it counts from here on
        return this;
    }

    long id() {
        return number + 1;
    }

    boolean hasBegun() {
        return pid() != 0;
    }

    long pid() {
        return ledger.get(at + PID);
    }

    Activity activity() {
        return Activity.values()[(int) ledger.get(at + ACTIVITY)];
    }

    String seat() {
        var bytes = ledger.memory().asSlice(at + NAME, ledger.get(at + NAME_LENGTH));
        return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /// Somebody is about to kill it.
    void doom(int signal) {
        ledger.set(at + FATE, signal);
    }

    boolean isDoomed() {
        return ledger.get(at + FATE) != 0;
    }

    /// It ends of its own will, and has nothing.
    void end() {
        ledger.set(at + TAKING, 0);
        ledger.set(at + ENDED, 1);
    }

    boolean hasEnded() {
        return ledger.get(at + ENDED) != 0;
    }

    void announce() {
        ledger.add(at + ANNOUNCED, 1);
    }

    void acknowledge() {
        ledger.add(at + ACKNOWLEDGED, 1);
    }

    long announced() {
        return ledger.get(at + ANNOUNCED);
    }

    long acknowledged() {
        return ledger.get(at + ACKNOWLEDGED);
    }

    /// How many items are lost at the most if it dies.
    void taking(int items) {
        ledger.set(at + TAKING, items);
    }

    long taking() {
        return ledger.get(at + TAKING);
    }

    /// It begins one more round of what it does.
    void round() {
        ledger.add(at + ROUNDS, 1);
    }

    long rounds() {
        return ledger.get(at + ROUNDS);
    }

    /// Whether it comes round, as members do, and is to go on doing so.
    boolean isAtWork() {
        return rounds() > 0 && !hasEnded() && !isDoomed() && !isGone();
    }

    /// Whether no thread of its process runs any more. The first may be dead while others still die.
    boolean isGone() {
        var stat = stat(pid());
        return stat == null
                || "ZX".contains(stat[STATE_FIELD]) && Integer.parseInt(stat[THREADS_FIELD]) <= 1
                || Long.parseLong(stat[BORN_FIELD]) != ledger.get(at + BORN);
    }

    /// Whether its process is stopped by a signal.
    boolean isStopped() {
        var stat = stat(pid());
        return stat != null && stat[STATE_FIELD].equals("T");
    }

    /// How long ago its process was started.
    Duration age() {
        try {
            double uptime =
                    Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0]);
            return Duration.ofMillis(Math.round(1000 * (uptime - (double) ledger.get(at + BORN) / TICKS)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String @Nullable [] stat(long pid) {
        try (var in = new FileInputStream("/proc/" + pid + "/stat")) { // no interrupt ends that
            var line = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            return line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public String toString() {
        return "life %d (%s, pid %d)".formatted(id(), seat(), pid());
    }
}
