package io.github.procession.internal.supervise;

import io.github.procession.internal.os.Threads;
import io.github.procession.internal.wire.Message;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/// Logs what children log, on a thread of its own: loggers are the program's, and may take their time.
final class LogDesk {
    /*
     * What waits is bounded by the children: each asks every so often that its records so far be logged before it goes on.
     *
     * Where the system gives no thread, whoever brings a record logs it: a child must not go for want of a thread here.
     */
    private static final LinkedBlockingQueue<Runnable> WAITING = new LinkedBlockingQueue<>();

    private static boolean begun; // guarded by LogDesk.class

    private LogDesk() {}

    private static void add(Runnable work) {
        if (hasBegun()) {
            WAITING.add(work);
        } else {
            run(work);
        }
    }

    private static synchronized boolean hasBegun() {
        if (!begun) {
            try {
                Threads.daemon("procession-logs", LogDesk::run);
                begun = true;
            } catch (IllegalStateException e) {
                return false;
            }
        }
        return true;
    }

    private static void run() {
        while (true) {
            try {
                run(WAITING.take());
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt this thread; it goes on
            }
        }
    }

    private static void run(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            // a logger that fails is its owner's affair
        }
    }

    /// Logs a record.
    ///
    /// @param process name of the process that it comes from
    static void log(String process, Message.Logged message) {
        add(() -> System.getLogger(message.logger())
                .log(System.Logger.Level.valueOf(message.level()), () -> "[" + process + "] " + message.text()));
    }

    /// Completes when all records so far have been logged.
    static CompletableFuture<Void> logged() {
        var done = new CompletableFuture<Void>();
        add(() -> done.complete(null));
        return done;
    }

    /// The lowest level that this process's loggers take by default.
    static String threshold() {
        var root = System.getLogger("");
        return Arrays.stream(System.Logger.Level.values())
                .filter(level -> level != System.Logger.Level.ALL && root.isLoggable(level))
                .findFirst()
                .orElse(System.Logger.Level.OFF)
                .name();
    }
}
