package io.github.procession.tools;

import io.github.procession.ChildProcess;
import io.github.procession.Output;
import io.github.procession.Pool;
import io.github.procession.WorkerCrashedException;
import io.github.procession.examples.Example1;
import io.github.procession.examples.Example2;
import io.github.procession.examples.Example3;
import io.github.procession.examples.Example4;
import io.github.procession.examples.sources.SourceJob;
import io.github.procession.examples.sources.Totals;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;

/// What `procession demo` shows, step by step. Each step says in its title what it shows.
final class Demo {
    private static final int STEPS = 7;
    private static final int TIMES = 3;
    private static final int QUOTE_COLUMNS = 96;
    private static final int MESSAGE_LINES = 4;
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final String WORKER_HEAP = "512m"; // a batch of a hundred files takes some tens of megabytes

    private final PrintStream out;
    private final int workers;
    private final SourceJob job;
    private final List<String> complaints = new ArrayList<>();
    private int step;
    private int crashes;

    Demo(PrintStream out, int workers, SourceJob job) {
        this.out = out;
        this.workers = workers;
        this.job = job;
    }

    /// Shows it all.
    ///
    /// @return whether everything was as it should be; if not, standard error has the reasons
    boolean show() throws Exception {
        long begin = System.nanoTime();
        int processors = Runtime.getRuntime().availableProcessors();
        say("Procession %s on Java %s, %s", Main.Version.number(), Runtime.version(), counted(processors, "processor"));
        showPrograms();
        showJob();
        showLimit();
        say("");
        say("That took %.0f s in all. Read on:", seconds(begin));
        say("  %s", page("README.md"));
        say("  %s", page("docs/guide/index.md"));
        complaints.forEach(complaint -> System.err.println("procession demo: " + complaint));
        return complaints.isEmpty();
    }

    private void showPrograms() throws Exception {
        String[] none = {};
        title("Two processes run one function at the same time (Example1)");
        Example1.main(none);
        title("Processes started in a loop, each with an argument of its own (Example2)");
        Example2.main(none);
        title("One process puts items into a queue, another one takes them (Example3)");
        Example3.main(none);
        title("A child changes a number and an array that both share (Example4)");
        Example4.main(none);
    }

    // ---- the job ---------------------------------------------------------------------------------------------------

    private void showJob() throws Exception {
        title("A real job over real files, in this process and in a pool of " + workers());
        say("%s: %s, %d to a task", job.corpus().place(), counted(job.files(), "file"), SourceJob.BATCH);
        say("%-20s%14s%14s%14s", "", "1st time", "2nd time", "3rd time");
        cell("  in this process");
        var alone = runs(job::alone, System.nanoTime());
        cell("  in " + workers());
        long begin = System.nanoTime();
        try (var pool = openPool()) { // its start counts
            var pooled = runs(() -> job.in(pool), begin);
            cell("  speed-up");
            for (int i = 0; i < TIMES; i++) {
                out.printf(Locale.ROOT, "%12.2f  ", alone.get(i).seconds / pooled.get(i).seconds);
            }
            say("%n  (Each JVM compiles its hot code for itself, so it is slow at first.)");
            var totals = alone.getFirst().totals;
            sayTotals(totals);
            alone.forEach(run -> compare(totals, "in this process", run));
            pooled.forEach(run -> compare(totals, "in the pool", run));
            showCrash(pool, totals);
        }
    }

    private List<Run> runs(Callable<Totals> work, long begin) throws Exception {
        var runs = new ArrayList<Run>();
        for (int i = 0; i < TIMES; i++) {
            var run = Run.of(work, i == 0 ? begin : System.nanoTime());
            runs.add(run);
            out.printf(Locale.ROOT, "%12.1f s", run.seconds);
            out.flush();
        }
        out.println();
        return runs;
    }

    private record Run(Totals totals, double seconds) {
        static Run of(Callable<Totals> work, long begin) throws Exception {
            var totals = work.call();
            return new Run(totals, Demo.seconds(begin));
        }
    }

    private Pool openPool() {
        // a crashing JVM writes a page of its own to standard output; the exception has what matters
        return Pool.open(options ->
                options.workers(workers).process(p -> p.maxHeap(WORKER_HEAP).output(Output.DISCARD)));
    }

    private void sayTotals(Totals totals) {
        say(
                "Found: %s, %s, %s",
                counted(totals.types(), "type"), counted(totals.methods(), "method"), counted(totals.lines(), "line"));
        var longest = totals.longest();
        if (longest != null) {
            say("The longest method has %s: %s", counted(longest.lines(), "line"), longest.name());
            say("  in %s", longest.file());
        }
    }

    private void showCrash(Pool pool, Totals expected) throws Exception {
        title("The same once more, while one worker writes to a bad address and dies");
        var survived = Run.of(() -> job.withACrashIn(pool, this::sayCrash), System.nanoTime());
        say("Done in %.1f s; only the task of that worker had to be done again.", survived.seconds);
        compare(expected, "in the pool with a crash", survived);
        if (crashes != 1) {
            complaints.add("one worker was to crash, not " + crashes);
        }
    }

    private void sayCrash(WorkerCrashedException crash) {
        crashes++;
        quote(crash);
        crash.errorFile().ifPresent(this::removeReport);
    }

    private void removeReport(Path report) {
        try {
            say("The JVM's report is there, %,d bytes. (This demo deletes it.)", Files.size(report));
            Files.delete(report);
        } catch (IOException e) {
            complaints.add("the report of the crashed JVM could not be read and deleted: " + e);
        }
    }

    private void compare(Totals expected, String how, Run run) {
        if (!expected.equals(run.totals)) {
            complaints.add("the totals differ: first %s; %s %s".formatted(expected, how, run.totals));
        }
    }

    // ---- the limit -------------------------------------------------------------------------------------------------

    private void showLimit() throws InterruptedException {
        title("An endless loop is stopped at its limit");
        long begin = System.nanoTime();
        try {
            ChildProcess.call(Demo::forever, LIMIT);
            complaints.add("a loop without an end has come to one");
        } catch (TimeoutException e) {
            say("After %.1f s:", seconds(begin));
            quote(e);
        }
    }

    private static boolean forever() {
        while (true) {
            Thread.onSpinWait();
        }
    }

    // ---- output ----------------------------------------------------------------------------------------------------

    private void title(String shows) {
        say("");
        say("== %d of %d: %s", ++step, STEPS, shows);
    }

    private void cell(String text) {
        out.printf(Locale.ROOT, "%-20s", text);
        out.flush();
    }

    @SuppressWarnings("AnnotateFormatMethod") // its annotation is in a library that we do without
    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }

    /// The first lines of a message, each broken where it gets too long.
    private void quote(Throwable thrown) {
        thrown.toString().lines().limit(MESSAGE_LINES).forEach(line -> {
            var rest = line;
            while (rest.length() > QUOTE_COLUMNS) {
                int space = rest.lastIndexOf(' ', QUOTE_COLUMNS);
                int end = rest.substring(0, Math.max(space, 0)).isBlank() ? QUOTE_COLUMNS : space;
                say("  | %s", rest.substring(0, end));
                rest = "    " + rest.substring(end).strip();
            }
            say("  | %s", rest);
        });
    }

    private String workers() {
        return counted(workers, "worker");
    }

    private static String counted(long number, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", number, what, number == 1 ? "" : "s");
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    /// A page of this checkout, by its full path if this runs in one.
    private static String page(String name) throws URISyntaxException {
        var jar = Path.of(
                Demo.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        for (var folder = jar.getParent(); folder != null; folder = folder.getParent()) {
            if (Files.isRegularFile(folder.resolve("mvnw"))) {
                return folder.resolve(name).toString();
            }
        }
        return name;
    }
}
