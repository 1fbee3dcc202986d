package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.SharedInt;
import io.github.procession.SharedQueue;
import java.util.List;
import java.util.stream.IntStream;

/// A queue that ends, and work that is waited for.
public final class Queueing {
    private Queueing() {}

    // tag::stream[]
    static void consume(SharedQueue<Integer> numbers, SharedInt sum) {
        numbers.stream().forEach(sum::addAndGet); // until the queue has ended and is empty
    }
    // end::stream[]

    private static void ending() throws InterruptedException {
        // tag::end[]
        try (var numbers = SharedQueue.<Integer>create(100);
                var sum = SharedInt.of(0)) {
            var consumers = IntStream.range(0, 2)
                    .mapToObj(_ ->
                            ChildProcess.of(Queueing::consume, numbers, sum).start())
                    .toList();
            for (int i = 1; i <= 1000; i++) {
                numbers.put(i);
            }
            numbers.end(); // no more will come
            for (var consumer : consumers) {
                consumer.join();
            }
            System.out.println(sum.get()); // 500500
        }
        // end::end[]
    }

    // tag::work[]
    static void work(SharedQueue<String> jobs) {
        jobs.stream().forEach(job -> {
            System.out.println(job + " is done");
            jobs.taskDone();
        });
    }
    // end::work[]

    private static void working() throws InterruptedException {
        // tag::join[]
        try (var jobs = SharedQueue.<String>create()) {
            var worker = ChildProcess.of(Queueing::work, jobs).start();
            for (var job : List.of("first", "second", "third")) {
                jobs.put(job);
            }
            jobs.awaitDone(); // until each has been reported done
            jobs.end();
            worker.join();
        }
        // end::join[]
    }

    public static void main(String[] args) throws InterruptedException {
        ending();
        working();
    }
}
