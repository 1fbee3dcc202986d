package io.github.procession.stress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/// Sees which of several things stand still. Time in which somebody is stopped does not count.
///
/// @param <T> what moves on: an activity, or the number of a life
final class Watchdog<T> {
    private final Duration bound;
    private final ToLongFunction<T> progress;
    private Map<T, Still> known = Map.of();

    /// @param at    how far it had come
    /// @param since how long it has been there
    private record Still(long at, Duration since) {}

    Watchdog(Duration bound, ToLongFunction<T> progress) {
        this.bound = bound;
        this.progress = progress;
    }

    /// Looks once; those that are not looked at are forgotten.
    ///
    /// @param passed  since the last look
    /// @param stopped whether somebody was stopped meanwhile
    /// @return those that have stood still for too long
    List<T> look(Collection<T> all, Duration passed, boolean stopped) {
        var looked = new HashMap<T, Still>();
        var tooLong = new ArrayList<T>();
        for (var each : all) {
            long now = progress.applyAsLong(each);
            var before = known.get(each);
            var since = before == null || before.at() != now
                    ? Duration.ZERO
                    : before.since().plus(stopped ? Duration.ZERO : passed);
            looked.put(each, new Still(now, since));
            if (since.compareTo(bound) >= 0) {
                tooLong.add(each);
            }
        }
        known = looked;
        return tooLong;
    }
}
