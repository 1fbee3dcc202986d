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

    // tag::below[]
    static void describe(int depth) throws InterruptedException {
        int cpus = Runtime.getRuntime().availableProcessors();
        System.out.println(ChildProcess.current().name() + ": " + cpus + " processor, " + System.getProperty("mode"));
        if (depth > 1)
            ChildProcess.of(Options::describe, depth - 1).name("inner").start().join();
    }
    // end::below[]

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

        // tag::start[]
        ChildProcess.of(Options::describe, 2)
                .name("outer")
                .options(o -> o.cpus(1).systemProperty("mode", "quiet").output(Output.PREFIXED))
                .start()
                .join();
        // end::start[]

        // tag::refused[]
        try {
            ChildProcess.of(Options::show).options(o -> o.maxHeap("2 GB"));
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage()); // said at once
        }
        try {
            ChildProcess.of(Options::show)
                    .options(o -> o.jvmArgs("-XX:+NoSuchFlag"))
                    .start();
        } catch (IllegalStateException e) {
            System.out.println("Refused by the JVM"); // e has its words: Unrecognized VM option 'NoSuchFlag'
        }
        // end::refused[]
    }
}
