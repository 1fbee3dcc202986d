package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.SharedQueue;
import java.time.Duration;

/// A process is asked to end.
public final class Signals {
    private Signals() {}

    // tag::serve[]
    static void serve(SharedQueue<String> events) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("Tidied up.")));
        events.put("ready");
        try {
            Thread.sleep(Duration.ofMinutes(1));
        } finally {
            System.out.println("Never printed: a signal does not unwind main.");
        }
    }
    // end::serve[]

    public static void main(String[] args) throws Exception {
        // tag::terminate[]
        try (var events = SharedQueue.<String>create()) {
            var server = ChildProcess.of(Signals::serve, events).start();
            events.take(); // it is up, and has its hook
            server.terminate();
            server.join();
            System.out.println(server.exitStatus().orElseThrow()); // signal SIGTERM (exit code 143)
        }
        // end::terminate[]
    }
}
