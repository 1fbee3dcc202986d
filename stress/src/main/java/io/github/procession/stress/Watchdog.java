package io.github.procession.stress;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/// Sees which activities stand still. Time in which somebody is stopped does not count.
final class Watchdog {
    private final Duration bound;
    private final Set<Activity> activities;
    private final ToLongFunction<Activity> progress;
    private final Map<Activity, Long> seen = new EnumMap<>(Activity.class);
    private final Map<Activity, Duration> still = new EnumMap<>(Activity.class);

    Watchdog(Duration bound, Set<Activity> activities, ToLongFunction<Activity> progress) {
        this.bound = bound;
        this.activities = activities;
        this.progress = progress;
    }

    /// Looks once.
    ///
    /// @param passed  since the last look
    /// @param stopped whether somebody was stopped meanwhile
    /// @return those that have stood still for too long
    List<Activity> look(Duration passed, boolean stopped) {
        return activities.stream()
                .filter(each -> isStill(each, passed, stopped))
                .toList();
    }

    private boolean isStill(Activity activity, Duration passed, boolean stopped) {
        long now = progress.applyAsLong(activity);
        var before = seen.put(activity, now);
        var since = before == null || before != now
                ? Duration.ZERO
                : still.getOrDefault(activity, Duration.ZERO).plus(stopped ? Duration.ZERO : passed);
        still.put(activity, since);
        return since.compareTo(bound) >= 0;
    }
}
