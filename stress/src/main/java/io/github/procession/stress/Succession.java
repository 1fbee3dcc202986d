package io.github.procession.stress;

import io.github.procession.internal.os.Os;
import io.github.procession.stress.Plan.Blow;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// Storms in JVMs of their own, one after the other, each of which loses its root at an instant that nobody expects. Nothing of
/// its tree may be left then. The same seed makes the same plan.
public final class Succession {
    /*
     *   this process ── java Reign, the root ── its tree, as in Storm, with a killer of its own
     *     kills the root, after a number of seconds that begins when somebody in the tree has moved on
     *     and waits until all lives in the ledger are gone, and all who have inherited the root's environment
     */
    private static final Duration GLANCE = Duration.ofMillis(20);
    private static final int SHORTEST = 100;
    private static final int LONGEST = 12_000;
    private static final int MOST_NAMED = 10;

    private final PrintStream out;
    private final Duration time;
    private final Random random;
    private final Duration bound;
    private final Map<Blow, Integer> blows = new EnumMap<>(Blow.class);
    private final List<Double> seconds = new ArrayList<>(); // until all were gone
    private long operations;
    private long processes;

    /// Prepares it.
    ///
    /// @param out   where the summary goes
    /// @param time  how long it lasts; at least one root dies
    /// @param seed  decides when and how roots die, and the seeds of the storms
    /// @param bound how long anything may take that should happen at once
    public Succession(PrintStream out, Duration time, long seed, Duration bound) {
        this.out = out;
        this.time = time;
        this.random = new Random(seed);
        this.bound = bound;
    }

    /// Lets one root die after the other.
    ///
    /// @return whether nothing was wrong; what was is in the summary
    /// @throws IOException          if a ledger cannot be written, or no JVM started
    /// @throws InterruptedException if this thread is interrupted
    public boolean rage() throws IOException, InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        boolean right = true;
        do {
            right = reign();
        } while (right && System.nanoTime() < end);
        seconds.sort(null);
        say(
                "roots struck: %s; %,d processes, %,d operations; all were gone after %.3f s, the slowest after %.3f s",
                blows, processes, operations, seconds.get(seconds.size() / 2), seconds.getLast());
        return right;
    }

    private boolean reign() throws IOException, InterruptedException {
        long seed = random.nextLong();
        int way = random.nextInt(10);
        var blow = way < 7 ? Blow.SIGKILL : way < 9 ? Blow.SIGTERM : Blow.SIGSEGV;
        int after = random.nextInt(SHORTEST, LONGEST);
        var folder = Files.createTempDirectory(
                "procession-storm-" + ProcessHandle.current().pid() + "-");
        var ledger = Ledger.in(folder.resolve(Storm.LEDGER));
        var root = start(folder, seed);
        try {
            if (awaitWork(ledger, root)) {
                boolean _ = root.waitFor(after, TimeUnit.MILLISECONDS);
            }
            ledger.check(Activity.CREW, root.isAlive(), "the root has ended by itself");
            ledger.livesOf(root.pid()).forEach(life -> life.doom(blow.number()));
            long begin = System.nanoTime();
            Os.kill(root.pid(), blow.number());
            blows.merge(blow, 1, Integer::sum);
            boolean gone = root.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
            ledger.check(Activity.CREW, gone, "the root, sent %s, has not ended after %s", blow, bound);
            awaitAllGone(ledger, folder);
            seconds.add((System.nanoTime() - begin) / 1e9);
            var files = Leftovers.files(ledger, folder);
            ledger.check(Activity.CREW, files.isEmpty(), "after %s to the root files are left: %s", blow, files);
        } finally {
            root.destroyForcibly();
        }
        processes += ledger.lives().stream().mapToLong(Life::pid).distinct().count();
        for (var activity : Activity.values()) {
            operations += ledger.doneIn(activity);
        }
        boolean right = !ledger.hasFaults();
        if (!right) {
            ledger.faults().forEach(fault -> say("WRONG: %s", fault));
            say("The root of seed %d was struck by %s; its ledger and output are in %s", seed, blow, folder);
        }
        ledger.close();
        if (right) {
            Storm.delete(folder);
        }
        return right;
    }

    private Process start(Path folder, long seed) throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java");
        var builder = new ProcessBuilder(
                        java.toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=" + folder.resolve("hs_err_pid%p.log"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Reign.class.getName(),
                        folder.toString(),
                        Long.toString(seed),
                        Long.toString(Math.max(1, bound.toSeconds())))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .redirectInput(new File("/dev/null"));
        builder.environment().put(Leftovers.MARK, folder.toString());
        return builder.start();
    }

    /// @return whether there is anybody at work; a root is killed as well if that takes too long
    private boolean awaitWork(Ledger ledger, Process root) throws InterruptedException {
        long end = System.nanoTime() + bound.toNanos();
        while (ledger.lives().stream().filter(Life::hasBegun).noneMatch(life -> life.rounds() > 0)) {
            if (root.waitFor(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
            if (System.nanoTime() > end) {
                ledger.fault("nobody was at work after " + bound);
                return false;
            }
        }
        return true;
    }

    private void awaitAllGone(Ledger ledger, Path folder) throws IOException, InterruptedException {
        long end = System.nanoTime() + bound.toNanos();
        while (true) {
            var left = Leftovers.processes(ledger);
            var others = left.isEmpty() ? Leftovers.marked(folder.toString()) : List.<Long>of();
            if (left.isEmpty() && others.isEmpty()) {
                return;
            }
            if (System.nanoTime() > end) {
                var some = left.subList(0, Math.min(MOST_NAMED, left.size())).stream()
                        .map(life -> life + (life.isStopped() ? " stopped" : ""))
                        .toList();
                ledger.fault("%d processes are left after %s: %s; and %d that had not begun: %s"
                        .formatted(left.size(), bound, some, others.size(), others));
                left.forEach(life -> Os.kill(life.pid(), Os.SIGKILL));
                others.forEach(pid -> Os.kill(pid, Os.SIGKILL));
                return;
            }
            Thread.sleep(GLANCE);
        }
    }

    @SuppressWarnings("AnnotateFormatMethod") // as in the ledger
    private void say(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
    }
}
