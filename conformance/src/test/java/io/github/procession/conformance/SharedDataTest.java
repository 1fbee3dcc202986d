package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.Shared;
import io.github.procession.SharedBoolean;
import io.github.procession.SharedByteArray;
import io.github.procession.SharedDouble;
import io.github.procession.SharedDoubleArray;
import io.github.procession.SharedFloatArray;
import io.github.procession.SharedInt;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedLong;
import io.github.procession.SharedLongArray;
import io.github.procession.SharedMemory;
import io.github.procession.SharedQueue;
import io.github.procession.SharedRecord;
import io.github.procession.internal.tree.Node;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/// Values and arrays of every type.
class SharedDataTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static void run(ChildProcess process) throws InterruptedException {
        process.start();
        assertThat(process.join(SOON)).isTrue();
        assertThat(process.exitStatus().orElseThrow().code()).isZero();
    }

    private static int live() {
        return Node.self().liveObjects();
    }

    // ---- one of each, on every way ---------------------------------------------------------------------------------

    record Point(int x, int y) {}

    /// One of each type, with a value in it.
    record Each(
            SharedInt i,
            SharedLong l,
            SharedDouble d,
            SharedBoolean b,
            SharedRecord<Point> r,
            SharedByteArray bytes,
            SharedIntArray ints,
            SharedLongArray longs,
            SharedFloatArray floats,
            SharedDoubleArray doubles,
            SharedMemory memory,
            Shared<String> shared)
            implements Serializable, AutoCloseable {
        static Each make() {
            return new Each(
                    SharedInt.of(Integer.MIN_VALUE),
                    SharedLong.of(Long.MIN_VALUE),
                    SharedDouble.of(-0.5),
                    SharedBoolean.of(true),
                    SharedRecord.of(new Point(1, 2)),
                    SharedByteArray.of((byte) -1, (byte) 127),
                    SharedIntArray.of(1, Integer.MAX_VALUE),
                    SharedLongArray.of(1, Long.MAX_VALUE),
                    SharedFloatArray.of(0.5f, Float.NaN),
                    SharedDoubleArray.of(0.5, Double.NEGATIVE_INFINITY),
                    SharedMemory.create(5),
                    Shared.of("put once"));
        }

        /// Checks the values, and changes them for the next.
        Each use(int times) {
            assertThat(i.getAndIncrement()).isEqualTo(Integer.MIN_VALUE + times);
            assertThat(l.getAndIncrement()).isEqualTo(Long.MIN_VALUE + times);
            assertThat(d.getAndAdd(0.25)).isEqualTo(-0.5 + times * 0.25);
            assertThat(b.getAndSet(times % 2 == 1)).isEqualTo(times % 2 == 0);
            assertThat(r.update(p -> new Point(p.x + 1, p.y + 1))).isEqualTo(new Point(2 + times, 3 + times));
            assertThat(bytes.getAndAdd(0, 1)).isEqualTo((byte) (times - 1));
            assertThat(bytes.addAndGet(1, 1)).isEqualTo((byte) (128 + times));
            assertThat(ints.addAndGet(1, 1)).isEqualTo(Integer.MIN_VALUE + times);
            assertThat(longs.addAndGet(1, 1)).isEqualTo(Long.MIN_VALUE + times);
            assertThat(floats.getAndAdd(0, 0.25f)).isEqualTo(0.5f + times * 0.25f);
            assertThat(floats.get(1)).isNaN();
            assertThat(doubles.getAndAdd(0, 0.25)).isEqualTo(0.5 + times * 0.25);
            assertThat(doubles.get(1)).isEqualTo(Double.NEGATIVE_INFINITY);
            byte seen = memory.segment().get(ValueLayout.JAVA_BYTE, 4);
            assertThat(seen).isEqualTo((byte) times);
            memory.segment().set(ValueLayout.JAVA_BYTE, 4, (byte) (seen + 1));
            assertThat(shared.get()).isEqualTo("put once");
            return this;
        }

        List<AutoCloseable> all() {
            return List.of(i, l, d, b, r, bytes, ints, longs, floats, doubles, memory, shared);
        }

        @Override
        public void close() {
            for (var one : all()) {
                try {
                    one.close();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    static void useField(Each each) {
        each.use(1);
    }

    static void useItem(SharedQueue<Object> in, SharedQueue<Object> out) throws InterruptedException {
        for (var one : ((Each) in.take()).use(3).all()) {
            out.put(one);
        }
        out.put(Each.make());
    }

    @Test
    void everyTypeTravelsBothWaysOnEveryWay() throws Exception {
        int before = live();
        try (var each = Each.make();
                SharedQueue<Object> there = SharedQueue.create(1);
                SharedQueue<Object> back = SharedQueue.create(20);
                var pool = Pool.open(1)) {
            each.use(0);
            run(ChildProcess.of(SharedDataTest::useField, each));
            run(ChildProcess.of(() -> each.use(2)));
            there.put(each);
            run(ChildProcess.of(SharedDataTest::useItem, there, back));
            for (var one : each.all()) {
                assertThat(back.take()).isEqualTo(one).hasSameHashCodeAs(one).hasSameClassAs(one);
            }
            try (var made = (Each) back.take()) {
                made.use(0);
            }
            assertThat(pool.<Each>apply(() -> each.use(4))).isEqualTo(each);
            assertThat(pool.map(List.of(each), e -> e.use(5))).containsExactly(each);
            each.use(6);
            try (var made = pool.<Each>apply(Each::make)) {
                made.use(0);
            }
            assertThat(each).isNotEqualTo(Each.make());
        }
        Processes.await(() -> "at most " + before + " shared objects, not " + live(), () -> {
            System.gc();
            return live() <= before;
        });
    }

    @Test
    void aClosedHandleSaysSo() {
        var each = Each.make();
        each.close();
        each.close();
        var uses = List.<ThrowingCallable>of(
                each.l::get,
                () -> each.d.addAndGet(1),
                () -> each.b.set(true),
                () -> each.bytes.getAndAdd(0, 1),
                () -> each.longs.get(0),
                each.floats::toArray,
                () -> each.doubles.copyFrom(1),
                each.doubles.stream()::sum,
                () -> each.longs.fill(0),
                each.memory::segment,
                each.memory::size,
                each.shared::get,
                () -> ChildProcess.call(each.shared::get));
        for (var use : uses) {
            assertThatThrownBy(use).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        }
        for (var one : each.all()) {
            assertThat(one.toString())
                    .startsWith(one.getClass().getSimpleName())
                    .contains("closed");
            assertThatThrownBy(() -> ChildProcess.call(() -> one))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Test
    void aHandleCannotBeSerializedToKeep() throws Exception {
        try (var each = Each.make();
                var out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            for (var one : each.all()) {
                assertThatThrownBy(() -> out.writeObject(one))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("process of the same tree");
            }
        }
    }

    // ---- atomic ----------------------------------------------------------------------------------------------------

    private static final int TIMES = 50_000;

    static void hammer(Each each) {
        for (int n = 0; n < TIMES; n++) {
            each.i.getAndAdd(1);
            each.l.getAndAdd(1);
            each.d.getAndAdd(1);
            each.bytes.getAndAdd(n & 1, 1);
            each.ints.getAndAdd(0, 1);
            each.longs.getAndAdd(0, 1);
            each.floats.updateAndGet(0, f -> f + 1);
            each.doubles.getAndUpdate(0, d -> d + 1);
            while (each.b.getAndSet(true)) {
                Thread.onSpinWait();
            }
            each.longs.set(1, each.longs.get(1) + 1); // the boolean keeps the other out
            each.b.set(false);
        }
    }

    @Test
    void twoProcessesAddFiftyThousandTimesEach() throws Exception {
        try (var each = Each.make()) {
            each.i.set(0);
            each.l.set(0);
            each.d.set(0);
            each.b.set(false);
            each.bytes.fill(0);
            each.ints.fill(0);
            each.longs.fill(0);
            each.floats.fill(0);
            each.doubles.fill(0);
            var children = List.of(
                    ChildProcess.of(SharedDataTest::hammer, each).start(),
                    ChildProcess.of(SharedDataTest::hammer, each).start());
            for (var child : children) {
                assertThat(child.join(SOON)).isTrue();
                assertThat(child.exitStatus().orElseThrow().code()).isZero();
            }
            assertThat(each.i.get()).isEqualTo(100_000);
            assertThat(each.l.get()).isEqualTo(100_000);
            assertThat(each.d.get()).isEqualTo(100_000);
            assertThat(each.bytes.toArray()).containsExactly((byte) 50_000, (byte) 50_000);
            assertThat(each.ints.toArray()).containsExactly(100_000, 0);
            assertThat(each.longs.toArray()).containsExactly(100_000, 100_000);
            assertThat(each.floats.toArray()).containsExactly(100_000, 0);
            assertThat(each.doubles.toArray()).containsExactly(100_000, 0);
        }
    }

    @Test
    void whatIsNotExpectedIsNotSet() {
        try (var each = Each.make()) {
            assertThat(each.l.compareAndSet(0, 1)).isFalse();
            assertThat(each.l.compareAndSet(Long.MIN_VALUE, 1)).isTrue();
            assertThat(each.l.updateAndGet(n -> n * 7)).isEqualTo(7);
            assertThat(each.b.compareAndSet(false, true)).isFalse();
            assertThat(each.b.compareAndSet(true, false)).isTrue();
            assertThat(each.longs.compareAndSet(1, Long.MAX_VALUE, -1)).isTrue();
            assertThat(each.longs.toArray()).containsExactly(1, -1);
        }
    }

    @Test
    void floatingPointIsComparedByItsBits() {
        try (var zero = SharedDouble.of(0.0);
                var array = SharedFloatArray.of(Float.NaN, 0.0f)) {
            assertThat(zero.compareAndSet(-0.0, 1)).isFalse();
            assertThat(zero.compareAndSet(0.0, Double.NaN)).isTrue();
            assertThat(zero.compareAndSet(Double.NaN, 2)).isTrue();
            assertThat(zero.getAndSet(3)).isEqualTo(2);
            assertThat(zero).hasToString("SharedDouble[3.0]");
            assertThat(array.compareAndSet(0, Float.NaN, 1)).isTrue();
            assertThat(array.compareAndSet(1, -0.0f, 1)).isFalse();
        }
    }

    @Test
    void bytesDoNotTouchTheirNeighbours() {
        try (var array = SharedByteArray.ofLength(11)) {
            array.fill(0x55);
            for (int i = 0; i < 11; i++) {
                assertThat(array.compareAndSet(i, 0x54, 0)).isFalse();
                assertThat(array.getAndSet(i, -i)).isEqualTo((byte) 0x55);
                assertThat(array.updateAndGet(i, b -> b - 1)).isEqualTo((byte) (-i - 1));
                assertThat(array.compareAndSet(i, -i - 1, 300 + i)).isTrue();
            }
            assertThat(array.stream())
                    .containsExactlyElementsOf(IntStream.range(44, 55).boxed().toList());
        }
    }

    // ---- arrays ----------------------------------------------------------------------------------------------------

    @Test
    void arraysStartZeroedAlsoWhereMemoryIsUsedAgain() {
        for (int n = 0; n < 20; n++) {
            for (int length : new int[] {1000, 100_000}) {
                try (var bytes = SharedByteArray.ofLength(length);
                        var longs = SharedLongArray.ofLength(length);
                        var floats = SharedFloatArray.ofLength(length);
                        var doubles = SharedDoubleArray.ofLength(length);
                        var number = SharedLong.of(0);
                        var memory = SharedMemory.create(length)) {
                    assertThat(bytes.stream()).allMatch(b -> b == 0);
                    assertThat(longs.stream()).allMatch(l -> l == 0);
                    assertThat(floats.stream()).allMatch(f -> f == 0);
                    assertThat(doubles.stream().parallel()).allMatch(d -> d == 0);
                    assertThat(memory.segment().mismatch(bytes.segment())).isEqualTo(-1);
                    bytes.fill(-1);
                    longs.fill(-1);
                    floats.fill(-1);
                    doubles.fill(-1);
                    number.set(-1);
                    memory.segment().fill((byte) -1);
                }
            }
        }
    }

    @Test
    void arraysAreFilledToTheLastElement() {
        for (int length : new int[] {0, 1, 2, 3, 63, 1000, 70_000}) {
            try (var floats = SharedFloatArray.ofLength(length);
                    var longs = SharedLongArray.ofLength(length);
                    var bytes = SharedByteArray.ofLength(length)) {
                floats.fill(1.5f);
                longs.fill(1L << 40);
                bytes.fill(200);
                assertThat(floats.stream()).hasSize(length).allMatch(f -> f == 1.5);
                assertThat(longs.toArray())
                        .hasSize(length)
                        .containsOnly(longs.length() == 0 ? new long[0] : new long[] {1L << 40});
                assertThat(bytes.stream()).allMatch(b -> b == (byte) 200);
                assertThat(floats.segment().byteSize()).isEqualTo(4L * length);
                assertThat(bytes.length()).isEqualTo(length);
            }
        }
    }

    @Test
    void anIndexOrLengthOutOfBoundsIsRefused() {
        try (var bytes = SharedByteArray.of((byte) 1, (byte) 2);
                var doubles = SharedDoubleArray.of(1, 2)) {
            for (long index : new long[] {-1, 2, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32}) {
                assertThatThrownBy(() -> bytes.get(index)).isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> bytes.getAndAdd(index, 1)).isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> doubles.set(index, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            }
            assertThatThrownBy(() -> doubles.copyFrom(1, 2, 3)).isInstanceOf(IndexOutOfBoundsException.class);
            doubles.copyFrom(7);
            assertThat(doubles.toArray()).containsExactly(7, 2);
            assertThatThrownBy(() -> SharedLongArray.ofLength(-1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("ofLength(-1)", "between 0 and");
            assertThatThrownBy(() -> SharedDoubleArray.ofLength(1L << 50))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Not enough memory");
        }
    }

    private static final int LARGE = 8 << 20; // 64 MiB of doubles

    static double sum(SharedDoubleArray array) {
        var segment = array.segment();
        double sum = 0;
        for (long i = 0; i < array.length(); i++) {
            sum += segment.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        }
        return sum;
    }

    /// The child has less heap than the array takes: it can only have read it in place.
    @Test
    void aLargeArrayIsSummedInAChildWithoutACopy() throws Exception {
        double[] values = IntStream.range(0, LARGE).mapToDouble(n -> n).toArray();
        try (var array = SharedDoubleArray.ofLength(LARGE);
                var answer = SharedDouble.of(0)) {
            array.copyFrom(values);
            run(ChildProcess.of(() -> answer.set(sum(array))).options(o -> o.maxHeap("32m")));
            assertThat(answer.get()).isEqualTo(LARGE * (LARGE - 1.0) / 2);
        }
    }
}
