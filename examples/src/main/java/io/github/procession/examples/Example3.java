package io.github.procession.examples;

import io.github.procession.ChildProcess;
import io.github.procession.SharedQueue;

/// A queue between a process that produces and one that consumes.
public final class Example3 {
    private Example3() {}

    // tag::program[]
    static void producer(SharedQueue<Integer> q) throws InterruptedException {
        for (int i = 0; i < 5; i++) q.put(i);
        q.put(-1);
    }

    static void consumer(SharedQueue<Integer> q) throws InterruptedException {
        for (int item; (item = q.take()) != -1; ) System.out.println("Consumed " + item);
    }

    public static void main(String[] args) throws Exception {
        try (var q = SharedQueue.<Integer>create()) {
            var p1 = ChildProcess.of(Example3::producer, q).start();
            var p2 = ChildProcess.of(Example3::consumer, q).start();
            p1.join();
            p2.join();
        }
    }
    // end::program[]
}
