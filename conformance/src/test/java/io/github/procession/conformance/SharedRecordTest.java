package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.SharedInt;
import io.github.procession.SharedQueue;
import io.github.procession.SharedRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A record in shared memory is read whole, changed by one at a time, and outlives everybody who changes it.
class SharedRecordTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    record Point(int x, double y) {}

    record All(boolean b, byte i1, short i2, char c, int i4, long i8, float f4, double f8, Point p, Point q) {}

    record Empty() {}

    /// All equal, always.
    record Row(long a, long b, long c, long d, long e, long f, long g, long h) {
        static Row of(long n) {
            return new Row(n, n, n, n, n, n, n, n);
        }

        Row next() {
            return of(a + 1);
        }

        boolean isWhole() {
            return a == b && b == c && c == d && d == e && e == f && f == g && g == h;
        }
    }

    private static final All ALL = new All(
            true,
            Byte.MIN_VALUE,
            Short.MIN_VALUE,
            'ß',
            Integer.MIN_VALUE,
            Long.MIN_VALUE,
            Float.MIN_VALUE,
            -0.0,
            new Point(1, Double.NaN),
            new Point(2, Double.NEGATIVE_INFINITY));

    // ---- values ----------------------------------------------------------------------------------------------------

    @Test
    void everyPrimitiveComesBack() throws Exception {
        try (var record = SharedRecord.of(ALL);
                var empty = SharedRecord.of(new Empty())) {
            assertThat(record.get()).isEqualTo(ALL);
            assertThat(ChildProcess.<Boolean>call(() -> record.get().equals(ALL)))
                    .isTrue();
            assertThat(empty.get()).isEqualTo(new Empty());
            assertThat(record.toString()).isEqualTo("SharedRecord[" + ALL + "]");
        }
    }

    static SharedRecord<Point> moved(SharedRecord<Point> point) {
        assertThat(point.update(p -> new Point(p.x + 1, -p.y))).isEqualTo(new Point(2, -1));
        return point;
    }

    @Test
    void aHandleIsTheSameRecordOnEveryWay() throws Exception {
        try (var point = SharedRecord.of(new Point(1, 1));
                SharedQueue<SharedRecord<Point>> queue = SharedQueue.create(1)) {
            queue.put(point);
            try (var same = ChildProcess.call(() -> moved(queue.take()))) {
                assertThat(same).isEqualTo(point).hasSameHashCodeAs(point);
                assertThat(same.get()).isEqualTo(new Point(2, -1));
                same.set(new Point(7, 7));
                same.update(p -> new Point(p.x + 1, 0));
            }
        }
    }

    // ---- what cannot be --------------------------------------------------------------------------------------------

    record Named(int id, String name) {}

    record Around(Named inner) {}

    record Endless(int x, Endless next) {}

    @Test
    void componentsOfOtherTypesAreNamed() {
        assertThatThrownBy(() -> SharedRecord.of(new Around(new Named(1, "n"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("Around.inner.name", "java.lang.String", "primitives");
        assertThatThrownBy(() -> SharedRecord.of(new Endless(1, null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Endless.next");
    }

    @Test
    void nullIsRefusedAndChangesNothing() {
        assertThatThrownBy(() -> SharedRecord.<Point>of(null)).isInstanceOf(NullPointerException.class);
        try (var record = SharedRecord.of(ALL)) {
            var without = new All(true, (byte) 1, (short) 1, 'c', 1, 1, 1, 1, new Point(1, 1), null);
            assertThatThrownBy(() -> record.set(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> record.set(without))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("All.q is null");
            assertThatThrownBy(() -> record.update(_ -> null)).isInstanceOf(NullPointerException.class);
            assertThat(record.get()).isEqualTo(ALL);
        }
    }

    @Test
    void anUpdateThatThrowsChangesNothingAndHoldsUpNobody() {
        try (var point = SharedRecord.of(new Point(1, 1))) {
            assertThatThrownBy(() -> point.update(_ -> {
                        throw new ArithmeticException("no");
                    }))
                    .isInstanceOf(ArithmeticException.class);
            assertThat(point.get()).isEqualTo(new Point(1, 1));
            point.set(new Point(2, 2));
            assertThat(point.get()).isEqualTo(new Point(2, 2));
        }
    }

    @Test
    void anUpdateWithinAnUpdateSaysSo() throws Exception {
        try (var point = SharedRecord.of(new Point(1, 1));
                SharedQueue<SharedRecord<Point>> queue = SharedQueue.create(1)) {
            queue.put(point);
            var again = queue.take();
            for (Runnable use : List.<Runnable>of(
                    () -> again.update(p -> p), () -> again.set(new Point(3, 3)), again::close, point::close)) {
                assertThatThrownBy(() -> point.update(p -> {
                            use.run();
                            return p;
                        }))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("by the function", "return the new value");
            }
            assertThat(point.update(p -> new Point(p.x + again.get().x, 0))).isEqualTo(new Point(2, 0));
        }
    }

    @Test
    void aClosedRecordSaysSo() {
        var point = SharedRecord.of(new Point(1, 1));
        point.close();
        point.close();
        for (var use : List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
                point::get,
                () -> point.set(new Point(2, 2)),
                () -> point.update(p -> p),
                () -> ChildProcess.call(point::get))) {
            assertThatThrownBy(use).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        }
        assertThat(point).hasToString("SharedRecord[closed]");
    }

    // ---- at once ---------------------------------------------------------------------------------------------------

    static void count(SharedRecord<Row> row, int times) {
        for (int i = 0; i < times; i++) {
            row.update(Row::next);
        }
    }

    @Test
    void updatesOfProcessesAndThreadsAddUp() throws Exception {
        try (var row = SharedRecord.of(Row.of(0))) {
            var child = ChildProcess.of(SharedRecordTest::count, row, 20_000).start();
            var threads = List.of(
                    Thread.ofPlatform().start(() -> count(row, 10_000)),
                    Thread.ofVirtual().start(() -> count(row, 10_000)));
            while (child.isAlive() || threads.stream().anyMatch(Thread::isAlive)) {
                assertThat(row.get()).matches(Row::isWhole);
            }
            assertThat(row.get()).isEqualTo(Row.of(40_000));
        }
    }

    @Test
    void anInterruptDoesNotEndTheWaitAndStaysSet() throws Exception {
        try (var point = SharedRecord.of(new Point(0, 0))) {
            var inside = new CountDownLatch(1);
            var goOn = new CountDownLatch(1);
            var holder = Thread.ofPlatform()
                    .start(() -> point.update(p -> {
                        inside.countDown();
                        await(goOn);
                        return new Point(p.x + 1, p.y);
                    }));
            inside.await();
            var interrupted = new AtomicInteger();
            var waiter = Thread.ofPlatform().start(() -> {
                point.update(p -> new Point(p.x + 10, p.y));
                interrupted.set(Thread.interrupted() ? 1 : 2);
            });
            waiter.interrupt();
            assertThat(point.get()).isEqualTo(new Point(0, 0));
            goOn.countDown();
            holder.join();
            waiter.join();
            assertThat(point.get()).isEqualTo(new Point(11, 0));
            assertThat(interrupted).hasValue(1);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void closingCallsThoseAwayWhoWait() throws Exception {
        var point = SharedRecord.of(new Point(0, 0));
        var inside = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var failures = new ArrayList<Throwable>();
        var holder = Thread.ofPlatform()
                .start(() -> point.update(p -> {
                    inside.countDown();
                    await(goOn);
                    return p;
                }));
        inside.await();
        var waiter = Thread.ofPlatform().start(() -> {
            try {
                point.set(new Point(1, 1));
            } catch (IllegalStateException e) {
                failures.add(e);
            }
        });
        var closer = Thread.ofPlatform().start(point::close);
        waiter.join();
        goOn.countDown();
        closer.join();
        holder.join();
        assertThat(failures).hasSize(1);
        assertThat(failures.getFirst()).hasMessageContaining("closed");
    }

    // ---- death -----------------------------------------------------------------------------------------------------

    static void updateForEver(SharedRecord<Row> row, SharedInt running) {
        row.update(Row::next);
        running.set(1);
        while (true) {
            row.update(Row::next);
        }
    }

    private static final int CRASHED = 86;

    /// The writer dies by its own hand right after that store.
    @ParameterizedTest
    @ValueSource(strings = {"TWIN_CLAIMED", "TWIN_HALF_WRITTEN", "TWIN_WRITTEN", "TWIN_PUBLISHED"})
    void aWriterThatDiesAtAnyStoreLeavesAWholeRecord(String point) throws Exception {
        try (var row = SharedRecord.of(Row.of(0));
                var running = SharedInt.of(0)) {
            for (int times : new int[] {1, 2, 777}) {
                long before = row.get().a;
                var writer = ChildProcess.of(SharedRecordTest::updateForEver, row, running)
                        .options(o -> o.jvmArgs("-Dio.github.procession.crash=" + point + ":" + times))
                        .start();
                while (writer.isAlive()) {
                    assertThat(row.get()).matches(Row::isWhole);
                }
                assertThat(writer.exitStatus().orElseThrow().code()).isEqualTo(CRASHED);
                long published = before + times - (point.equals("TWIN_PUBLISHED") ? 0 : 1);
                assertThat(row.get()).isEqualTo(Row.of(published));
                assertThat(row.update(Row::next)).isEqualTo(Row.of(published + 1));
            }
        }
    }

    static void check(SharedRecord<Row> row, SharedInt stop) {
        long last = 0;
        while (stop.get() == 0) {
            var seen = row.get();
            assertThat(seen).matches(Row::isWhole);
            assertThat(seen.a).isGreaterThanOrEqualTo(last);
            last = seen.a;
        }
    }

    /// `-Dprocession.storms=10` makes it ten times as long.
    @Test
    void writersThatAreKilledAtAnyMomentLeaveAWholeRecord() throws Exception {
        long seed = Long.getLong("procession.seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new SplittableRandom(seed);
        int deaths = 6 * Integer.getInteger("procession.storms", 1);
        try (var row = SharedRecord.of(Row.of(0));
                var stop = SharedInt.of(0);
                var running = SharedInt.of(0)) {
            var reader = ChildProcess.of(SharedRecordTest::check, row, stop).start();
            var other = ChildProcess.of(SharedRecordTest::updateForEver, row, SharedInt.of(0))
                    .start();
            for (int i = 0; i < deaths; i++) {
                running.set(0);
                var writer = ChildProcess.of(SharedRecordTest::updateForEver, row, running)
                        .options(o -> o.jvmArgs("-Dio.github.procession.crash=LINGER:" + 200 * random.nextInt(3)))
                        .start();
                while (running.get() == 0) {
                    assertThat(row.get()).matches(Row::isWhole);
                }
                long end = System.nanoTime() + random.nextInt(30_000_000);
                while (System.nanoTime() < end) {
                    assertThat(row.get()).matches(Row::isWhole);
                }
                writer.kill();
                assertThat(writer.join(SOON)).isTrue();
                row.update(Row::next);
            }
            other.kill();
            stop.set(1);
            assertThat(reader.join(SOON)).isTrue();
            assertThat(reader.exitStatus().orElseThrow().code()).isZero();
            assertThat(row.update(Row::next)).matches(Row::isWhole);
        }
    }
}
