package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.Shared;
import io.github.procession.SharedInt;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedQueue;
import io.github.procession.internal.tree.Node;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Objects that are put once and read everywhere.
class SharedTest {
    private static int live() {
        return Node.self().liveObjects();
    }

    private static void awaitLive(int most) {
        Processes.await(() -> "at most " + most + " shared objects, not " + live(), () -> {
            System.gc();
            return live() <= most;
        });
    }

    /// Counts how often it is taken apart and put together in a process.
    static final class Model implements Serializable {
        static final AtomicInteger WRITTEN = new AtomicInteger();
        static final AtomicInteger READ = new AtomicInteger();

        final Map<String, Integer> words;

        Model(Map<String, Integer> words) {
            this.words = words;
        }

        private void writeObject(ObjectOutputStream out) throws IOException {
            WRITTEN.incrementAndGet();
            out.defaultWriteObject();
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            READ.incrementAndGet();
            in.defaultReadObject();
        }
    }

    @Test
    void itIsSerializedOnceAndRebuiltOncePerProcess() throws Exception {
        Model.WRITTEN.set(0);
        Model.READ.set(0);
        try (var model = Shared.of(new Model(Map.of("one", 1, "two", 2)));
                SharedQueue<Shared<Model>> queue = SharedQueue.create(2);
                var pool = Pool.open(1)) {
            for (int i = 0; i < 30; i++) {
                assertThat(pool.<Integer>apply(() -> model.get().words.get("two")))
                        .isEqualTo(2);
                if (i % 10 == 0) {
                    pool.apply(System::gc); // no task, no handle
                }
            }
            assertThat(pool.map(
                            IntStream.range(0, 100).boxed().toList(),
                            _ -> model.get().words.size(),
                            3))
                    .containsOnly(2);
            assertThat(pool.<Integer>apply(() -> Model.READ.get())).isOne();
            assertThat(pool.<Integer>apply(() -> Model.WRITTEN.get())).isZero();

            queue.put(model);
            var other = queue.take();
            var seen = new ArrayList<Model>();
            var threads = IntStream.range(0, 4)
                    .mapToObj(_ -> Thread.ofPlatform().start(() -> {
                        var one = model.get();
                        synchronized (seen) {
                            seen.add(one);
                        }
                    }))
                    .toList();
            for (var thread : threads) {
                thread.join();
            }
            seen.add(other.get());
            assertThat(seen).hasSize(5).allMatch(m -> m == seen.getFirst());
            assertThat(Model.WRITTEN).hasValue(1);
            assertThat(Model.READ).hasValue(1);
        }
    }

    @Test
    void itIsAsItWasWhenItWasPut() {
        int[] numbers = {1, 2, 3};
        try (var shared = Shared.of(numbers)) {
            numbers[0] = 99;
            assertThat(shared.get()).containsExactly(1, 2, 3);
            assertThat(shared.get()).isSameAs(shared.get());
        }
    }

    static Object parity(Shared<?> shared) {
        return shared.get();
    }

    @Test
    void allKindsOfValuesGoThrough() throws Exception {
        try (var pool = Pool.open(1)) {
            for (Object value : List.of(
                    "text",
                    1,
                    2.5,
                    List.of(1, "two"),
                    new byte[] {1, 2},
                    new short[] {-1},
                    "äb".toCharArray(),
                    new int[0],
                    new long[] {Long.MIN_VALUE},
                    new float[] {Float.NaN},
                    new double[] {-0.0},
                    new boolean[] {true, false},
                    new String[] {"a"},
                    new int[][] {{1}, {2, 3}})) {
                try (var shared = Shared.of(value)) {
                    assertThat(shared.get()).isEqualTo(value);
                    assertThat(pool.<Object>apply(() -> parity(shared))).isEqualTo(value);
                }
            }
        }
    }

    // ---- handles in it ---------------------------------------------------------------------------------------------

    record Kit(SharedIntArray array, List<SharedInt> numbers) implements Serializable {}

    private static Shared<Kit> kit() {
        return Shared.of(new Kit(SharedIntArray.of(1, 2, 3), List.of(SharedInt.of(4), SharedInt.of(5))));
    }

    @Test
    void handlesInItLiveAsLongAsItDoes() throws Exception {
        int before = live();
        try (SharedQueue<Shared<Kit>> queue = SharedQueue.create(1);
                var pool = Pool.open(1)) {
            var kit = kit();
            for (int i = 0; i < 5; i++) {
                System.gc(); // nobody has the handles that were put
                queue.put(kit);
                kit.close();
                assertThat(live()).isGreaterThanOrEqualTo(before + 5);
                kit = queue.take();
            }
            var last = kit;
            assertThat(pool.<Integer>apply(() -> last.get().numbers.get(1).incrementAndGet()))
                    .isEqualTo(6);
            assertThat(kit.get().numbers.get(1).get()).isEqualTo(6);
            assertThat(kit.get().array.toArray()).containsExactly(1, 2, 3);
            kit.close();
        }
        awaitLive(before);
    }

    @Test
    void handlesInItOutliveTheProcessThatMadeIt() throws Exception {
        int before = live();
        try (var kit = ChildProcess.call(SharedTest::kit)) {
            assertThat(kit.get().array.toArray()).containsExactly(1, 2, 3);
        }
        awaitLive(before);
    }

    @Test
    void whatNobodyReachesIsFreedThoughItIsInACircle() throws Exception {
        int before = live();
        SharedQueue<Shared<SharedQueue<?>>> queue = SharedQueue.create(1);
        Shared<SharedQueue<?>> around = Shared.of(queue);
        queue.put(around);
        queue.close();
        assertThat(live()).isGreaterThanOrEqualTo(before + 2);
        around.close();
        awaitLive(before);
    }

    @Test
    void aSharedObjectMayHoldAnother() throws Exception {
        int before = live();
        try (var outer = Shared.of(List.of(Shared.of("inner"), Shared.of("other")))) {
            assertThat(ChildProcess.<String>call(() -> outer.get().getFirst().get()))
                    .isEqualTo("inner");
        }
        awaitLive(before);
    }

    // ---- size ------------------------------------------------------------------------------------------------------

    private static final int LARGE = 8 << 20; // 64 MiB of doubles

    static double total(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    @Test
    void aLargeArrayIsPutQueuedAndReturned() throws Exception {
        double[] values = IntStream.range(0, LARGE).mapToDouble(n -> n).toArray();
        double sum = LARGE * (LARGE - 1.0) / 2;
        try (var shared = Shared.of(values);
                SharedQueue<double[]> queue = SharedQueue.create(1);
                var pool = Pool.open(1)) {
            assertThat(pool.<Double>apply(() -> total(shared.get()))).isEqualTo(sum);
            queue.put(values);
            assertThat(total(queue.take())).isEqualTo(sum);
            assertThat(total(pool.<double[]>apply(shared::get))).isEqualTo(sum);
        }
    }

    @Test
    void moreThanTwoGibibytesAreRefused() {
        assertThatThrownBy(() -> Shared.of(new long[(1 << 28) + 1]))
                .satisfiesAnyOf(
                        e -> assertThat(e)
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageContainingAll("2,147,483,6", "2 GiB", "shared array"),
                        e -> assertThat(e).isInstanceOf(OutOfMemoryError.class)); // of the test's own heap
    }

    @Test
    void whatCannotBeSerializedIsRefused() {
        int before = live();
        assertThatThrownBy(() -> Shared.of(List.of(new Object())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("shared object", "java.lang.Object is not Serializable");
        assertThatThrownBy(() -> Shared.of(null)).isInstanceOf(NullPointerException.class);
        assertThat(live()).isEqualTo(before);
    }
}
