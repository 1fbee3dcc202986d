package io.github.procession.internal.os;

import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/// The threads that this library starts for itself. Where the system gives no more, that is an error once, with what to do,
/// and not for ever: none is started while a class is made ready.
public final class Threads {
    private Threads() {}

    /// Starts a thread that does not keep the JVM alive.
    ///
    /// @throws IllegalStateException if the system gives no more threads
    public static void daemon(String name, Runnable work) {
        start(Thread.ofPlatform().daemon().name(name).unstarted(work));
    }

    /// Starts a thread.
    ///
    /// @return the same
    /// @throws IllegalStateException if the system gives no more threads
    public static Thread start(Thread thread) {
        try {
            thread.start();
            return thread;
        } catch (OutOfMemoryError e) {
            throw refused(thread.getName(), e);
        }
    }

    private static IllegalStateException refused(String name, OutOfMemoryError e) {
        return new IllegalStateException(
                "Cannot start the thread %s: %s".formatted(name, Shortage.explained(String.valueOf(e.getMessage()))),
                e);
    }

    /// A cleaner whose thread starts when it is first needed. Safe for use by any thread.
    public static final class LateCleaner {
        private final String name;
        private @Nullable Cleaner cleaner; // guarded by this

        /// @param name of its thread
        public LateCleaner(String name) {
            this.name = name;
        }

        /// The cleaner.
        ///
        /// @throws IllegalStateException if the system gives no more threads
        public synchronized Cleaner get() {
            var made = cleaner;
            if (made == null) {
                try {
                    made = Cleaner.create(
                            task -> Thread.ofPlatform().daemon().name(name).unstarted(task));
                } catch (OutOfMemoryError e) {
                    throw refused(name, e);
                }
                cleaner = made;
            }
            return made;
        }
    }
}
