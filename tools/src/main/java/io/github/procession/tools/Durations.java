package io.github.procession.tools;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Durations on the command line: `500ms`, `10s`, `1.5m`, `2h`; a number alone is seconds.
final class Durations implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ms|s|m|h)?");
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    @Override
    public Duration convert(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            throw new TypeConversionException("'" + text + "' is not a time such as 500ms, 10s, 1.5m or 2h");
        }
        var nanos = new BigDecimal(form.group(1)).multiply(BigDecimal.valueOf(nanos(form.group(2))));
        var duration = Duration.ofSeconds(0)
                .plusNanos(nanos.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue());
        if (duration.isZero()) {
            throw new TypeConversionException("'" + text + "' is no time at all; leave the option out for no limit");
        }
        return duration;
    }

    private static long nanos(@Nullable String unit) {
        return switch (unit) {
            case "ms" -> NANOS_PER_MILLI;
            case "m" -> 60 * NANOS_PER_SECOND;
            case "h" -> 3600 * NANOS_PER_SECOND;
            case null, default -> NANOS_PER_SECOND;
        };
    }

    /// A duration for people, in milliseconds if it is short and else in seconds.
    static String text(@Nullable Duration duration) {
        if (duration == null) {
            return "for ever";
        }
        return duration.compareTo(Duration.ofSeconds(1)) < 0
                ? new BigDecimal(duration.toNanos())
                                .movePointLeft(6)
                                .stripTrailingZeros()
                                .toPlainString() + " ms"
                : new BigDecimal(duration.toNanos())
                                .movePointLeft(9)
                                .stripTrailingZeros()
                                .toPlainString() + " s";
    }
}
