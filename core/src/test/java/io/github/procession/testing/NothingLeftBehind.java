package io.github.procession.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test that leaves something behind: a process, a shared-memory file, a temporary file of ours, a crash report,
/// descriptors, or what a [LeftoverProbe] names. A class is looked at once more when all its tests are over, so what it
/// shares among them must be gone then.
///
/// What is on its way out gets five seconds. Then each process's threads are printed, what was left running is killed,
/// and the test fails with a list. Every test of every module is guarded, without naming this class: it is found as a
/// service.
public final class NothingLeftBehind
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    /* Whatever is alive is blamed on the test that runs, so tests of one JVM run one after the other. */
    private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(NothingLeftBehind.class);

    private static final String CLASS = "before the class";
    private static final String TEST = "before the test";

    private static final long GLANCE = Duration.ofMillis(100).toNanos();

    /// Configuration parameter: how many milliseconds what is on its way out may take.
    static final String PATIENCE = "procession.testing.patience";

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getStore(OURS).put(CLASS, new AtomicReference<>(Surroundings.now()));
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(OURS).put(TEST, new AtomicReference<>(Surroundings.now()));
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        check(context, TEST);
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        check(context, CLASS);
    }

    private static void check(ExtensionContext context, String since) throws InterruptedException {
        var before = moment(context, since).get();
        var beforeClass = moment(context, CLASS).get();
        var patience =
                context.getConfigurationParameter(PATIENCE, Long::valueOf).orElse(5_000L);
        var now = settled(before, beforeClass, Duration.ofMillis(patience));
        var left = now.since(before, beforeClass);
        if (!left.isEmpty()) {
            moment(context, CLASS).set(beforeClass.andWhatCame(before, now));
            var processes = now.processesSince(before);
            System.err.println(dumps(processes));
            processes.forEach(ProcessHandle::destroyForcibly);
            throw new AssertionError(
                    "%s left behind:%n  %s".formatted(context.getDisplayName(), String.join("\n  ", left)));
        }
    }

    @SuppressWarnings("unchecked")
    private static AtomicReference<Surroundings> moment(ExtensionContext context, String name) {
        return context.getStore(OURS).get(name, AtomicReference.class);
    }

    /// The surroundings once nothing is left, or when patience has run out.
    private static Surroundings settled(Surroundings before, Surroundings beforeClass, Duration patience)
            throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        var now = Surroundings.now();
        while (!now.since(before, beforeClass).isEmpty() && System.nanoTime() < end) {
            var processes = now.processesSince(before);
            if (processes.isEmpty()) {
                LockSupport.parkNanos(GLANCE / 5); // nothing announces the end of a file
            } else {
                awaitExits(processes, end - System.nanoTime());
            }
            now = Surroundings.now();
        }
        return now;
    }

    private static void awaitExits(List<ProcessHandle> processes, long nanos) throws InterruptedException {
        var exits = processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(exits).get(Math.min(nanos, GLANCE), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // look again: an orphan that init is slow to bury has ended and never says so
        }
    }

    private static String dumps(List<ProcessHandle> left) throws InterruptedException {
        var text = new StringBuilder();
        for (var process :
                Stream.concat(Stream.of(ProcessHandle.current()), left.stream()).toList()) {
            if (process.info().command().orElse("").endsWith("java")) { // others would be asked in vain
                text.append("---- threads of process " + process.pid() + "\n" + dump(process.pid()));
            }
        }
        return text.toString();
    }

    private static String dump(long pid) throws InterruptedException {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        try {
            var output = Files.createTempFile("threads", ".txt");
            try {
                var process = new ProcessBuilder(jcmd.toString(), Long.toString(pid), "Thread.print")
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
                return Files.readString(output);
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            return "not to be had: " + e + "\n";
        }
    }
}
