package io.github.procession.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// One figure of several contenders: all are warmed up, then each is measured once in every round, in turn. In the end medians
/// and the ratios of the first one to the others. Who fails is left out from then on, and that is said.
public final class Contest {
    private static final double WARM_UP = 4; // seconds

    private final String figure;
    private final String unit;
    private final int rounds;
    private final Pattern only;
    private double warmUp = WARM_UP;
    private final List<Entry> entries = new ArrayList<>();

    /// @param figure what is measured; names in the results are `CONTENDER-FIGURE`
    /// @param unit   `…/s` and `%` are better when they are more, all others when they are less
    /// @param rounds how often each is measured
    /// @param only   which names take part
    public Contest(String figure, String unit, int rounds, Pattern only) {
        this.figure = figure;
        this.unit = unit;
        this.rounds = rounds;
        this.only = only;
    }

    /// What can be measured again and again.
    public interface Contender {
        double measure() throws Exception;

        /// Ends it, and the processes that took part.
        default void end() throws Exception {}
    }

    /// Prepares a contender.
    public interface Opening {
        Contender open() throws Exception;
    }

    private record Entry(Series series, Contender contender) {}

    private interface Step {
        void run() throws Exception;
    }

    /// How long each is warmed up, in seconds; once it is measured in any case.
    public Contest warmUp(double seconds) {
        warmUp = seconds;
        return this;
    }

    /// Opens a contender, unless it is not asked for.
    public Contest add(String name, Opening opening) {
        var full = name + "-" + figure;
        if (only.matcher(full).find()) {
            try {
                entries.add(new Entry(new Series(full, unit), opening.open()));
            } catch (Exception | LinkageError e) {
                System.out.println("# " + full + " is not here: " + e);
            }
        }
        return this;
    }

    /// Adds a Python program.
    public Contest python(String name, String... command) {
        return add(name, () -> {
            var peer = new Peer(command);
            return new Contender() {
                @Override
                public double measure() {
                    return peer.round();
                }

                @Override
                public void end() {
                    peer.close();
                }
            };
        });
    }

    /// Measures them all, and ends them.
    ///
    /// @return the rounds of those that did not fail
    public List<Series> run() {
        var left = new ArrayList<>(entries);
        left.removeIf(entry -> fails(entry, () -> warm(entry.contender)));
        for (int i = 0; i < rounds; i++) {
            left.removeIf(entry -> fails(entry, () -> entry.series.add(entry.contender.measure())));
        }
        var measured = left.stream().map(Entry::series).toList();
        measured.forEach(Series::summarize);
        measured.stream().skip(1).forEach(other -> ratio(measured.getFirst(), other));
        left.forEach(entry -> fails(entry, entry.contender::end));
        return measured;
    }

    private void warm(Contender contender) throws Exception {
        long begin = System.nanoTime();
        do {
            contender.measure();
        } while ((System.nanoTime() - begin) / 1e9 < warmUp);
    }

    private static boolean fails(Entry entry, Step step) {
        try {
            step.run();
            return false;
        } catch (Exception | LinkageError e) {
            System.out.println("# " + entry.series.name() + " is left out: " + e);
            return true;
        }
    }

    private void ratio(Series one, Series other) {
        var ofRounds = new ArrayList<Double>();
        for (int i = 0; i < rounds; i++) {
            ofRounds.add(better(one.values().get(i), other.values().get(i)));
        }
        ofRounds.sort(null);
        System.out.printf(
                Locale.ROOT,
                "# ratio %s : %s: %.2f times as good, %.2f to %.2f%n",
                one.name(),
                other.name(),
                better(one.median(), other.median()),
                ofRounds.getFirst(),
                ofRounds.getLast());
    }

    private double better(double one, double other) {
        return unit.endsWith("/s") || unit.equals("%") ? one / other : other / one;
    }
}
