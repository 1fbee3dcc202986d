package io.github.procession.examples.jobs;

import io.github.procession.Pool;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/// Does a job alone and in a pool, says how long each took, and insists that they agree.
final class Comparison {
    private Comparison() {}

    /// The job, in a pool.
    ///
    /// @param <R> its result
    interface Pooled<R> {
        R run(Pool pool) throws Exception;
    }

    /// Does it twice.
    ///
    /// @return the result
    /// @throws IllegalStateException if the two differ
    static <R> R of(int workers, Callable<R> alone, Pooled<R> pooled) throws Exception {
        long begin = System.nanoTime();
        R expected = alone.call();
        double single = (System.nanoTime() - begin) / 1e9;
        R result;
        double many;
        try (var pool = Pool.open(workers)) { // its workers boot before the clock runs: pools live long
            pool.map(IntStream.range(0, workers).boxed().toList(), n -> n, 1);
            begin = System.nanoTime();
            result = pooled.run(pool);
            many = (System.nanoTime() - begin) / 1e9;
        }
        System.out.printf(
                Locale.ROOT,
                "alone %.2f s, in a pool of %d workers %.2f s: %.2f times as fast%n",
                single,
                workers,
                many,
                single / many);
        if (!result.equals(expected)) {
            throw new IllegalStateException("The pool's result differs: %s instead of %s".formatted(result, expected));
        }
        System.out.println("the same result");
        return result;
    }

    /// What a job is asked to do.
    ///
    /// @param size    how large it is
    /// @param workers how many processes work on it
    record Options(int size, int workers) {
        /// Of the form `name=number`, for the size under some name, and for the workers.
        static Options of(String[] arguments, String name, int size) {
            var options = new Options(size, Pool.defaultWorkers());
            for (var argument : arguments) {
                var parts = argument.split("=", 2);
                boolean isNumber = parts.length == 2 && parts[1].matches("[1-9][0-9]{0,8}");
                if (isNumber && parts[0].equals(name)) {
                    options = new Options(Integer.parseInt(parts[1]), options.workers);
                } else if (isNumber && parts[0].equals("workers")) {
                    options = new Options(options.size, Integer.parseInt(parts[1]));
                } else {
                    System.err.printf(
                            "'%s' is neither %s=NUMBER (%d by default) nor workers=NUMBER, from 1 on%n",
                            argument, name, size);
                    System.exit(2);
                }
            }
            return options;
        }
    }
}
