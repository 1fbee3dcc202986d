package io.github.procession.examples.sources;

import io.github.procession.Pool;
import io.github.procession.ProcessFuture;
import io.github.procession.SharedInt;
import io.github.procession.WorkerCrashedException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/// Counts a corpus in batches of files: in this process, in a pool, and in a pool whose workers may crash.
///
/// A batch is a list of names. Whoever gets one reads the files itself and sends back a few numbers, so next to nothing
/// travels between processes.
///
/// @param corpus  the files
/// @param batches their names, in the portions in which they are worked on
public record SourceJob(Corpus corpus, List<List<String>> batches) {
    /// How many files one task works on: enough to outweigh the cost of sending it, few enough to spread evenly.
    public static final int BATCH = 100;

    /// A job over the first files of a corpus.
    ///
    /// @param corpus the files
    /// @param most   how many of them at the most
    /// @return the job, not yet begun
    /// @throws IOException if the files cannot be listed
    public static SourceJob of(Corpus corpus, int most) throws IOException {
        var names = corpus.names();
        var chosen = names.subList(0, Math.min(most, names.size()));
        var batches = new ArrayList<List<String>>();
        for (int i = 0; i < chosen.size(); i += BATCH) {
            batches.add(List.copyOf(chosen.subList(i, Math.min(i + BATCH, chosen.size()))));
        }
        return new SourceJob(corpus, List.copyOf(batches));
    }

    /// How many files it is about.
    ///
    /// @return the sum of the batches
    public int files() {
        return batches.stream().mapToInt(List::size).sum();
    }

    /// Counts in this process, one batch after the other.
    ///
    /// @return what is in all the files
    /// @throws IOException if one cannot be read
    public Totals alone() throws IOException {
        var totals = Totals.NONE;
        for (var batch : batches) {
            totals = totals.plus(corpus.count(batch));
        }
        return totals;
    }

    /// Counts in the workers of a pool.
    ///
    /// @param pool whose workers do it
    /// @return what is in all the files
    /// @throws InterruptedException if this thread is interrupted
    public Totals in(Pool pool) throws InterruptedException {
        return pool.map(batches, corpus::count, 1).stream().reduce(Totals.NONE, Totals::plus);
    }

    /// Counts in the workers of a pool, one of which dies in the middle, in native code, as a faulty library would make it.
    /// Its batch, and no other, is given to the pool again.
    ///
    /// @param pool    whose workers do it
    /// @param onCrash is told of each crash
    /// @return what is in all the files
    /// @throws InterruptedException if this thread is interrupted
    /// @throws ExecutionException   if a batch fails otherwise, or crashes again
    public Totals withACrashIn(Pool pool, Consumer<WorkerCrashedException> onCrash)
            throws InterruptedException, ExecutionException {
        try (var untilCrash = SharedInt.of(batches.size() / 2 + 1)) {
            var attempts = new ArrayDeque<Attempt>();
            for (var batch : batches) {
                attempts.add(new Attempt(batch, submit(pool, corpus, batch, untilCrash), false));
            }
            var totals = Totals.NONE;
            while (!attempts.isEmpty()) {
                var attempt = attempts.remove();
                try {
                    totals = totals.plus(attempt.result.get());
                } catch (ExecutionException e) {
                    if (attempt.isSecond || !(e.getCause() instanceof WorkerCrashedException crash)) {
                        throw e;
                    }
                    onCrash.accept(crash);
                    attempts.add(new Attempt(attempt.batch, submit(pool, corpus, attempt.batch, untilCrash), true));
                }
            }
            return totals;
        }
    }

    private record Attempt(List<String> batch, ProcessFuture<Totals> result, boolean isSecond) {}

    // static: a lambda that used a field would take this whole job along
    private static ProcessFuture<Totals> submit(Pool pool, Corpus corpus, List<String> batch, SharedInt untilCrash) {
        return pool.applyAsync(() -> {
            if (untilCrash.decrementAndGet() == 0) {
                writeWhereNothingIs();
            }
            return corpus.count(batch);
        });
    }

    /// Ends this process by SIGSEGV.
    private static void writeWhereNothingIs() {
        MemorySegment.NULL.reinterpret(Integer.BYTES).set(ValueLayout.JAVA_INT, 0, 1);
    }
}
