package io.github.procession.internal.worker;

import io.github.procession.internal.memory.BlockLayout;
import java.io.ObjectInputFilter;

/// Does what a child will need, beside its boot: whatever takes the JDK milliseconds when it is first used, and depends on
/// nothing that the child learns.
final class Ahead {
    private Ahead() {}

    /// Returns at once.
    static void start() {
        Thread.ofPlatform().daemon().name("procession-ahead").start(() -> {
            ObjectInputFilter.Config.getSerialFilter(); // reads its configuration, and looks for a logger
            BlockLayout.prepare();
        });
    }
}
