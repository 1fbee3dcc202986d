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

    private static final Thread NO_HOOK = new Thread();
    private static volatile boolean heedsCtrlC;
    private static final long HELD_BACK_MILLIS = 2000; // longer than children are waited for

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

    /// Whether the JVM is shutting down.
    public static boolean hasBegun() {
        try {
            Runtime.getRuntime().removeShutdownHook(NO_HOOK);
            return false;
        } catch (IllegalStateException shuttingDown) {
            return true;
        }
    }

    /// Keeps a thread that has waited for another process, if the shutdown has begun meanwhile: that process has ended only
    /// because this one does, and the program should not go on as if it had done its work. The JVM is usually gone before
    /// this returns. It does return, since a shutdown hook may be waiting for the thread.
    ///
    /// @param hadBegun what [#hasBegun()] said before the thread waited
    public static void holdBack(boolean hadBegun) {
        if (!hadBegun && hasBegun()) {
            try {
                Thread.sleep(HELD_BACK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// This process is the one that a terminal's Ctrl-C reaches: a second one ends it at once.
    public static void heedSecondCtrlC() {
        heedsCtrlC = true;
    }

    private static void run() {
        if (heedsCtrlC) {
            endAtNextCtrlC();
        }
        FIRST.forEach(Runnable::run);
        LAST.forEach(Runnable::run);
    }

    /// From here on, who types Ctrl-C again does not want to wait for hooks: the signal ends the JVM, and the tree with it.
    /// By reflection, since the compiler warns of the only class that can do it, which a run-time image may lack.
    private static void endAtNextCtrlC() {
        handleCtrlC("SIG_DFL");
    }

    /// From here on Ctrl-C does nothing to this process.
    static void ignoreCtrlC() {
        handleCtrlC("SIG_IGN");
    }

    private static void handleCtrlC(String how) {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            var chosen = handler.getField(how).get(null);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("INT"), chosen);
        } catch (ReflectiveOperationException | RuntimeException e) {
            // the signal is not the JVM's to handle (-Xrs), or nobody's; the hooks are waited for as ever
        }
    }
}
