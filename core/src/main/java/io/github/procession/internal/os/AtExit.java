package io.github.procession.internal.os;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What this library does when the JVM shuts down, in an order that shutdown hooks do not have. Safe for use by any thread.
///
/// @implNote The JVM ends 300 ms later than it could while any thread, a daemon too, is inside a native call. So threads of
///     ours that sleep in the kernel are called away, when nothing needs them any more.
public final class AtExit {
    private static final Set<Runnable> FIRST = ConcurrentHashMap.newKeySet();
    private static final Set<Runnable> LAST = ConcurrentHashMap.newKeySet();

    static {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(AtExit::run, "procession-exit"));
        } catch (IllegalStateException ending) {
            // first used by another hook; too late for actions, not for what they end
        }
    }

    private AtExit() {}

    /// Runs an action when the shutdown begins.
    public static void first(Runnable action) {
        FIRST.add(action);
    }

    /// Runs an action, that calls a sleeping thread away, when all of the first have run.
    public static void last(Runnable action) {
        LAST.add(action);
    }

    /// The action is not needed any more.
    public static void forget(Runnable action) {
        FIRST.remove(action);
        LAST.remove(action);
    }

    private static void run() {
        FIRST.forEach(Runnable::run);
        LAST.forEach(Runnable::run);
    }
}
