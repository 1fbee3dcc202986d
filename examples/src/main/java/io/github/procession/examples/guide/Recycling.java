package io.github.procession.examples.guide;

import io.github.procession.Pool;
import java.time.Duration;
import java.util.HashSet;
import java.util.stream.IntStream;

/// A pool with options.
public final class Recycling {
    private Recycling() {}

    // tag::initializer[]
    static String model = "not loaded";

    static void load() {
        model = "a model"; // once in each worker, not once for each task
    }
    // end::initializer[]

    public static void main(String[] args) throws Exception {
        // tag::options[]
        try (var pool = Pool.open(o -> o.workers(2)
                .initializer(Recycling::load)
                .taskTimeout(Duration.ofSeconds(30)) // what never ends is stopped
                .retries(1) // what crashes is run once more
                .maxTasksPerWorker(10) // what leaks is replaced
                .idleTimeout(Duration.ofMinutes(1)))) { // what has nothing to do leaves
            var items = IntStream.range(0, 40).boxed().toList();
            System.out.println(new HashSet<>(pool.map(items, n -> model))); // [a model]
            System.out.println(pool.stats().done()); // 40
        }
        // end::options[]
    }
}
