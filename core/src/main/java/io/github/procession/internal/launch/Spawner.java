package io.github.procession.internal.launch;

import io.github.procession.internal.os.Os;
import io.github.procession.internal.os.OsException;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
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
    private static final int SPARE_PIPES = 4;
    /*
     * A process inherits processors and nice value from the thread that starts it, before its first instruction. The
     * processors of a thread can be changed and changed back; the nice value without privileges only raised. So there is
     * one thread for each nice value that was ever asked for, besides the one that leaves it as it is.
     */
    private static final Spawner PLAIN = new Spawner(null);
    private static final Map<Integer, Spawner> NICE = new ConcurrentHashMap<>();

    static {
        OsException.load();
    }

    private final LinkedBlockingQueue<Runnable> requests = new LinkedBlockingQueue<>();
    private boolean over; // touched by the thread alone

    private Spawner(@Nullable Integer nice) {
        Thread.ofPlatform()
                .daemon()
                .name("procession-spawner" + (nice == null ? "" : "-nice" + nice))
                .start(this::run);
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
    /// @param out     descriptor to read its standard output from, non-blocking
    /// @param err     descriptor to read its standard error from, non-blocking
    /// @param flags   what it reads while it boots, to be closed then
    public record Spawned(Process process, int out, int err, FlagFile flags) {
        /// Closes all that this process has of it.
        public void close() {
            flags.close();
            Os.close(out);
            Os.close(err);
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
        var spawner = scheduling.nice() == null ? PLAIN : nice(scheduling.nice());
        var file = command.flagFile();
        Os.Pipe out = null;
        Os.Pipe err = null;
        try {
            out = Os.pipe();
            err = Os.pipe();
            Os.setNonBlocking(out.readEnd());
            Os.setNonBlocking(err.readEnd());
            var builder = command.builder(file, flags, arguments)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectOutput(to(out))
                    .redirectError(to(err));
            var process = spawner.spawn(builder, scheduling.affinity());
            Os.close(out.writeEnd());
            Os.close(err.writeEnd());
            return new Spawned(process, out.readEnd(), err.readEnd(), file);
        } catch (IOException | RuntimeException e) {
            file.close();
            close(out);
            close(err);
            throw new IllegalStateException(
                    "Cannot start a child process with %s: %s".formatted(command.java(), explain(e)), e);
        }
    }

    private static ProcessBuilder.Redirect to(Os.Pipe pipe) {
        return ProcessBuilder.Redirect.to(new File("/proc/self/fd/" + pipe.writeEnd()));
    }

    private static void close(Os.@Nullable Pipe pipe) {
        if (pipe != null) {
            Os.close(pipe.readEnd());
            Os.close(pipe.writeEnd());
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
        requireDescriptors();
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

    /// Makes sure that the JDK will find the descriptors that it needs, which are seven.
    ///
    /// @implNote When it does not (25.0.3), it closes by mistake two that it does not own: whatever now has the numbers that
    ///     it used for the process before.
    private static void requireDescriptors() {
        var spare = new ArrayList<Os.Pipe>();
        try {
            for (int i = 0; i < SPARE_PIPES; i++) {
                spare.add(Os.pipe());
            }
        } finally {
            spare.forEach(Spawner::close);
        }
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

    /// The system's reason, with what it usually means.
    public static String explain(Throwable e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("error=11")
                || message.contains("Resource temporarily unavailable")
                || message.contains("native thread")) {
            return message
                    + ". The limit of processes or threads is reached: see ulimit -u and the container's pids limit.";
        }
        if (message.contains("error=24") || message.contains("Too many open files")) {
            return message + ". The limit of open files is reached: see ulimit -n.";
        }
        if (message.contains("error=12") || message.contains("Cannot allocate memory")) {
            return message + ". There is not enough memory for another process.";
        }
        return message;
    }
}
