package io.github.procession;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Limits of waiting, as deadlines in the time of [System#nanoTime()].
final class Limits {
    /// No limit.
    static final long NONE = Long.MAX_VALUE;

    private Limits() {}

    static long deadline(Duration limit) {
        return deadline(ChildProcess.nanos(limit));
    }

    static long deadline(long limit, TimeUnit unit) {
        return deadline(unit.toNanos(limit));
    }

    /// The clock may be anywhere, and wrap: a deadline far away is none.
    private static long deadline(long nanos) {
        long deadline = System.nanoTime() + Math.max(0, nanos);
        return nanos >= Long.MAX_VALUE / 2 ? NONE : deadline;
    }
}
