package io.github.procession;

/// How many items of a map travel together, when the caller leaves that to the pool. Used by one thread.
///
/// Guided self-scheduling (Polychronopoulos and Kuck, 1987): each chunk is a share of what is left, so that chunks become
/// smaller and all workers end together, wherever among the items the long ones are. What the last chunks took bounds
/// that: a chunk is not so short that its way costs more than its work, nor so long that others wait for it in the end.
final class Chunking {
    private static final int SHARES_PER_WORKER = 8;
    private static final long SHORTEST = 50_000; // nanoseconds that a chunk should take at least,
    private static final long ENOUGH = 1_000_000; // and if there are many left,
    private static final long LONGEST = 20_000_000; // and at the most
    private static final int PACE_WEIGHT = 2; // of what was known before, against 1 of the last chunk

    private final int limit;
    private double pace = Double.NaN; // nanoseconds an item

    /// @param limit the most items that a chunk may have
    Chunking(int limit) {
        this.limit = limit;
    }

    /// A chunk has taken so long in its worker, 0 if that is not known.
    void took(int items, long nanos) {
        if (items > 0 && nanos > 0) {
            double last = (double) nanos / items;
            boolean slower =
                    Double.isNaN(pace) || last > pace; // known at once; that it is faster must first be confirmed
            pace = slower ? last : (PACE_WEIGHT * pace + last) / (PACE_WEIGHT + 1);
        }
    }

    /// Size of the next chunk.
    ///
    /// @param left    how many items there are yet, at least 1
    /// @param workers how many work on them
    int next(int left, int workers) {
        double share = Math.ceil((double) left / SHARES_PER_WORKER / workers);
        double size = share;
        if (!Double.isNaN(pace)) {
            double most = Math.ceil((double) left / 2 / workers);
            size = Math.max(size, Math.min(ENOUGH / pace, most));
            size = Math.min(size, Math.max(1, LONGEST / pace));
            size = Math.max(size, Math.min(SHORTEST / pace, Math.ceil((double) left / workers)));
        }
        return (int) Math.clamp(size, 1, Math.min(left, limit));
    }
}
