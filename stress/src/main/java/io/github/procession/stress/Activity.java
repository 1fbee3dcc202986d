package io.github.procession.stress;

import java.util.List;
import java.util.Locale;

/// What members of a storm do. The first ones are queues: an item has their number in it.
enum Activity {
    SMALL_ITEMS,
    LARGE_ITEMS,
    HANDLES,
    LOCK_WITH_REPAIR,
    LOCK_TO_RECOVER,
    REENTRANT_LOCK,
    GUARD,
    SEMAPHORE,
    CONDITION,
    BARRIER,
    EVENT_AND_LATCH,
    RECORD,
    ARRAY,
    NAMED_MEMORY,
    PIPE,
    WORK,
    POOL,
    /// Keeps seats manned, and does nothing else.
    CREW;

    static final List<Activity> QUEUES = List.of(SMALL_ITEMS, LARGE_ITEMS, HANDLES);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
