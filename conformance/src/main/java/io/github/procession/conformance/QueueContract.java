package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.SharedQueue;
import io.github.procession.function.SerializableFunction;
import java.io.Serializable;
import java.time.DayOfWeek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a queue between processes does.
public abstract class QueueContract {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration A_WHILE = Duration.ofMillis(60);

    /// Makes an empty queue that this process has open.
    ///
    /// @param capacity how many items it holds
    /// @param <E>      type of the items
    /// @return a handle of it
    protected abstract <E> SharedQueue<E> create(int capacity) throws Exception;

    // ---- how much is in it -----------------------------------------------------------------------------------------

    @Test
    void isFullAtItsCapacityAndEmptyAtZero() throws Exception {
        try (SharedQueue<Integer> queue = create(6)) {
            assertThat(queue.poll()).isNull();
            assertThat(queue.peek()).isNull();
            assertThat(queue.isEmpty()).isTrue();
            for (int i = 0; i < 6; i++) {
                assertThat(queue.remainingCapacity()).isEqualTo(6 - i);
                assertThat(queue.offer(i)).isTrue();
            }
            assertThat(queue.offer(6)).isFalse();
            assertThat(queue.remainingCapacity()).isZero();
            assertThat(queue.size()).isEqualTo(6);
            assertThatThrownBy(() -> queue.add(6)).isInstanceOf(IllegalStateException.class);
            assertThat(queue.peek()).isZero();
            for (int i = 0; i < 6; i++) {
                assertThat(queue.poll()).isEqualTo(i);
            }
            assertThat(queue.poll()).isNull();
            assertThat(queue.isEmpty()).isTrue();
        }
    }

    @Test
    void sizeCountsUpAndDown() throws Exception {
        try (SharedQueue<String> queue = create(4)) {
            var sizes = new ArrayList<Integer>();
            sizes.add(queue.size());
            queue.put("a");
            sizes.add(queue.size());
            queue.put("b");
            sizes.add(queue.size());
            queue.take();
            sizes.add(queue.size());
            queue.take();
            sizes.add(queue.size());
            assertThat(sizes).containsExactly(0, 1, 2, 1, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64})
    void worksRoundAndRoundAtAnyCapacity(int capacity) throws Exception {
        try (SharedQueue<Integer> queue = create(capacity)) {
            int in = 0;
            int out = 0;
            for (int round = 0; round < 50; round++) {
                while (queue.offer(in)) {
                    in++;
                }
                assertThat(in - out).isEqualTo(capacity);
                for (int i = 0; i <= round % capacity; i++) {
                    assertThat(queue.take()).isEqualTo(out++);
                }
            }
        }
    }

    @Test
    void drainToTakesWhatIsThere() throws Exception {
        try (SharedQueue<Integer> queue = create(10)) {
            for (int i = 0; i < 10; i++) {
                queue.put(i);
            }
            var some = new ArrayList<Integer>();
            assertThat(queue.drainTo(some, 4)).isEqualTo(4);
            assertThat(some).containsExactly(0, 1, 2, 3);
            assertThat(queue.drainTo(some)).isEqualTo(6);
            assertThat(some).hasSize(10).isSorted();
            assertThat(queue.drainTo(some)).isZero();
            assertThatThrownBy(() -> queue.drainTo(queue)).isInstanceOf(IllegalArgumentException.class);
            queue.addAll(List.of(7, 8, 9));
            assertThat(new ArrayList<>(queue)).containsExactly(7, 8, 9);
            assertThat(queue.size()).isEqualTo(3); // what is looked at stays
            assertThat(queue.contains(8)).isTrue();
            assertThat(queue.toArray()).containsExactly(7, 8, 9);
            var iterator = queue.iterator();
            iterator.next();
            assertThatThrownBy(iterator::remove).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> queue.remove((Object) 8)).hasMessageContaining("poll()");
            queue.clear();
            assertThat(queue.isEmpty()).isTrue();
        }
    }

    // ---- waiting ---------------------------------------------------------------------------------------------------

    @Test
    void limitsAreWaitedForAndNotLonger() throws Exception {
        try (SharedQueue<String> queue = create(1)) {
            assertThat(atLeast(A_WHILE, () -> queue.poll(A_WHILE.toMillis(), TimeUnit.MILLISECONDS)))
                    .isNull();
            assertThat(queue.offer("a", 1, TimeUnit.DAYS)).isTrue();
            assertThat(atLeast(A_WHILE, () -> queue.offer("b", A_WHILE.toMillis(), TimeUnit.MILLISECONDS)))
                    .isFalse();
            assertThat(queue.poll(Long.MAX_VALUE, TimeUnit.DAYS)).isEqualTo("a");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void aLimitOfZeroOrLessOnlyAsks(long limit) throws Exception {
        try (SharedQueue<String> queue = create(1)) {
            assertThat(queue.poll(limit, TimeUnit.SECONDS)).isNull();
            assertThat(queue.offer("a", limit, TimeUnit.SECONDS)).isTrue();
            assertThat(queue.offer("b", limit, TimeUnit.SECONDS)).isFalse();
            assertThat(queue.poll(limit, TimeUnit.SECONDS)).isEqualTo("a");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void takeWaitsForAnItemAndPutForRoom(boolean virtual) throws Exception {
        try (SharedQueue<String> queue = create(1)) {
            var taken = run(virtual, queue::take);
            requireWaiting(taken);
            queue.put("a");
            assertThat(taken.get(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo("a");
            queue.put("b");
            var put = run(virtual, () -> {
                queue.put("c");
                return true;
            });
            requireWaiting(put);
            assertThat(queue.take()).isEqualTo("b");
            assertThat(put.get(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(queue.take()).isEqualTo("c");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptEndsAWaitAndLosesNothing(boolean virtual) throws Exception {
        try (SharedQueue<String> queue = create(1)) {
            for (int round = 0; round < 5; round++) {
                var take = Interruptible.start(virtual, queue::take);
                take.interrupt();
                assertThat(take.outcome()).isInstanceOf(InterruptedException.class);
                queue.put("a");
                var put = Interruptible.start(virtual, () -> {
                    queue.put("b");
                    return "put";
                });
                put.interrupt();
                assertThat(put.outcome()).isInstanceOf(InterruptedException.class);
                assertThat(queue.poll()).isEqualTo("a");
                assertThat(queue.poll()).isNull();
            }
            Thread.currentThread().interrupt();
            assertThatThrownBy(queue::take).isInstanceOf(InterruptedException.class);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThat(queue.offer("c")).as("what does not wait does not care").isTrue();
            assertThat(queue.poll()).isEqualTo("c");
        }
    }

    @Test
    void threadsOfAllKindsPassEachItemOnce() throws Exception {
        int producers = 4;
        int each = 1500;
        try (SharedQueue<Integer> queue = create(32)) {
            var taken = new ConcurrentLinkedQueue<Integer>();
            var work = new ArrayList<FutureTask<?>>();
            for (int t = 0; t < producers; t++) {
                int first = t * each;
                work.add(run(t % 2 == 0, () -> {
                    for (int i = 0; i < each; i++) {
                        queue.put(first + i);
                    }
                    return true;
                }));
                work.add(run(t % 2 == 1, () -> {
                    for (int i = 0; i < each; i++) {
                        taken.add(queue.take());
                    }
                    return true;
                }));
            }
            for (var task : work) {
                task.get(SOON.toSeconds(), TimeUnit.SECONDS);
            }
            assertThat(taken)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, producers * each).boxed().toList());
            assertThat(queue.size()).isZero();
        }
    }

    // ---- items -----------------------------------------------------------------------------------------------------

    private enum Colour {
        RED
    }

    private record Everything(
            @Nullable Object nothing, int[] numbers, Colour colour, Map<String, List<Integer>> map, Serializable more)
            implements Serializable {}

    private static final class Chain implements Serializable {
        private static final long serialVersionUID = 1L;

        @Nullable Chain next;
    }

    @Test
    void itemsOfAllKindsArriveAsTheyWere() throws Exception {
        var plain = List.of(
                true,
                false,
                0,
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                -0.0,
                Double.NaN,
                1.5f,
                'x',
                (byte) 7,
                "",
                "grüße \u0000 \uD83D\uDE00",
                "lone \uD800 surrogate",
                DayOfWeek.MONDAY,
                Duration.ofDays(3),
                new ArrayList<>(Arrays.asList(1, "two", null)),
                List.of(List.of(), List.of(3L)),
                new HashMap<>(Map.of("k", List.of(1))),
                int.class,
                String[].class,
                Colour.RED);
        try (SharedQueue<Object> queue = create(64)) {
            for (var item : plain) {
                queue.put(item);
                assertThat(queue.take()).isEqualTo(item);
            }
            queue.put(new Everything(null, new int[] {1, 2}, Colour.RED, Map.of("a", List.of(1)), new byte[0]));
            var everything = (Everything) queue.take();
            assertThat(everything.nothing).isNull();
            assertThat(everything.numbers).containsExactly(1, 2);
            assertThat(everything.colour).isSameAs(Colour.RED);
            assertThat(everything.map).isEqualTo(Map.of("a", List.of(1)));
            var loop = new Chain();
            loop.next = loop;
            queue.put(loop);
            var arrived = (Chain) queue.take();
            assertThat(arrived.next).isSameAs(arrived);
            int three = 3;
            SerializableFunction<Integer, Integer> timesThree = n -> n * three;
            queue.put(timesThree);
            @SuppressWarnings("unchecked")
            var function = (SerializableFunction<Integer, Integer>) queue.take();
            assertThat(function.apply(5)).isEqualTo(15);
        }
    }

    @Test
    void bytesOfAnyLengthArriveWhole() throws Exception {
        long seed = System.nanoTime();
        System.out.println("bytesOfAnyLengthArriveWhole: seed " + seed);
        var random = new Random(seed);
        var lengths = new ArrayList<>(IntStream.range(0, 64).boxed().toList());
        for (int edge : new int[] {1 << 10, 4 << 10, 64 << 10, 128 << 10, 256 << 10, 1 << 20, 2 << 20}) {
            lengths.addAll(List.of(edge - 17, edge - 6, edge - 5, edge - 1, edge, edge + 1, edge + 64));
        }
        for (int i = 0; i < 50; i++) {
            lengths.add(random.nextInt(300 << 10));
        }
        Collections.shuffle(lengths, random);
        try (SharedQueue<byte[]> queue = create(4)) {
            var waiting = new ArrayList<byte[]>();
            for (int length : lengths) {
                var bytes = new byte[length];
                random.nextBytes(bytes);
                if (waiting.size() == 4) {
                    assertThat(queue.take()).isEqualTo(waiting.removeFirst());
                }
                queue.put(bytes);
                waiting.add(bytes);
            }
            for (var bytes : waiting) {
                assertThat(queue.take()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void moreThanFitsIntoMemorySetAsideWaitsForRoom() throws Exception {
        int items = 60; // of a megabyte each, 512 of them would fit by count
        try (SharedQueue<byte[]> queue = create(512)) {
            var put = run(false, () -> {
                for (int i = 0; i < 3 * items; i++) {
                    var bytes = new byte[1_000_000];
                    Arrays.fill(bytes, (byte) i);
                    queue.put(bytes);
                }
                return true;
            });
            for (int i = 0; i < 3 * items; i++) {
                var bytes = queue.take();
                assertThat(bytes).hasSize(1_000_000);
                assertThat(bytes[999_999]).isEqualTo((byte) i);
            }
            assertThat(put.get(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aVeryLargeItemPasses() throws Exception {
        int length = Integer.getInteger("conformance.largeItem", 64 << 20);
        System.out.println("aVeryLargeItemPasses: " + length + " bytes");
        try (SharedQueue<byte[]> queue = create(2)) {
            var child = ChildProcess.of(QueueContract::putLarge, queue, length).start();
            var bytes = queue.take();
            assertThat(bytes.length).isEqualTo(length);
            for (int i = 0; i < length; i += 4093) {
                if (bytes[i] != (byte) (i >> 8)) {
                    assertThat(bytes[i]).as("byte %d", i).isEqualTo((byte) (i >> 8));
                }
            }
            child.join();
        }
    }

    private static void putLarge(SharedQueue<byte[]> queue, int length) throws InterruptedException {
        var bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i >> 8);
        }
        queue.put(bytes);
    }

    // ---- what cannot be -----------------------------------------------------------------------------------------

    private record Box(@Nullable Object content) implements Serializable {}

    @Test
    void whatCannotBeSerializedThrowsAndTakesNoRoom() throws Exception {
        try (SharedQueue<Object> queue = create(2)) {
            var unsendable = new Box(List.of("fine", new Box(new Object())));
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(() -> queue.put(unsendable))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll("item", "java.lang.Object", "Box.content → [1] → Box.content");
                assertThatThrownBy(() -> queue.offer(unsendable)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> queue.offer(unsendable, 1, TimeUnit.SECONDS))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(queue.size()).isZero();
            assertThat(queue.offer("a")).isTrue();
            assertThat(queue.offer("b")).isTrue();
            assertThat(queue.offer("c")).isFalse();
            assertThat(queue.poll()).isEqualTo("a");
            assertThat(queue.poll()).isEqualTo("b");
        }
    }

    private static final class FailsToArrive implements Serializable {
        private static final long serialVersionUID = 1L;

        private void readObject(java.io.ObjectInputStream in) {
            throw new UnsupportedOperationException("does not want to arrive");
        }
    }

    @Test
    void anItemThatCannotBeRebuiltFailsOneTake() throws Exception {
        try (SharedQueue<Object> queue = create(2)) {
            for (int i = 0; i < 5; i++) {
                queue.put(new FailsToArrive());
                queue.put("next");
                assertThatThrownBy(queue::take)
                        .isInstanceOf(RuntimeException.class)
                        .hasStackTraceContaining("does not want to arrive");
                assertThat(queue.take()).isEqualTo("next");
            }
        }
    }

    @Test
    @SuppressWarnings("NullAway") // on purpose
    void nullIsNoItem() throws Exception {
        try (SharedQueue<String> queue = create(1)) {
            assertThatThrownBy(() -> queue.put(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> queue.offer(null)).isInstanceOf(NullPointerException.class);
            assertThat(queue.size()).isZero();
        }
    }

    // ---- closing ------------------------------------------------------------------------------------------------

    @Test
    void everythingThrowsAfterClose() throws Exception {
        SharedQueue<String> queue = create(2);
        queue.put("left in it");
        queue.close();
        queue.close();
        assertClosed(() -> queue.put("a"));
        assertClosed(() -> queue.offer("a"));
        assertClosed(() -> queue.offer("a", 1, TimeUnit.SECONDS));
        assertClosed(queue::take);
        assertClosed(queue::poll);
        assertClosed(() -> queue.poll(1, TimeUnit.SECONDS));
        assertClosed(queue::peek);
        assertClosed(queue::size);
        assertThat(queue.toString()).contains("closed");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closingSendsAwayWhoWaits(boolean virtual) throws Exception {
        SharedQueue<String> empty = create(1);
        SharedQueue<String> full = create(1);
        full.put("a");
        var takes = List.of(
                Interruptible.start(virtual, empty::take),
                Interruptible.start(!virtual, empty::take),
                Interruptible.start(virtual, () -> {
                    full.put("b");
                    return "put";
                }));
        takes.forEach(Interruptible::requireWaiting);
        empty.close();
        full.close();
        for (var take : takes) {
            assertThat((Throwable) take.outcome())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }

    private static void assertClosed(org.assertj.core.api.ThrowableAssert.ThrowingCallable use) {
        assertThatThrownBy(use).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    }

    // ---- between processes --------------------------------------------------------------------------------------

    private record Numbered(int producer, int number) implements Serializable {}

    private static void putNumbered(SharedQueue<Numbered> queue, int producer, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            queue.put(new Numbered(producer, i));
        }
    }

    @Test
    void theItemsOfOneProcessKeepTheirOrder() throws Exception {
        int count = 400;
        try (SharedQueue<Numbered> queue = create(16)) {
            var one =
                    ChildProcess.of(QueueContract::putNumbered, queue, 1, count).start();
            var two =
                    ChildProcess.of(QueueContract::putNumbered, queue, 2, count).start();
            var next = new int[3];
            for (int i = 0; i < 2 * count; i++) {
                var item = queue.poll(SOON.toSeconds(), TimeUnit.SECONDS);
                assertThat(Objects.requireNonNull(item).number).isEqualTo(next[item.producer]++);
            }
            one.join();
            two.join();
            assertThat(queue.size()).isZero();
        }
    }

    @Test
    void itemsOutliveTheirProducer() throws Exception {
        try (SharedQueue<Numbered> queue = create(1000)) {
            var child =
                    ChildProcess.of(QueueContract::putNumbered, queue, 1, 1000).start();
            assertThat(child.join(SOON)).as("it need not wait for takers").isTrue();
            assertThat(queue.size()).isEqualTo(1000);
            for (int i = 0; i < 1000; i++) {
                assertThat(queue.take().number).isEqualTo(i);
            }
        }
    }

    @Test
    void largeItemsOutliveTheirProducer() throws Exception {
        try (SharedQueue<byte[]> queue = create(20)) {
            var child = ChildProcess.of(QueueContract::putSizes, queue).start();
            assertThat(child.join(SOON)).isTrue();
            for (int size : SIZES) {
                assertThat(queue.take()).hasSize(size).containsOnly((byte) size);
            }
        }
    }

    private static final int[] SIZES = {1, 100, 5_000, 250_000, 1_500_000, 70_000, 3_000_000, 10};

    private static void putSizes(SharedQueue<byte[]> queue) throws InterruptedException {
        for (int size : SIZES) {
            var bytes = new byte[size];
            Arrays.fill(bytes, (byte) size);
            queue.put(bytes);
        }
    }

    private static void passOn(SharedQueue<String> queue) throws InterruptedException {
        var grandchild = ChildProcess.of(QueueContract::answer, queue).start();
        grandchild.join();
        queue.put("child " + ProcessHandle.current().pid());
    }

    private static void answer(SharedQueue<String> queue) throws InterruptedException {
        queue.put("grandchild got " + queue.take());
    }

    @Test
    void aQueueReachesAGrandchild() throws Exception {
        try (SharedQueue<String> queue = create(2)) {
            queue.put("hello");
            var child = ChildProcess.of(QueueContract::passOn, queue).start();
            assertThat(child.join(SOON)).isTrue();
            assertThat(queue.take()).isEqualTo("grandchild got hello");
            assertThat(queue.take()).isEqualTo("child " + child.pid());
        }
    }

    private static void takeAll(SharedQueue<Integer> work, SharedQueue<Integer> done) throws InterruptedException {
        for (int item; (item = work.take()) >= 0; ) {
            done.put(item);
        }
    }

    @Test
    void manyConsumersTakeEachItemOnce() throws Exception {
        int count = 600;
        try (SharedQueue<Integer> work = create(8);
                SharedQueue<Integer> done = create(count)) {
            var children = List.of(
                    ChildProcess.of(QueueContract::takeAll, work, done).start(),
                    ChildProcess.of(QueueContract::takeAll, work, done).start());
            for (int i = 0; i < count; i++) {
                work.put(i);
            }
            for (var _ : children) {
                work.put(-1);
            }
            for (var child : children) {
                assertThat(child.join(SOON)).isTrue();
            }
            var all = new ArrayList<Integer>();
            done.drainTo(all);
            assertThat(all).hasSize(count);
            assertThat(new HashSet<>(all)).hasSize(count);
        }
    }

    @Test
    void oneProcessClosesAndOthersGoOn() throws Exception {
        try (SharedQueue<String> queue = create(2)) {
            var child = ChildProcess.of(QueueContract::closeAfterPut, queue).start();
            assertThat(child.join(SOON)).isTrue();
            assertThat(queue.take()).isEqualTo("the last");
            queue.put("still");
            assertThat(queue.take()).isEqualTo("still");
        }
    }

    private static void closeAfterPut(SharedQueue<String> queue) throws InterruptedException {
        queue.put("the last");
        queue.close();
        try {
            queue.put("too late");
        } catch (IllegalStateException e) {
            return;
        }
        throw new AssertionError("a closed queue took an item");
    }

    // ---- helpers ------------------------------------------------------------------------------------------------

    private static <V extends @Nullable Object> V atLeast(Duration time, Callable<V> wait) throws Exception {
        long begin = System.nanoTime();
        V value = wait.call();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(time);
        return value;
    }

    private static <V> FutureTask<V> run(boolean virtual, Callable<V> work) {
        var task = new FutureTask<>(work);
        if (virtual) {
            Thread.ofVirtual().start(task);
        } else {
            Thread.ofPlatform().daemon().start(task);
        }
        return task;
    }

    private static void requireWaiting(FutureTask<?> task) throws Exception {
        assertThatThrownBy(() -> task.get(A_WHILE.toMillis(), TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
    }

    /// A thread in a call that waits, and what the call came to.
    private static final class Interruptible {
        private final Thread thread;
        private final FutureTask<Object> outcome;

        private Interruptible(Thread thread, FutureTask<Object> outcome) {
            this.thread = thread;
            this.outcome = outcome;
        }

        static Interruptible start(boolean virtual, Callable<?> wait) {
            var outcome = new FutureTask<Object>(() -> {
                try {
                    return wait.call();
                } catch (Exception e) {
                    return e;
                }
            });
            var thread = virtual
                    ? Thread.ofVirtual().start(outcome)
                    : Thread.ofPlatform().daemon().start(outcome);
            return new Interruptible(thread, outcome);
        }

        /// Sees it waiting for a moment; nothing announces that a thread has gone to sleep.
        void requireWaiting() {
            LockSupport.parkNanos(A_WHILE.toNanos() / 3);
            assertThat(outcome.isDone()).isFalse();
        }

        void interrupt() {
            requireWaiting();
            thread.interrupt();
        }

        Object outcome() throws Exception {
            return outcome.get(SOON.toSeconds(), TimeUnit.SECONDS);
        }
    }
}
