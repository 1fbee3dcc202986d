package io.github.procession.benchmarks;

import io.github.procession.function.SerializableCallable;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import net.viktorc.pp4j.impl.ProcessExecutors;

/// PP4J's side of the start benchmark: for each line on standard input, opens a pool of two and prints the milliseconds until
/// the first result is there.
final class Pp4jStart {
    private Pp4jStart() {}

    /// Runs it.
    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        SerializableCallable<Integer> task = () -> 1;
        while (System.in.read() == '\n') {
            long begin = System.nanoTime();
            var pool = ProcessExecutors.newFixedJavaProcessPool(2);
            pool.submit(task).get();
            System.out.println((System.nanoTime() - begin) / 1e6);
            pool.shutdownNow();
        }
    }
}
