package io.github.procession.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A file of ratios to peers, to compare later runs with: lines of `FIGURE.PEER = RATIO`, and comments after `#`.
///
/// @param values a ratio for each name
record Ratios(Map<String, Double> values) {
    /// By what factor a ratio must have become worse to count as lost.
    static final double GROSS = 3;

    /// Takes the ratios of a run.
    static Ratios of(List<Comparison> comparisons) {
        var values = new TreeMap<String, Double>();
        comparisons.forEach(comparison -> values.put(comparison.name(), comparison.ratio()));
        return new Ratios(values);
    }

    /// Reads a file.
    ///
    /// @throws IllegalArgumentException if a line of it is not right, with its number
    static Ratios read(Path file) throws IOException {
        var values = new TreeMap<String, Double>();
        int number = 0;
        for (var line : Files.readAllLines(file)) {
            number++;
            if (!line.isBlank() && !line.startsWith("#")) {
                int at = line.indexOf('=');
                double ratio =
                        at < 0 ? Double.NaN : ratio(line.substring(at + 1).strip());
                if (!(ratio > 0 && ratio < Double.POSITIVE_INFINITY)) {
                    throw new IllegalArgumentException(
                            "line %d is '%s', not FIGURE.PEER = RATIO with a ratio above 0, as in map.cpython = 3.5"
                                    .formatted(number, line));
                }
                values.put(line.substring(0, at).strip(), ratio);
            }
        }
        return new Ratios(values);
    }

    private static double ratio(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /// Writes a file, in place of one that may be there.
    ///
    /// @param about what they are of, for its first line
    void write(Path file, String about) throws IOException {
        var lines = new ArrayList<String>();
        lines.add("# How many times as good as its peers, by procession bench --record: " + about);
        values.forEach((name, ratio) -> lines.add(String.format(Locale.ROOT, "%s = %.3g", name, ratio)));
        Files.write(file, lines);
    }

    /// Whether a ratio is worse than here by a factor of three or more, in each of its rounds: in a busy machine many rounds
    /// are bad, but hardly all. What is not here cannot be lost.
    boolean hasLost(Comparison comparison) {
        var recorded = values.get(comparison.name());
        return recorded != null && comparison.most() * GROSS <= recorded;
    }

    /// What is here and was not measured.
    List<String> missing(List<Comparison> comparisons) {
        var names = comparisons.stream().map(Comparison::name).toList();
        return values.keySet().stream().filter(name -> !names.contains(name)).toList();
    }
}
