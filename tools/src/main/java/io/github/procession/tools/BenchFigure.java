package io.github.procession.tools;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// One figure of `procession bench`: Procession and its peers are warmed up, then measured in turn.
final class BenchFigure {
    private static final double PATIENCE = 11; // seconds; when they are over there are no more rounds

    private final String name;
    private final String unit;
    private final Contender.Opening ours;
    private final Map<String, Contender.Opening> peers = new LinkedHashMap<>();

    /// @param unit `…/s` is better when it is more, all else when it is less
    BenchFigure(String name, String unit, Contender.Opening ours) {
        this.name = name;
        this.unit = unit;
        this.ours = ours;
    }

    private record Entry(String who, Contender contender, List<Double> values) {
        Entry(String who, Contender.Opening opening) throws Exception {
            this(who, opening.open(), new ArrayList<>());
        }

        void measure() throws Exception {
            values.add(contender.measure());
        }

        void warm(double seconds) throws Exception {
            long begin = System.nanoTime();
            do {
                contender.measure();
            } while (since(begin) < seconds);
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    String name() {
        return name;
    }

    String unit() {
        return unit;
    }

    /// What was found.
    ///
    /// @param ours   the median of Procession's rounds
    /// @param beside one for each peer that did not fail
    record Found(double ours, List<Comparison> beside) {}

    BenchFigure beside(String peer, Contender.Opening opening) {
        peers.put(peer, opening);
        return this;
    }

    /// Measures it. On a machine that is too slow for all rounds it makes fewer, but one at least.
    ///
    /// @param rounds  how often each
    /// @param seconds how long each is warmed up; once it is measured in any case
    /// @param say     is told of a peer that is left out since it fails
    /// @throws Exception if Procession itself does
    Found measure(int rounds, double seconds, Consumer<String> say) throws Exception {
        long begin = System.nanoTime();
        var opened = new ArrayList<Entry>();
        try {
            var our = new Entry("procession", ours);
            opened.add(our);
            peers.forEach((who, opening) -> fails(who, say, () -> opened.add(new Entry(who, opening))));
            var others = new ArrayList<>(opened.subList(1, opened.size()));
            our.warm(seconds);
            others.removeIf(other -> fails(other.who, say, () -> other.warm(seconds)));
            for (int round = 0; round < rounds && (round == 0 || since(begin) < PATIENCE); round++) {
                our.measure();
                others.removeIf(other -> fails(other.who, say, other::measure));
            }
            return new Found(
                    Comparison.median(our.values),
                    others.stream()
                            .map(other -> Comparison.of(name, other.who, unit, our.values, other.values))
                            .toList());
        } finally {
            opened.forEach(entry -> fails(entry.who, say, entry.contender::end));
        }
    }

    private static double since(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    private boolean fails(String who, Consumer<String> say, Step step) {
        try {
            step.run();
            return false;
        } catch (Exception e) {
            say.accept("%s: %s is left out: %s".formatted(name, who, e.getMessage()));
            return true;
        }
    }
}
