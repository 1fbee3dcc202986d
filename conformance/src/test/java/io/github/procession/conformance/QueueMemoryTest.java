package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.Output;
import io.github.procession.SharedInt;
import io.github.procession.SharedQueue;
import io.github.procession.internal.tree.Node;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The memory of what is in a queue comes back.
class QueueMemoryTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int LARGE = 5 << 20; // larger than what shares an extent with others

    private static int live() {
        return Node.self().liveObjects();
    }

    private static void awaitLive(int most) {
        Processes.await(() -> "at most " + most + " shared objects, not " + live(), () -> live() <= most);
    }

    @Test
    void aLargeItemThatWasTakenHasGivenItsMemoryBack() throws Exception {
        try (SharedQueue<byte[]> queue = SharedQueue.create(4)) {
            int before = live();
            for (int i = 0; i < 20; i++) {
                queue.put(new byte[LARGE]);
                assertThat(live()).isGreaterThan(before);
                assertThat(queue.take()).hasSize(LARGE);
                awaitLive(before);
            }
        }
    }

    static void putLarge(SharedQueue<byte[]> queue, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            queue.put(new byte[LARGE]);
        }
    }

    static void takeLarge(SharedQueue<byte[]> queue, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            queue.take();
        }
    }

    @Test
    void aLargeItemThatPassedBetweenProcessesHasGivenItsMemoryBack() throws Exception {
        try (SharedQueue<byte[]> queue = SharedQueue.create(2)) {
            int before = live();
            var children = List.of(
                    ChildProcess.of(QueueMemoryTest::putLarge, queue, 40).start(),
                    ChildProcess.of(QueueMemoryTest::takeLarge, queue, 40).start());
            for (var child : children) {
                assertThat(child.join(SOON)).isTrue();
            }
            awaitLive(before);
        }
    }

    @Test
    void largeItemsThatNobodyTakesGoWithTheirQueue() throws Exception {
        int before = live();
        try (SharedQueue<byte[]> queue = SharedQueue.create(4)) {
            queue.put(new byte[LARGE]);
            queue.put(new byte[LARGE]);
            queue.put(new byte[100_000]);
        }
        awaitLive(before);
    }

    static void putOne(SharedQueue<byte[]> queue) throws InterruptedException {
        queue.put(new byte[100_000]);
    }

    @Test
    void aTakerDoesNotKeepTheRoomOfProducersThatAreGone() throws Exception {
        try (SharedQueue<byte[]> queue = SharedQueue.create(4)) {
            int before = live();
            for (int i = 0; i < 8; i++) {
                assertThat(ChildProcess.of(QueueMemoryTest::putOne, queue)
                                .start()
                                .join(SOON))
                        .isTrue();
                assertThat(queue.take()).hasSize(100_000);
            }
            awaitLive(before + 2);
        }
    }

    record Letter(SharedQueue<?> queue) implements Serializable {}

    @Test
    void aQueueThatIsItsOwnItemIsGoneWhenNobodyHasIt() throws Exception {
        int before = live();
        SharedQueue<Object> queue = SharedQueue.create(4);
        queue.put(new Letter(queue));
        queue.close();
        awaitLive(before);
    }

    @Test
    void twoQueuesThatHoldEachOtherAreGoneWhenNobodyHasThem() throws Exception {
        int before = live();
        SharedQueue<Object> one = SharedQueue.create(4);
        SharedQueue<Object> two = SharedQueue.create(4);
        one.put(new Letter(two));
        two.put(List.of(new Letter(one), "text"));
        one.close();
        assertThat(live()).as("reachable through the other").isGreaterThanOrEqualTo(before + 2);
        two.close();
        awaitLive(before);
    }

    @Test
    void whatAQueueOnItsWayHoldsStaysUntilItArrives() throws Exception {
        try (SharedQueue<Object> outer = SharedQueue.create(4)) {
            var number = SharedInt.of(7);
            SharedQueue<Object> inner = SharedQueue.create(4);
            inner.put(number);
            outer.put(new Letter(inner));
            number.close();
            inner.close();
            var arrived = (Letter) outer.take();
            try (var queue = arrived.queue;
                    var there = (SharedInt) queue.take()) {
                assertThat(there.get()).isEqualTo(7);
            }
        }
    }

    static void takeTooMuch(SharedQueue<byte[]> queue, SharedQueue<String> answers) throws InterruptedException {
        try {
            queue.take();
        } catch (OutOfMemoryError e) {
            answers.put("too large");
        }
        Thread.sleep(Duration.ofMinutes(10));
    }

    @Test
    void anItemTooLargeForItsTakersHeapIsThereForOthers() throws Exception {
        try (SharedQueue<byte[]> queue = SharedQueue.create(2);
                SharedQueue<String> answers = SharedQueue.create(1)) {
            queue.put(new byte[64 << 20]);
            try (var child = ChildProcess.of(QueueMemoryTest::takeTooMuch, queue, answers)
                    .options(o -> o.maxHeap("24m").output(Output.DISCARD))
                    .daemon(true)
                    .start()) {
                assertThat(answers.poll(30, TimeUnit.SECONDS)).isEqualTo("too large");
                assertThat(queue.poll(30, TimeUnit.SECONDS)).hasSize(64 << 20);
                for (byte i = 0; i < 10; i++) {
                    var small = new byte[] {i};
                    assertThat(queue.offer(small, 30, TimeUnit.SECONDS))
                            .as("room for item %d", i)
                            .isTrue();
                    assertThat(queue.poll(30, TimeUnit.SECONDS)).isEqualTo(small);
                }
                assertThat(child.isAlive()).isTrue();
            }
        }
    }

    private static final class FailsToArrive implements Serializable {
        final SharedInt number;

        FailsToArrive(SharedInt number) {
            this.number = number;
        }

        private void readObject(java.io.ObjectInputStream in) throws java.io.IOException, ClassNotFoundException {
            in.readFields();
            throw new UnsupportedOperationException("does not want to arrive");
        }
    }

    @Test
    void handlesInAnItemThatCannotBeRebuiltDoNotKeepTheirObjectsAlive() throws Exception {
        try (SharedQueue<Object> queue = SharedQueue.create(2)) {
            int before = live();
            var number = SharedInt.of(1);
            queue.put(new FailsToArrive(number));
            number.close();
            assertThatThrownBy(queue::take).hasStackTraceContaining("does not want to arrive");
            awaitLive(before + 1); // the extent stays for the next item
        }
    }
}
