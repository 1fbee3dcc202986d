package io.github.procession.examples;

import io.github.procession.ChildProcess;

/// Basic multiprocessing: two processes run the same function at the same time.
public final class Example1 {
    private Example1() {}

    // tag::program[]
    static void worker() throws InterruptedException {
        System.out.println("Process ID: " + ProcessHandle.current().pid() + " is working...");
        Thread.sleep(2000);
        System.out.println("Process ID: " + ProcessHandle.current().pid() + " finished...");
    }

    public static void main(String[] args) throws Exception {
        var p1 = ChildProcess.of(Example1::worker);
        var p2 = ChildProcess.of(Example1::worker);
        p1.start();
        p2.start();
        p1.join();
        p2.join();
        System.out.println("Both process completed.");
    }
    // end::program[]
}
