package io.github.procession.benchmarks;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/// The options of a benchmark: each is a name and a value.
public final class Options {
    private final Map<String, String> values;

    private Options(Map<String, String> values) {
        this.values = values;
    }

    /// Reads a command line.
    ///
    /// @param defaults all options that there are, with what they are if they are not given
    public static Options of(String[] arguments, Map<String, String> defaults) {
        var values = new HashMap<>(defaults);
        for (int i = 0; i < arguments.length; i += 2) {
            if (!defaults.containsKey(arguments[i]) || i + 1 == arguments.length) {
                throw new IllegalArgumentException("'%s' is none of %s, each with a value"
                        .formatted(
                                arguments[i],
                                String.join(
                                        ", ",
                                        defaults.keySet().stream().sorted().toList())));
            }
            values.put(arguments[i], arguments[i + 1]);
        }
        return new Options(values);
    }

    public String text(String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    public int number(String name) {
        return Integer.parseInt(text(name));
    }

    public Pattern pattern(String name) {
        return Pattern.compile(text(name));
    }
}
