package io.github.procession.benchmarks.transport;

import io.github.procession.benchmarks.Peer;
import io.github.procession.benchmarks.Series;

/// CPython's queue or pipe: both ends are Python's.
final class Python implements Round {
    private final Series series;
    private final Peer peer;

    /// @param what      `queue`, `pipe` or `trip`
    /// @param item      how many bytes, or the name of an object
    /// @param producers how many send
    /// @param millis    how long a round takes
    Python(String name, String unit, String what, String item, int producers, long millis) {
        series = new Series(name, unit);
        peer = new Peer("transport.py", what, item, Integer.toString(producers), Long.toString(millis));
    }

    @Override
    public void warm(long nanos) {
        peer.round();
    }

    @Override
    public double measure() {
        return peer.round();
    }

    @Override
    public Series series() {
        return series;
    }

    @Override
    public void end() {
        peer.close();
    }
}
