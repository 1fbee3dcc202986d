package io.github.procession.internal.worker;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.os.Threads;
import io.github.procession.internal.wire.SerialFilter;

/// Does what a child will need, beside its boot: whatever takes the JDK milliseconds when it is first used, and depends on
/// nothing that the child learns.
final class Ahead {
    private Ahead() {}

    /// Returns at once.
    static void start() {
        try {
            Threads.daemon("procession-ahead", () -> {
                BlockLayout.prepare();
                SerialFilter.prepare();
            });
        } catch (IllegalStateException e) {
            // no thread is left; it is done when it is needed
        }
    }
}
