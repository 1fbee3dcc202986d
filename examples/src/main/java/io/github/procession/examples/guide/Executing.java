package io.github.procession.examples.guide;

import io.github.procession.ProcessFuture;
import io.github.procession.ProcessPoolExecutor;
import io.github.procession.TaskTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;

/// An executor whose tasks run in processes.
public final class Executing {
    private Executing() {}

    static long sumTo(int n) {
        long sum = 0;
        for (int i = 1; i <= n; i++) sum += i;
        return sum;
    }

    public static void main(String[] args) throws Exception {
        // tag::executor[]
        try (var executor = ProcessPoolExecutor.open(2)) { // <-- was: Executors.newFixedThreadPool(2)
            var sum = executor.submit(() -> sumTo(1000));
            System.out.println(sum.get());
        }
        // end::executor[]
        try (var executor = ProcessPoolExecutor.open(2)) {
            plain(executor);
            named(executor);
        }
    }

    private static void plain(ExecutorService executor) {
        // tag::plain[]
        Callable<Long> task = () -> sumTo(10); // its type is not serializable, so it is not
        try {
            executor.submit(task);
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage()); // why, and what to write
        }
        // end::plain[]
    }

    private static void named(ProcessPoolExecutor executor) throws Exception {
        // tag::options[]
        var stuck = executor.submit(
                () -> Limits.forever(), o -> o.name("the endless loop").timeout(Duration.ofSeconds(1)));
        try {
            stuck.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TaskTimeoutException late)
                System.out.println(late.task() + " was stopped after " + late.limit());
        }
        // end::options[]
        // tag::completed[]
        var futures = List.of(executor.submit(() -> sumTo(10)), executor.submit(() -> sumTo(100)));
        try (var completed = ProcessFuture.asCompleted(futures)) {
            System.out.println(completed.map(ProcessFuture::resultNow).sorted().toList()); // [55, 5050]
        }
        // end::completed[]
    }
}
