package io.github.procession.benchmarks.transport;

import io.github.procession.benchmarks.Series;

/// One figure, measured again and again.
interface Round {
    /// Finds out how much fits into a round, and has compilers do their work.
    void warm(long nanos) throws Exception;

    /// Measures once.
    double measure() throws Exception;

    /// What was measured.
    Series series();

    /// Ends it, and the processes that took part.
    void end() throws Exception;
}
