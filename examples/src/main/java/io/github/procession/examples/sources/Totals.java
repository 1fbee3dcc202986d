package io.github.procession.examples.sources;

import java.io.Serializable;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// What was found in some files. Results of parts add up, in any order, to that of the whole.
///
/// @param files   how many files
/// @param types   classes, interfaces, enums, records and annotations, anonymous ones too
/// @param methods methods and constructors
/// @param lines   lines
/// @param longest the longest method, null if there is none
public record Totals(
        long files,
        long types,
        long methods,
        long lines,
        @Nullable Method longest) implements Serializable {
    /// What is in no files at all.
    public static final Totals NONE = new Totals(0, 0, 0, 0, null);

    /// A method.
    ///
    /// @param name  with its types, `Map.Entry.getKey`
    /// @param file  where it is
    /// @param lines how many it has
    public record Method(String name, String file, long lines) implements Serializable {
        /* The name of file and method decide between two of the same length, so that the order of the parts does not. */
        private static final Comparator<Method> BY_LENGTH = Comparator.comparingLong(Method::lines)
                .thenComparing(Method::file, Comparator.reverseOrder())
                .thenComparing(Method::name, Comparator.reverseOrder());

        static @Nullable Method longer(@Nullable Method a, @Nullable Method b) {
            if (a == null || b == null) {
                return a == null ? b : a;
            }
            return BY_LENGTH.compare(a, b) >= 0 ? a : b;
        }
    }

    /// These and others together.
    ///
    /// @param more what was found in other files
    /// @return the sum, with the longer of the two longest methods
    public Totals plus(Totals more) {
        return new Totals(
                files + more.files,
                types + more.types,
                methods + more.methods,
                lines + more.lines,
                Method.longer(longest, more.longest));
    }
}
