package io.github.procession.internal.launch;

import io.github.procession.internal.os.Os;
import io.github.procession.internal.os.OsException;
import io.github.procession.internal.os.Outlet;
import io.github.procession.internal.os.Shortage;
import io.github.procession.internal.os.Threads;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/// Starts every process of this process, on threads that never end: the kernel kills a child that asked to die with its
/// parent when the *thread* that started it ends.
public final class Spawner {
    /*
     * A process inherits processors and nice value from the thread that starts it, before its first instruction. The
     * processors of a thread can be changed and changed back; the nice value without privileges only raised. So there is
     * one thread for each nice value that was ever asked for, besides the one that leaves it as it is.
     */
    private static @Nullable Spawner plain; // guarded by Spawner.class
    private static final Map<Integer, Spawner> NICE = new ConcurrentHashMap<>();

    static {
        OsException.load();
    }

    private final LinkedBlockingQueue<Runnable> requests = new LinkedBlockingQueue<>();
    private boolean over; // touched by the thread alone

    private Spawner(@Nullable Integer nice) {
        Threads.daemon("procession-spawner" + (nice == null ? "" : "-nice" + nice), this::run);
    }

    private static synchronized Spawner plain() {
        var made = plain;
        if (made == null) {
            made = new Spawner(null);
            plain = made;
        }
        return made;
    }

    private static Spawner nice(int nice) {
        return NICE.computeIfAbsent(nice, _ -> {
            var spawner = new Spawner(nice);
            try {
                spawner.onThread(() -> {
                    Os.setNice(nice);
                    return nice;
                });
            } catch (OsException | IOException e) {
                spawner.requests.add(() -> spawner.over = true);
                throw new IllegalStateException(
                        "Cannot start a child process with nice(%d): %s. Without the capability CAP_SYS_NICE, or a limit (ulimit -e) that allows it, a nice value can only be raised."
                                .formatted(nice, e.getMessage()),
                        e);
            }
            return spawner;
        });
    }

    private void run() {
        while (!over) {
            try {
                requests.take().run();
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt this thread; it goes on
            }
        }
    }

    /// A started process and this process's ends of its output.
    ///
    /// @param process the process
    /// @param out     where its standard output comes out
    /// @param err     where its standard error comes out
    /// @param flags   what it reads while it boots, to be closed then
    /// @param crash   where it writes when it crashes, to be closed when it is gone
    public record Spawned(Process process, Outlet out, Outlet err, FlagFile flags, CrashFile crash) {
        /// Closes all that this process has of it.
        public void close() {
            flags.close();
            crash.close();
            out.close();
            err.close();
        }
    }

    /// Starts a JVM. Its standard input is empty.
    ///
    /// @param scheduling how the system treats it
    /// @param flags      further flags of the JVM
    /// @param arguments  the arguments of the main class of a child
    /// @throws IllegalStateException with the system's reason if it cannot be started; nothing is kept then
    public static Spawned start(
            JavaCommand command, Scheduling scheduling, List<String> flags, List<String> arguments) {
        var spawner = scheduling.nice() == null ? plain() : nice(scheduling.nice());
        CrashFile crash = null;
        FlagFile file = null;
        Outlet out = null;
        Outlet err = null;
        Process process = null;
        try {
            crash = CrashFile.make();
            file = command.flagFile(crash);
            out = Outlet.make();
            err = Outlet.make();
            var builder = command.builder(file, flags, arguments)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectOutput(out.redirect())
                    .redirectError(err.redirect());
            process = spawner.spawn(builder, scheduling.affinity());
            out.started(process.getInputStream());
            err.started(process.getErrorStream());
            return new Spawned(process, out, err, file, crash);
        } catch (IOException | RuntimeException e) {
            if (process != null) {
                process.destroyForcibly(); // there is no thread to hear it
            }
            if (crash != null) {
                crash.close();
            }
            if (file != null) {
                file.close();
            }
            abandon(out);
            abandon(err);
            throw new IllegalStateException(
                    "Cannot start a child process with %s: %s".formatted(command.java(), explain(e)), e);
        }
    }

    private static void abandon(@Nullable Outlet outlet) {
        if (outlet != null) {
            outlet.abandon();
        }
    }

    private Process spawn(ProcessBuilder builder, List<Integer> affinity) throws IOException {
        return affinity.isEmpty()
                ? onThread(() -> spawnHere(builder))
                : onThread(() -> {
                    int[] own = Os.affinity();
                    Os.setAffinity(affinity.stream().mapToInt(Integer::intValue).toArray());
                    try {
                        return spawnHere(builder);
                    } finally {
                        Os.setAffinity(own);
                    }
                });
    }

    private static Process spawnHere(ProcessBuilder builder) throws IOException {
        Outlet.requireDescriptors();
        try {
            return builder.start();
        } catch (IOException e) {
            if (!wasInterrupted(e)) {
                throw e;
            }
            return builder.start();
        }
    }

    /// Whether a terminal's Ctrl-C has ended the JDK's helper between its start and that of the program. It was for this
    /// process, which has an answer of its own; the helper has done nothing yet.
    private static boolean wasInterrupted(IOException failure) {
        var message = String.valueOf(failure.getMessage());
        return message.contains("spawn helper") && message.contains("signal: " + Os.SIGINT);
    }

    private <V> V onThread(Callable<V> work) throws IOException {
        var task = new FutureTask<>(work);
        requests.add(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true; // a process half started cannot be given up; it takes milliseconds
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case IOException io -> throw io;
                        case RuntimeException ours -> throw ours;
                        case null, default -> throw new IllegalStateException(e.getCause());
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// The system's reason, with what it usually means. What the JDK guesses besides, in further lines, is left out.
    public static String explain(Throwable e) {
        return Shortage.explained(String.valueOf(e.getMessage()).split("\\s*\\R", 2)[0]);
    }
}
