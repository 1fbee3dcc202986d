package io.github.procession.internal.launch;

import io.github.procession.internal.os.Os;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;

/// Starts every process of this process, on one thread that never ends: the kernel kills a child that asked to die with
/// its parent when the *thread* that started it ends.
public final class Spawner {
    private static final LinkedBlockingQueue<Runnable> REQUESTS = new LinkedBlockingQueue<>();

    static {
        Thread.ofPlatform().daemon().name("procession-spawner").start(() -> {
            while (true) {
                try {
                    REQUESTS.take().run();
                } catch (InterruptedException e) {
                    // nobody has a reason to interrupt this thread; it goes on
                }
            }
        });
    }

    private Spawner() {}

    /// A started process and this process's ends of its output.
    ///
    /// @param process the process
    /// @param out     descriptor to read its standard output from, non-blocking
    /// @param err     descriptor to read its standard error from, non-blocking
    public record Spawned(Process process, int out, int err) {
        /// Closes this process's ends of the output.
        public void close() {
            Os.close(out);
            Os.close(err);
        }
    }

    /// Starts a JVM. Its standard input is empty.
    ///
    /// @param arguments the arguments of the main class of a child
    /// @throws IllegalStateException with the system's reason if it cannot be started; nothing is kept then
    public static Spawned start(JavaCommand command, List<String> arguments) {
        var out = Os.pipe();
        Os.Pipe err;
        try {
            err = Os.pipe();
        } catch (RuntimeException e) {
            close(out);
            throw e;
        }
        try {
            Os.setNonBlocking(out.readEnd());
            Os.setNonBlocking(err.readEnd());
            var builder = command.builder(arguments)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectOutput(to(out))
                    .redirectError(to(err));
            var process = onSpawnerThread(builder);
            Os.close(out.writeEnd());
            Os.close(err.writeEnd());
            return new Spawned(process, out.readEnd(), err.readEnd());
        } catch (IOException | RuntimeException e) {
            close(out);
            close(err);
            throw new IllegalStateException(
                    "Cannot start a child process with %s: %s".formatted(command.java(), explain(e)), e);
        }
    }

    private static ProcessBuilder.Redirect to(Os.Pipe pipe) {
        return ProcessBuilder.Redirect.to(new File("/proc/self/fd/" + pipe.writeEnd()));
    }

    private static void close(Os.Pipe pipe) {
        Os.close(pipe.readEnd());
        Os.close(pipe.writeEnd());
    }

    private static Process onSpawnerThread(ProcessBuilder builder) throws IOException {
        var task = new FutureTask<>(builder::start);
        REQUESTS.add(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true; // a process half started cannot be given up; it takes milliseconds
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof IOException io) {
                        throw io;
                    }
                    throw new IllegalStateException(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static String explain(Exception e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("error=11") || message.contains("Resource temporarily unavailable")) {
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
