package io.github.procession.tools;

import java.util.List;
import java.util.Locale;

/// What `procession bench` found out about one figure and one peer.
///
/// @param figure what was measured
/// @param peer   beside whom
/// @param unit   of both
/// @param ours   the median of Procession's rounds
/// @param theirs the median of the peer's
/// @param ratio  how many times as good Procession is, by the medians; less than 1 if it is not as good
/// @param least  the same of that round in which it is least
/// @param most   and of that in which it is most
record Comparison(
        String figure, String peer, String unit, double ours, double theirs, double ratio, double least, double most) {

    /// Compares the rounds of both, of which there are equally many.
    static Comparison of(String figure, String peer, String unit, List<Double> ours, List<Double> theirs) {
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (int i = 0; i < ours.size(); i++) {
            double ratio = better(unit, ours.get(i), theirs.get(i));
            least = Math.min(least, ratio);
            most = Math.max(most, ratio);
        }
        double our = median(ours);
        double their = median(theirs);
        return new Comparison(figure, peer, unit, our, their, better(unit, our, their), least, most);
    }

    private static double better(String unit, double one, double other) {
        return unit.endsWith("/s") ? one / other : other / one;
    }

    static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /// The name that it has in a file of ratios.
    String name() {
        return figure + "." + peer;
    }

    /// A figure for people.
    static String amount(double value, String unit) {
        return unit.endsWith("/s") ? rate(value) + "/s" : three(value) + " " + unit;
    }

    private static String rate(double value) {
        return value >= 1e6 ? three(value / 1e6) + " M" : value >= 1e3 ? three(value / 1e3) + " k" : three(value) + " ";
    }

    /// A number with three digits that count.
    static String three(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
