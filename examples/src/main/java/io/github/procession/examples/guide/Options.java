package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.Output;
import io.github.procession.Pool;

/// How the JVM of a child may differ from its parent's.
public final class Options {
    private Options() {}

    static void show() {
        System.out.println(Runtime.getRuntime().maxMemory() / 1_000_000 + " MB at the most");
        System.out.println(System.getProperty("greeting") + ", " + System.getenv("WHOM"));
    }

    public static void main(String[] args) throws Exception {
        // tag::options[]
        var p = ChildProcess.of(Options::show)
                .name("small")
                .options(o -> o.maxHeap("64m")
                        .systemProperty("greeting", "Hello")
                        .environment("WHOM", "world")
                        .output(Output.PREFIXED));
        p.start().join();
        // end::options[]

        // tag::pool[]
        try (var pool = Pool.open(o -> o.workers(2).process(w -> w.cpus(1)))) {
            System.out.println(pool.apply(() -> Runtime.getRuntime().availableProcessors())); // 1
        }
        // end::pool[]
    }
}
