package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.QueueEndedException;
import io.github.procession.SharedInt;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The end of a queue, and waiting for its work.
class QueueEndTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    // ---- the end ---------------------------------------------------------------------------------------------------

    @Test
    void afterTheEndNothingGoesInAndWhatIsThereComesOut() throws Exception {
        try (var queue = SharedQueue.<String>create(4)) {
            queue.put("a");
            queue.put("b");
            queue.end();
            queue.end();
            assertThatThrownBy(() -> queue.put("c")).isInstanceOf(QueueEndedException.class);
            assertThatThrownBy(() -> queue.offer("c")).isInstanceOf(QueueEndedException.class);
            assertThatThrownBy(() -> queue.offer("c", 1, TimeUnit.HOURS)).isInstanceOf(QueueEndedException.class);
            assertThat(queue.size()).isEqualTo(2);
            assertThat(queue.take()).isEqualTo("a");
            assertThat(queue.poll()).isEqualTo("b");
            assertThat(queue.poll()).isNull();
            assertThat(queue.poll(1, TimeUnit.HOURS)).isNull();
            assertThatThrownBy(queue::take).isInstanceOf(QueueEndedException.class);
            assertThat(queue.stream()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndReachesWhoWaits(boolean elsewhere) throws Exception {
        try (var empty = SharedQueue.<String>create(1);
                var full = SharedQueue.<String>create(1)) {
            full.put("here");
            var taking = inThread(() -> assertThatThrownBy(empty::take).isInstanceOf(QueueEndedException.class));
            var polling =
                    inThread(() -> assertThat(empty.poll(1, TimeUnit.HOURS)).isNull());
            var streaming = inThread(() -> assertThat(empty.stream()).isEmpty());
            var putting =
                    inThread(() -> assertThatThrownBy(() -> full.put("no")).isInstanceOf(QueueEndedException.class));
            TimeUnit.MILLISECONDS.sleep(20); // they may wait by then, or not
            if (elsewhere) {
                ChildProcess.of(SharedQueue<String>::end, empty).start().join();
                ChildProcess.of(SharedQueue<String>::end, full).start().join();
            } else {
                empty.end();
                full.end();
            }
            for (var each : List.of(taking, polling, streaming, putting)) {
                each.get(30, TimeUnit.SECONDS);
            }
            assertThat(full.take()).isEqualTo("here");
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static FutureTask<Void> inThread(Step step) {
        var task = new FutureTask<Void>(() -> {
            step.run();
            return null;
        });
        Thread.ofVirtual().start(task);
        return task;
    }

    private static void produce(SharedQueue<Integer> queue, int from, int count) throws InterruptedException {
        for (int i = from; i < from + count; i++) {
            queue.put(i);
        }
    }

    private static void consume(SharedQueue<Integer> queue, SharedIntArray seen, SharedInt finished) {
        queue.stream().forEach(seen::incrementAndGet);
        finished.incrementAndGet();
    }

    @Test
    void streamsOfManyConsumersSeeEachItemOnceAndFinish() throws Exception {
        int each = 3000;
        try (var queue = SharedQueue.<Integer>create(100);
                var seen = SharedIntArray.ofLength(3L * each);
                var finished = SharedInt.of(0)) {
            var consumers = IntStream.range(0, 3)
                    .mapToObj(_ -> ChildProcess.of(QueueEndTest::consume, queue, seen, finished)
                            .start())
                    .toList();
            var producers = IntStream.range(0, 3)
                    .mapToObj(i -> ChildProcess.of(QueueEndTest::produce, queue, i * each, each)
                            .start())
                    .toList();
            for (var producer : producers) {
                producer.join();
            }
            queue.end();
            for (var consumer : consumers) {
                assertThat(consumer.join(SOON)).isTrue();
            }
            assertThat(finished.get()).isEqualTo(3);
            assertThat(seen.toArray()).containsOnly(1);
        }
    }

    /// Whoever ends and whoever puts at the same time: what was put comes out, what threw does not.
    @Test
    void eachPutEitherHappensOrThrows() throws Exception {
        var random = new Random(1);
        for (int round = 0; round < 300; round++) {
            try (var queue = SharedQueue.<Integer>create(3)) {
                var puts = new ArrayList<FutureTask<Integer>>();
                for (int p = 0; p < 2; p++) {
                    var task = new FutureTask<>(() -> {
                        int put = 0;
                        try {
                            while (true) {
                                queue.put(put);
                                put++;
                            }
                        } catch (QueueEndedException e) {
                            return put;
                        }
                    });
                    Thread.ofPlatform().start(task);
                    puts.add(task);
                }
                var taken = new FutureTask<>(() -> (int) queue.stream().count());
                Thread.ofPlatform().start(taken);
                for (int spins = random.nextInt(3000); spins > 0; spins--) {
                    Thread.onSpinWait();
                }
                queue.end();
                int sum = 0;
                for (var put : puts) {
                    sum += put.get(30, TimeUnit.SECONDS);
                }
                assertThat(taken.get(30, TimeUnit.SECONDS)).isEqualTo(sum);
            }
        }
    }

    private static void hold(SharedQueue<Integer> queue, SharedInt taken) throws InterruptedException {
        while (true) {
            queue.take();
            taken.incrementAndGet();
        }
    }

    /// A consumer that is killed at any time does not keep the others from the end, and takes at most one item with it.
    @Test
    void theEndComesThoughConsumersAreKilled() throws Exception {
        int items = 20_000;
        var random = new Random(2);
        for (int round = 0; round < 4; round++) {
            try (var queue = SharedQueue.<Integer>create(items);
                    var taken = SharedInt.of(0)) {
                var victims = IntStream.range(0, 2)
                        .mapToObj(_ -> ChildProcess.of(QueueEndTest::hold, queue, taken)
                                .start())
                        .toList();
                for (int i = 0; i < items; i++) {
                    queue.put(i);
                }
                Processes.await("the consumers", () -> taken.get() > 100);
                TimeUnit.MICROSECONDS.sleep(random.nextInt(2000));
                victims.forEach(ChildProcess::kill);
                queue.end();
                long rest = queue.stream().count();
                for (var victim : victims) {
                    victim.join();
                }
                assertThat(rest + taken.get()).isBetween((long) items - 2, (long) items);
            }
        }
    }

    // ---- work ------------------------------------------------------------------------------------------------------

    private static void work(SharedQueue<Integer> queue, SharedInt sum) {
        queue.stream().forEach(item -> {
            sum.addAndGet(item);
            queue.taskDone();
        });
    }

    @Test
    void awaitDoneWaitsForTheLastItem() throws Exception {
        try (var queue = SharedQueue.<Integer>create(4);
                var sum = SharedInt.of(0)) {
            queue.awaitDone(); // nothing is to be done
            var workers = IntStream.range(0, 4)
                    .mapToObj(
                            _ -> ChildProcess.of(QueueEndTest::work, queue, sum).start())
                    .toList();
            for (int round = 1; round <= 3; round++) {
                for (int i = 1; i <= 10; i++) {
                    queue.put(i);
                }
                assertThat(queue.awaitDone(SOON)).isTrue();
                assertThat(sum.get()).isEqualTo(55 * round);
            }
            assertThatThrownBy(queue::taskDone)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("more often");
            queue.end();
            for (var worker : workers) {
                worker.join();
            }
        }
    }

    @Test
    void aLimitOfWaitingForWorkIsKept() throws Exception {
        try (var queue = SharedQueue.<Integer>create()) {
            queue.put(1);
            assertThat(queue.awaitDone(Duration.ofMillis(20))).isFalse();
            assertThat(queue.awaitDone(Duration.ZERO)).isFalse();
            queue.take();
            assertThat(queue.awaitDone(Duration.ofMillis(20))).isFalse();
            var waiting = CompletableFuture.supplyAsync(() -> {
                try {
                    return queue.awaitDone(SOON);
                } catch (InterruptedException e) {
                    return false;
                }
            });
            queue.taskDone();
            assertThat(waiting.get(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void takeAndWait(SharedQueue<Integer> queue, SharedInt taken) throws InterruptedException {
        queue.take();
        queue.take();
        queue.taskDone();
        taken.set(1);
        Thread.sleep(SOON);
    }

    /// Otherwise whoever waits would wait for ever.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void workThatDiedWithItsProcessIsSaid(boolean waitsBefore) throws Exception {
        try (var queue = SharedQueue.<Integer>create();
                var taken = SharedInt.of(0)) {
            for (int i = 0; i < 3; i++) {
                queue.put(i);
            }
            var child = ChildProcess.of(QueueEndTest::takeAndWait, queue, taken).start();
            Processes.await("two items to be taken", () -> taken.get() == 1);
            var waiting = new FutureTask<Void>(() -> {
                queue.awaitDone();
                return null;
            });
            if (waitsBefore) {
                Thread.ofPlatform().start(waiting);
            }
            child.kill();
            child.join();
            queue.take(); // as long as somebody has something in hand, it may be done
            assertThat(queue.awaitDone(Duration.ofMillis(20))).isFalse();
            queue.taskDone();
            if (!waitsBefore) {
                Thread.ofPlatform().start(waiting);
            }
            assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("1 items will never be done");
        }
    }
}
