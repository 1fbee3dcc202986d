package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.ChildProcess;
import io.github.procession.SharedQueue;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharedQueueTest extends QueueContract {
    private static final int ORDERS = 100;

    @Override
    protected <E> SharedQueue<E> create(int capacity) {
        return SharedQueue.create(capacity);
    }

    record Order(int number, String customer, TimeUnit unit) implements Serializable {
        static Order of(int number) {
            return new Order(number, "customer " + number % 7, TimeUnit.values()[number % 5]);
        }
    }

    static void produce(SharedQueue<Order> queue, int from) throws InterruptedException {
        for (int i = 0; i < ORDERS; i++) {
            queue.put(Order.of(from + i));
        }
    }

    static void produceBelow(SharedQueue<Order> queue, int from) throws InterruptedException {
        ChildProcess.of(SharedQueueTest::produce, queue, from).start().join();
    }

    static void passOn(SharedQueue<Order> from, SharedQueue<Order> to) throws InterruptedException {
        for (int i = 0; i < ORDERS; i++) {
            to.put(from.take());
        }
    }

    /// They get to know each other's records by what the root keeps, whose child the producer of an item is or was.
    @Test
    void recordsArriveAsTheyWereWhoeverHasSentThem() throws InterruptedException {
        try (var queue = SharedQueue.<Order>create();
                var passed = SharedQueue.<Order>create()) {
            var child = ChildProcess.of(SharedQueueTest::produce, queue, 0).start();
            var parent = ChildProcess.of(SharedQueueTest::produceBelow, queue, ORDERS)
                    .start();
            child.join(); // its items outlive it
            parent.join();
            var first = ChildProcess.of(SharedQueueTest::passOn, queue, passed).start();
            var second = ChildProcess.of(SharedQueueTest::passOn, queue, passed).start();
            var arrived = new ArrayList<Order>();
            for (int i = 0; i < 2 * ORDERS; i++) {
                arrived.add(passed.take());
            }
            first.join();
            second.join();
            List<Order> sent =
                    IntStream.range(0, 2 * ORDERS).mapToObj(Order::of).toList();
            assertThat(arrived).containsExactlyInAnyOrderElementsOf(sent);
        }
    }
}
