package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.Connection;
import io.github.procession.Pipe;
import io.github.procession.QueueEndedException;
import io.github.procession.SharedEvent;
import io.github.procession.SharedInt;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedQueue;
import io.github.procession.internal.os.Fuse;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A process halts at an instant of the ring, while others use the same pipe or queue.
class RingInstantsTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int[] TIMES = {1, 50};
    private static final int ITEMS = 300;

    private static ChildProcess doomed(String plan, ChildProcess child) {
        return child.options(o -> o.jvmArgs("-D" + Fuse.PROPERTY + "=" + plan)).start();
    }

    private static void awaitDeath(String plan, ChildProcess child) throws InterruptedException {
        assertThat(child.join(SOON)).as(plan).isTrue();
        assertThat(child.exitStatus().orElseThrow().code()).as(plan).isEqualTo(Fuse.STATUS);
    }

    // ---- pipes -----------------------------------------------------------------------------------------------------

    static void sendNumbers(Connection connection, SharedInt sent) throws Exception {
        for (int i = 0; i < ITEMS; i++) {
            connection.send(i);
            sent.set(i + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"OFFER_CLAIMED", "OFFER_HINTED", "OFFER_HEADED", "OFFER_WRITTEN", "OFFER_PUBLISHED"})
    void aSenderThatHaltsHasSentWhatItHadAndThenComesTheEnd(String instant) throws Exception {
        for (int times : TIMES) {
            var plan = instant + ":" + times;
            try (var pipe = Pipe.oneWay();
                    var sent = SharedInt.of(0)) {
                var child = doomed(plan, ChildProcess.of(RingInstantsTest::sendNumbers, pipe.right(), sent));
                pipe.right().close();
                int received = 0;
                try {
                    while (true) {
                        assertThat(pipe.left().receive(Integer.class)).as(plan).isEqualTo(received);
                        received++;
                    }
                } catch (EOFException e) {
                    awaitDeath(plan, child);
                }
                assertThat(sent.get()).isEqualTo(times - 1);
                assertThat(received).as(plan).isEqualTo(instant.equals("OFFER_PUBLISHED") ? times : times - 1);
            }
        }
    }

    static void receiveNumbers(Connection connection, SharedIntArray seen) throws Exception {
        while (true) {
            seen.incrementAndGet(connection.receive(Integer.class));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CLAIM_TAKEN", "CLAIM_HINTED", "CLAIM_COPIED", "CLAIM_RELEASED"})
    void aReceiverThatHaltsLeavesTheRestToTheOthers(String instant) throws Exception {
        for (int times : TIMES) {
            var plan = instant + ":" + times;
            try (var pipe = Pipe.open();
                    var seen = SharedIntArray.ofLength(ITEMS)) {
                var child = doomed(plan, ChildProcess.of(RingInstantsTest::receiveNumbers, pipe.left(), seen));
                for (int i = 0; i < ITEMS / 2; i++) {
                    pipe.right().send(i);
                }
                awaitDeath(plan, child);
                for (int i = ITEMS / 2; i < ITEMS; i++) {
                    pipe.right().send(i);
                }
                pipe.right().close();
                assertThatThrownBy(() -> receiveNumbers(pipe.left(), seen)).isInstanceOf(EOFException.class);
                boolean released = instant.equals("CLAIM_RELEASED");
                for (int i = 0; i < ITEMS; i++) {
                    assertThat(seen.get(i)).as("%s: %d", plan, i).isEqualTo(released && i == times - 1 ? 0 : 1);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CLAIM_TAKEN", "CLAIM_HINTED", "CLAIM_COPIED", "CLAIM_RELEASED"})
    void theLastReceiverThatHaltsIsTheEndForTheSender(String instant) throws Exception {
        try (var pipe = Pipe.open();
                var seen = SharedIntArray.ofLength(ITEMS)) {
            var plan = instant + ":2";
            var child = doomed(plan, ChildProcess.of(RingInstantsTest::receiveNumbers, pipe.left(), seen));
            pipe.left().close();
            assertThatThrownBy(() -> {
                        while (true) {
                            pipe.right().send(1); // until it waits for room, which nobody makes
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("other end");
            awaitDeath(plan, child);
            assertThatThrownBy(() -> pipe.right().receive()).isInstanceOf(EOFException.class);
        }
    }

    // ---- the end of a queue ----------------------------------------------------------------------------------------

    static void produce(SharedQueue<Integer> queue, int from, SharedInt put) throws InterruptedException {
        for (int i = from; i < from + ITEMS; i++) {
            try {
                queue.put(i);
            } catch (QueueEndedException e) {
                return;
            }
            put.incrementAndGet();
        }
    }

    static void consume(SharedQueue<Integer> queue, SharedIntArray seen) {
        queue.stream().forEach(item -> {
            seen.incrementAndGet(item);
            queue.taskDone();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"OFFER_CLAIMED", "OFFER_HINTED", "OFFER_HEADED", "OFFER_WRITTEN", "OFFER_PUBLISHED"})
    void streamsFinishThoughAProducerHalts(String instant) throws Exception {
        for (int times : TIMES) {
            var plan = instant + ":" + times;
            try (var queue = SharedQueue.<Integer>create(times == 1 ? 1 : 3);
                    var seen = SharedIntArray.ofLength(2 * ITEMS);
                    var ofDead = SharedInt.of(0);
                    var ofLiving = SharedInt.of(0)) {
                var consumer =
                        ChildProcess.of(RingInstantsTest::consume, queue, seen).start();
                var child = doomed(plan, ChildProcess.of(RingInstantsTest::produce, queue, 0, ofDead));
                produce(queue, ITEMS, ofLiving);
                Processes.await("it dies", () -> !child.isAlive()); // it may not be buried yet
                queue.end();
                consume(queue, seen);
                assertThat(queue.awaitDone(SOON)).as(plan).isTrue();
                awaitDeath(plan, child);
                assertThat(consumer.join(SOON)).as(plan).isTrue();
                int published = instant.equals("OFFER_PUBLISHED") ? times : times - 1;
                assertThat(ofDead.get()).isEqualTo(times - 1);
                assertThat(ofLiving.get()).isEqualTo(ITEMS);
                for (int i = 0; i < 2 * ITEMS; i++) {
                    assertThat(seen.get(i)).as("%s: %d", plan, i).isEqualTo(i < published || i >= ITEMS ? 1 : 0);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CLAIM_TAKEN", "CLAIM_HINTED", "CLAIM_COPIED", "CLAIM_RELEASED"})
    void streamsFinishThoughAConsumerHalts(String instant) throws Exception {
        for (int times : TIMES) {
            var plan = instant + ":" + times;
            try (var queue = SharedQueue.<Integer>create(2 * ITEMS);
                    var seen = SharedIntArray.ofLength(ITEMS);
                    var put = SharedInt.of(0)) {
                produce(queue, 0, put);
                queue.end();
                var child = doomed(plan, ChildProcess.of(RingInstantsTest::consume, queue, seen));
                Processes.await("it dies", () -> !child.isAlive());
                var consumer =
                        ChildProcess.of(RingInstantsTest::consume, queue, seen).start();
                consume(queue, seen);
                assertThat(consumer.join(SOON)).as(plan).isTrue();
                awaitDeath(plan, child);
                boolean released = instant.equals("CLAIM_RELEASED");
                if (released) {
                    assertThatThrownBy(() -> queue.awaitDone(SOON))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("1 items will never be done");
                } else {
                    assertThat(queue.awaitDone(SOON)).as(plan).isTrue();
                }
                for (int i = 0; i < ITEMS; i++) {
                    assertThat(seen.get(i)).as("%s: %d", plan, i).isEqualTo(released && i == times - 1 ? 0 : 1);
                }
            }
        }
    }

    // ---- the end in the middle of a put ----------------------------------------------------------------------------

    static void endWhilePutting(SharedQueue<Integer> queue, String instant) throws InterruptedException {
        queue.put(1);
        Fuse.watcher = passed -> {
            if (passed.equals("OFFER_CLAIMED")) {
                queue.end();
            }
            if (passed.equals(instant)) {
                Runtime.getRuntime().halt(Fuse.STATUS);
            }
        };
        try {
            queue.put(2);
        } catch (QueueEndedException e) {
            Runtime.getRuntime().halt(Fuse.STATUS);
        }
    }

    /// A claim that came too late was counted twice or never if its producer died while it turned it into a tombstone; then
    /// the work was never done, or done too early.
    @ParameterizedTest
    @ValueSource(strings = {"OFFER_CLAIMED", "BURY_COUNTED", "BURY_DONE", "none"})
    void aPutThatComesTooLateIsNoWork(String instant) throws Exception {
        for (int capacity : new int[] {2, 3}) {
            try (var queue = SharedQueue.<Integer>create(capacity);
                    var seen = SharedIntArray.ofLength(3)) {
                awaitDeath(
                        instant, doomed("WATCH", ChildProcess.of(RingInstantsTest::endWhilePutting, queue, instant)));
                consume(queue, seen);
                assertThat(seen.toArray()).containsExactly(0, 1, 0);
                assertThat(queue.awaitDone(SOON)).isTrue();
                assertThatThrownBy(queue::taskDone).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    static void overflow(SharedQueue<Integer> queue, SharedEvent claimed, SharedEvent go) throws InterruptedException {
        Fuse.watcher = passed -> {
            if (passed.equals("OFFER_CLAIMED")) {
                claimed.set();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new StackOverflowError("a test");
            }
        };
        assertThatThrownBy(() -> queue.put(1)).isInstanceOf(StackOverflowError.class);
    }

    /// Whoever slept because of an item that then was not there slept on, with another behind it.
    @Test
    void aPutThatThrowsWakesThoseForWhomThereIsMore() throws Exception {
        try (var queue = SharedQueue.<Integer>create();
                var claimed = SharedEvent.create();
                var go = SharedEvent.create()) {
            var taking = new FutureTask<>(queue::take);
            Thread.ofPlatform().start(taking);
            var child = doomed("WATCH", ChildProcess.of(RingInstantsTest::overflow, queue, claimed, go));
            claimed.await();
            queue.put(2);
            TimeUnit.MILLISECONDS.sleep(50); // the taker looks in vain, and sleeps
            assertThat(taking.isDone()).isFalse();
            go.set();
            assertThat(taking.get(30, TimeUnit.SECONDS)).isEqualTo(2);
            queue.taskDone();
            assertThat(queue.awaitDone(SOON)).isTrue();
            child.join();
            assertThat(child.exitStatus().orElseThrow().success()).isTrue();
        }
    }
}
