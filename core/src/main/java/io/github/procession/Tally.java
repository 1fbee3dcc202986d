package io.github.procession;

import io.github.procession.internal.wire.Outcome;
import java.util.List;

/// Counts the items of one run for whoever wants to see its progress. Used by one thread at a time.
interface Tally {
    /// For nobody.
    Tally NONE = new Tally() {
        @Override
        public void landed(int items, List<Outcome> outcomes) {
            // nobody asks
        }

        @Override
        public void close() {
            // nobody asks
        }
    };

    /// A chunk of so many items has landed.
    void landed(int items, List<Outcome> outcomes);

    /// The run has ended.
    void close();
}
