package io.github.procession;

import java.time.Duration;

/// Who is told how a run over many items is getting on: `Pool.open(o -> o.progress(Progress.console()))`.
///
/// Called by a thread of its own, a few times a second while something happens, and once at the end of each run before the
/// run returns; never by two threads at a time for one run. What it throws is ignored.
@FunctionalInterface
public interface Progress {
    /// The number of items that nobody knows: those of a lazy run.
    long UNKNOWN = -1;

    /// Says how a run is getting on.
    ///
    /// @param state how far it is
    void update(State state);

    /// How far a run over many items is.
    ///
    /// @param run     the name of its function
    /// @param done    items that returned a result
    /// @param failed  items that did not
    /// @param items   how many there are, [#UNKNOWN] if only the end will tell
    /// @param elapsed since its begin
    /// @param ended   whether this is the last word on it
    record State(String run, long done, long failed, long items, Duration elapsed, boolean ended) {}

    /// A bar on a terminal, a line now and then where there is none: on standard error.
    ///
    /// @return a listener for any number of pools
    static Progress console() {
        return ConsoleProgress.here();
    }
}
