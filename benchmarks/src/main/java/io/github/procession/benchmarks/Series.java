package io.github.procession.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The rounds of one figure.
public final class Series {
    private final String name;
    private final String unit;
    private final List<Double> values = new ArrayList<>();

    public Series(String name, String unit) {
        this.name = name;
        this.unit = unit;
    }

    /// What is measured.
    public String name() {
        return name;
    }

    public void add(double value) {
        values.add(value);
        System.out.printf(Locale.ROOT, "%s,%d,%.3f,%s%n", name, values.size(), value, unit);
    }

    /// All rounds, in their order.
    public List<Double> values() {
        return List.copyOf(values);
    }

    public double median() {
        var sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    public void summarize() {
        var sorted = values.stream().sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "# %s: median %,.3f %s, %,.3f to %,.3f, 99 %% up to %,.3f%n",
                name,
                median(),
                unit,
                sorted.getFirst(),
                sorted.getLast(),
                sorted.get((int) Math.ceil(0.99 * sorted.size()) - 1));
    }
}
