package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import java.time.Duration;

/// From the start of a process to its end.
public final class Lifecycle {
    private Lifecycle() {}

    static void greet(String whom) {
        System.out.println(
                "Hello " + whom + ", this is " + ChildProcess.current().name());
    }

    static void work() throws InterruptedException {
        try {
            Thread.sleep(Duration.ofMinutes(1));
        } catch (InterruptedException e) {
            System.out.println("Interrupted: tidying up");
        }
    }

    static void introduce() {
        var parent = ChildProcess.parent().orElseThrow();
        System.out.println("I am " + ChildProcess.current().name() + ", a child of " + parent.name());
    }

    public static void main(String[] args) throws Exception {
        start();
        statuses();
        limits();
        stop();
        family();
    }

    private static void start() throws InterruptedException {
        // tag::start[]
        var greeter = ChildProcess.of(Lifecycle::greet, "world").name("greeter");
        greeter.start();
        greeter.join();
        System.out.println(greeter.exitStatus().orElseThrow()); // exit code 0
        // end::start[]
    }

    private static void statuses() throws InterruptedException {
        // tag::status[]
        var exiting = ChildProcess.of(() -> System.exit(3)).start();
        exiting.join();
        System.out.println(exiting.exitStatus().orElseThrow()); // exit code 3

        var killed = ChildProcess.of(Lifecycle::work).start();
        killed.kill();
        killed.join();
        System.out.println(killed.exitStatus().orElseThrow()); // signal SIGKILL (exit code 137)
        // end::status[]
    }

    private static void limits() throws InterruptedException {
        // tag::join[]
        try (var worker = ChildProcess.of(() -> Thread.sleep(1000)).start()) {
            System.out.println(worker.join(Duration.ofMillis(100))); // false: it is still at work
            worker.onExit().thenAccept(status -> System.out.println("It ended with " + status));
        } // close() waits for its end
        // end::join[]
    }

    private static void stop() throws InterruptedException {
        // tag::stop[]
        var worker = ChildProcess.of(Lifecycle::work).start();
        boolean inTime = worker.stop(Duration.ofSeconds(10)); // interrupts it; then SIGTERM; then SIGKILL
        System.out.println(inTime); // true: work() ends when it is interrupted
        // end::stop[]
    }

    private static void family() throws InterruptedException {
        // tag::family[]
        ChildProcess.of(Lifecycle::introduce).start().join(); // I am Process-6, a child of main
        System.out.println("I am " + ChildProcess.current().name()); // I am main
        System.out.println(ChildProcess.active()); // []: none is alive
        // end::family[]
    }
}
