package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.SharedInt;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedQueue;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.tree.RootPort;
import io.github.procession.internal.wire.LinkAddress;
import io.github.procession.internal.wire.LoaderKey;
import io.github.procession.internal.wire.Message;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Handles of shared objects on their ways.
class HandlesTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static void run(ChildProcess process) throws InterruptedException {
        process.start();
        assertThat(process.join(SOON)).isTrue();
        assertThat(process.exitStatus().orElseThrow().code()).isZero();
    }

    private static int live() {
        return Node.self().liveObjects();
    }

    private static void awaitLive(int most) {
        Processes.await(() -> "at most " + most + " shared objects, not " + live(), () -> live() <= most);
    }

    // ---- every way ----------------------------------------------------------------------------------------------

    record Deep(String name, Map<String, List<Object>> content, SharedQueue<Object> queue) implements Serializable {}

    static void useAll(SharedInt number, SharedIntArray array, Deep deep) throws InterruptedException {
        number.addAndGet(10);
        array.set(2, array.get(0) + array.get(1));
        ((SharedInt) deep.content.get("list").get(1)).set(99);
        deep.queue.put(List.of(number, array));
    }

    @Test
    void argumentsFieldsAndItemsLeadToTheSameObjects() throws Exception {
        try (var number = SharedInt.of(5);
                var array = SharedIntArray.of(1, 2, 3);
                var other = SharedInt.of(0);
                SharedQueue<Object> queue = SharedQueue.create(4)) {
            var content = new HashMap<String, List<Object>>();
            content.put("list", List.of("text", other));
            run(ChildProcess.of(HandlesTest::useAll, number, array, new Deep("deep", content, queue)));
            assertThat(number.get()).isEqualTo(15);
            assertThat(array.toArray()).containsExactly(1, 2, 3);
            assertThat(other.get()).isEqualTo(99);
            assertThat(queue.take()).isEqualTo(List.of(number, array));
        }
    }

    /// What the process that starts another attaches it to beforehand, and it does not find in its target.
    static void leaveWhatWasNotFound() {
        var self = Node.self();
        var object = self.root().create(ObjectKind.VALUES, 1024, RootPort.NOBODY);
        Node.rename(new Message.Welcome(
                self.name(),
                self.path(),
                self.slot(),
                self.daemon(),
                "main",
                Node.ROOT_SLOT,
                false,
                self.rootPid(),
                LinkAddress.NONE,
                Map.of(),
                LoaderKey.APPLICATION,
                List.of(object),
                new Message.Role.Call(new byte[0])));
        assertThat(self.foretold()).containsExactly(object.id());
        Parcels.leaveUnfound();
        assertThat(self.foretold()).isEmpty();
        assertThatThrownBy(() -> self.root().attach(object.id())).hasMessageContaining("is gone");
    }

    @Test
    void whatIsNotFoundInATargetIsLeft() throws Exception {
        run(ChildProcess.of(HandlesTest::leaveWhatWasNotFound));
    }

    static void startOneThatUses(SharedInt number) throws InterruptedException {
        run(ChildProcess.of(SharedInt::incrementAndGet, number));
    }

    @Test
    void grandchildrenThatMustAskGetThemToo() throws Exception {
        try (var number = SharedInt.of(1)) {
            run(ChildProcess.of(HandlesTest::startOneThatUses, number));
            assertThat(number.get()).isEqualTo(2);
        }
    }

    @Test
    void capturedHandlesLeadToTheSameObjects() throws Exception {
        try (var number = SharedInt.of(1);
                SharedQueue<Object> queue = SharedQueue.create(4)) {
            run(ChildProcess.of(() -> {
                number.incrementAndGet();
                queue.put("hello");
            }));
            assertThat(number.get()).isEqualTo(2);
            assertThat(queue.poll()).isEqualTo("hello");
            assertThat(ChildProcess.<Integer>call(number::incrementAndGet)).isEqualTo(3);
        }
    }

    static void increment(SharedInt number, int depth) throws InterruptedException {
        number.incrementAndGet();
        if (depth > 1) {
            ChildProcess.of(HandlesTest::increment, number, depth - 1).start().join();
        }
    }

    @Test
    void handlesReachGrandchildren() throws Exception {
        try (var number = SharedInt.of(0)) {
            run(ChildProcess.of(HandlesTest::increment, number, 3));
            assertThat(number.get()).isEqualTo(3);
        }
    }

    @Test
    void aHandleReceivedTwiceIsEqualAndTheSameObject() throws Exception {
        try (var number = SharedInt.of(0);
                SharedQueue<SharedInt> queue = SharedQueue.create(4)) {
            queue.put(number);
            queue.put(number);
            var one = queue.take();
            var two = queue.take();
            assertThat(one).isEqualTo(two).isEqualTo(number).hasSameHashCodeAs(number);
            one.set(7);
            assertThat(two.get()).isEqualTo(7);
            assertThat(number.get()).isEqualTo(7);
            try (var another = SharedInt.of(7)) {
                assertThat(another).isNotEqualTo(number);
            }
            assertThat(one.toString()).isEqualTo("SharedInt[7]");
        }
    }

    static void hammer(SharedInt number, SharedIntArray array, int times) {
        for (int i = 0; i < times; i++) {
            number.getAndAdd(1);
            array.getAndAdd(i % 3, 1);
            array.updateAndGet(3, n -> n + 2);
        }
    }

    @Test
    void twoProcessesAddFiftyThousandTimesEach() throws Exception {
        try (var number = SharedInt.of(0);
                var array = SharedIntArray.ofLength(4)) {
            var children = List.of(
                    ChildProcess.of(HandlesTest::hammer, number, array, 50_000).start(),
                    ChildProcess.of(HandlesTest::hammer, number, array, 50_000).start());
            for (var child : children) {
                assertThat(child.join(SOON)).isTrue();
            }
            assertThat(number.get()).isEqualTo(100_000);
            assertThat(array.stream().limit(3).sum()).isEqualTo(100_000);
            assertThat(array.get(3)).isEqualTo(200_000);
        }
    }

    @Test
    void memoryThatIsUsedAgainIsZero() {
        for (int i = 0; i < 20; i++) {
            try (var array = SharedIntArray.ofLength(1000);
                    var large = SharedIntArray.ofLength(100_000)) {
                assertThat(array.stream()).allMatch(n -> n == 0);
                assertThat(large.stream()).allMatch(n -> n == 0);
                array.fill(i + 1);
                large.fill(i + 1);
            }
        }
    }

    static void fillBySegment(SharedIntArray array) {
        var segment = array.segment();
        for (long i = 0; i < array.length(); i++) {
            segment.setAtIndex(ValueLayout.JAVA_INT, i, (int) i);
        }
    }

    @Test
    void anArrayIsSeenThroughItsSegment() throws Exception {
        try (var array = SharedIntArray.ofLength(100_000);
                var empty = SharedIntArray.ofLength(0)) {
            run(ChildProcess.of(HandlesTest::fillBySegment, array));
            assertThat(array.toArray()).isEqualTo(IntStream.range(0, 100_000).toArray());
            assertThat(array.segment().byteSize()).isEqualTo(400_000);
            assertThat(empty.toArray()).isEmpty();
            run(ChildProcess.of(HandlesTest::fillBySegment, empty));
        }
    }

    // ---- pools --------------------------------------------------------------------------------------------------

    @Test
    void handlesAreArgumentsItemsAndResultsOfAPool() throws Exception {
        try (var pool = Pool.open(2);
                var number = SharedInt.of(1)) {
            assertThat(pool.<SharedInt>apply(() -> number)).isEqualTo(number);
            try (var made = pool.<SharedInt>apply(() -> SharedInt.of(42))) {
                assertThat(made.get()).isEqualTo(42);
            }
            var numbers = new ArrayList<SharedInt>();
            for (int i = 0; i < 20; i++) {
                numbers.add(SharedInt.of(i));
            }
            var same = pool.map(numbers, n -> {
                n.addAndGet(100);
                return n;
            });
            assertThat(same).isEqualTo(numbers);
            assertThat(numbers)
                    .extracting(SharedInt::get)
                    .containsExactlyElementsOf(IntStream.range(100, 120).boxed().toList());
            var made = pool.map(List.of(1, 2, 3, 4), SharedInt::of, 2);
            assertThat(made).extracting(SharedInt::get).containsExactly(1, 2, 3, 4);
            made.forEach(SharedInt::close);
            numbers.forEach(SharedInt::close);
        }
    }

    @Test
    void aResultOutlivesThePoolThatMadeIt() throws Exception {
        SharedIntArray array;
        try (var pool = Pool.open(1)) {
            array = pool.apply(() -> SharedIntArray.of(1, 2, 3));
        }
        try (array) {
            assertThat(array.toArray()).containsExactly(1, 2, 3);
        }
    }

    static Object failingWith(SharedInt number) {
        throw new HoldingException(number);
    }

    static final class HoldingException extends RuntimeException {
        final SharedInt number;

        HoldingException(SharedInt number) {
            super("holds " + number);
            this.number = number;
        }
    }

    @Test
    void anExceptionThatHoldsAHandleArrivesInWords() throws Exception {
        try (var pool = Pool.open(1);
                var number = SharedInt.of(3)) {
            assertThatThrownBy(() -> pool.<Object>apply(() -> failingWith(number)))
                    .isInstanceOf(io.github.procession.RemoteTaskException.class)
                    .hasMessageContainingAll("HoldingException", "holds SharedInt[3]", "handles of shared objects");
        }
    }

    // ---- lifetime -----------------------------------------------------------------------------------------------

    static void waitAndIncrement(SharedInt number, SharedQueue<Integer> gate) throws InterruptedException {
        gate.take();
        gate.put(number.incrementAndGet());
    }

    @Test
    void theParentMayCloseRightAfterTheStart() throws Exception {
        int before = live();
        try (SharedQueue<Integer> gate = SharedQueue.create(1)) {
            var number = SharedInt.of(41);
            var child =
                    ChildProcess.of(HandlesTest::waitAndIncrement, number, gate).start();
            number.close();
            gate.put(0);
            assertThat(child.join(SOON)).isTrue();
            assertThat(gate.take()).isEqualTo(42);
        }
        awaitLive(before);
    }

    @Test
    void theParentMayCloseWhileAnItemIsOnItsWay() throws Exception {
        int before = live();
        try (SharedQueue<SharedInt> queue = SharedQueue.create(4)) {
            for (int i = 0; i < 4; i++) {
                var number = SharedInt.of(i);
                queue.put(number);
                number.close();
            }
            for (int i = 0; i < 4; i++) {
                try (var number = queue.take()) {
                    assertThat(number.get()).isEqualTo(i);
                }
            }
        }
        awaitLive(before);
    }

    static void makeAndPut(SharedQueue<Object> queue) throws InterruptedException {
        queue.put(SharedInt.of(5));
        queue.put(SharedIntArray.of(6, 7));
        SharedQueue<String> inner = SharedQueue.create(2);
        inner.put("left inside");
        queue.put(inner);
    }

    @Test
    void objectsOutliveTheProcessThatMadeThem() throws Exception {
        int before = live();
        try (SharedQueue<Object> queue = SharedQueue.create(4)) {
            run(ChildProcess.of(HandlesTest::makeAndPut, queue));
            try (var number = (SharedInt) queue.take();
                    var array = (SharedIntArray) queue.take();
                    var inner = (SharedQueue<?>) queue.take()) {
                assertThat(number.get()).isEqualTo(5);
                assertThat(array.toArray()).containsExactly(6, 7);
                assertThat(inner.take()).isEqualTo("left inside");
            }
        }
        awaitLive(before);
    }

    @Test
    void aProcessThatDiesDestroysNothingOfOthers() throws Exception {
        try (var number = SharedInt.of(0);
                SharedQueue<Integer> gate = SharedQueue.create(1)) {
            var child =
                    ChildProcess.of(HandlesTest::waitAndIncrement, number, gate).start();
            child.kill();
            assertThat(child.join(SOON)).isTrue();
            run(ChildProcess.of(HandlesTest::increment, number, 1));
            assertThat(number.get()).isEqualTo(1);
        }
    }

    static void makeAndLeak(SharedQueue<String> there) throws InterruptedException {
        for (int i = 0; i < 10; i++) {
            SharedInt.of(i);
            SharedIntArray.ofLength(100_000);
            SharedQueue.create(10);
        }
        there.put("made");
        Thread.sleep(Duration.ofMinutes(10));
    }

    @Test
    void whatOnlyADeadProcessHadIsFreed() throws Exception {
        try (SharedQueue<String> there = SharedQueue.create(1)) {
            int before = live();
            var child = ChildProcess.of(HandlesTest::makeAndLeak, there).start();
            assertThat(there.poll(30, TimeUnit.SECONDS)).isEqualTo("made");
            assertThat(live()).isGreaterThanOrEqualTo(before + 30);
            child.kill();
            assertThat(child.join(SOON)).isTrue();
            awaitLive(before);
        }
    }

    private static final int LARGE = 2 << 20; // 8 MiB
    private static final int MANY = 40;

    @Test
    void whatTasksWereGivenDoesNotPileUpInTheirWorker() throws Exception {
        try (var pool = Pool.open(1)) {
            pool.apply(() -> {});
            int before = live();
            for (int i = 0; i < MANY; i++) {
                try (var array = SharedIntArray.ofLength(LARGE)) {
                    int n = i;
                    pool.apply(() -> array.fill(n));
                    assertThat(array.get(LARGE - 1)).isEqualTo(n);
                }
            }
            awaitLive(before + MANY / 2);
        }
    }

    @Test
    void whatTasksReturnedAndNobodyClosedDoesNotPileUp() throws Exception {
        int before = live();
        try (var pool = Pool.open(1)) {
            for (int i = 0; i < MANY; i++) {
                int n = i;
                SharedIntArray array = pool.apply(() -> {
                    var made = SharedIntArray.ofLength(LARGE);
                    made.set(LARGE - 1, n);
                    return made;
                });
                assertThat(array.get(LARGE - 1)).isEqualTo(n);
            }
            awaitLive(before + MANY / 2);
        }
        awaitCollection(before);
    }

    private static void awaitCollection(int most) {
        Processes.await(() -> "at most " + most + " shared objects, not " + live(), () -> {
            System.gc();
            return live() <= most;
        });
    }

    @Test
    void memoryThatIsReachableStays() throws Exception {
        int before = live();
        var memory = SharedIntArray.of(7, 8).segment();
        var slice = memory.asSlice(Integer.BYTES);
        try (SharedQueue<SharedIntArray> queue = SharedQueue.create(2)) {
            queue.put(SharedIntArray.of(9));
            for (int i = 0; i < 3; i++) {
                System.gc();
                assertThat(memory.get(ValueLayout.JAVA_INT, 0)).isEqualTo(7);
                var array = queue.take();
                assertThat(array.get(0)).isEqualTo(9);
                queue.put(array);
            }
            memory = null;
            System.gc();
            assertThat(slice.get(ValueLayout.JAVA_INT, 0)).isEqualTo(8);
            assertThat(live()).isGreaterThanOrEqualTo(before + 3);
        }
        slice = null;
        awaitCollection(before);
    }

    // ---- what cannot be -----------------------------------------------------------------------------------------

    @Test
    void aClosedHandleSaysSo() throws Exception {
        var number = SharedInt.of(1);
        var array = SharedIntArray.of(1, 2);
        var segment = array.segment();
        number.close();
        number.close();
        array.close();
        var uses = List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
                number::get,
                () -> number.set(1),
                number::incrementAndGet,
                () -> array.get(0),
                array::toArray,
                array::segment,
                () -> ChildProcess.of(HandlesTest::increment, number, 1).start(),
                () -> ChildProcess.call(number::get));
        for (var use : uses) {
            assertThatThrownBy(use).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        }
        assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_INT, 0)).isInstanceOf(IllegalStateException.class);
        assertThat(number.toString()).isEqualTo("SharedInt[closed]");
        assertThat(array.toString()).contains("closed");
        try (SharedQueue<SharedInt> queue = SharedQueue.create(1)) {
            assertThatThrownBy(() -> queue.put(number))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            assertThat(queue.size()).isZero();
        }
    }

    @Test
    void anIndexOutOfBoundsIsRefused() {
        try (var array = SharedIntArray.of(1, 2, 3)) {
            for (long index : new long[] {-1, 3, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32}) {
                assertThatThrownBy(() -> array.get(index)).isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> array.set(index, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            }
            assertThatThrownBy(() -> array.copyFrom(1, 2, 3, 4)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(array.toArray()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void aHandleCannotBeSerializedToKeep() throws Exception {
        try (var number = SharedInt.of(1);
                var array = SharedIntArray.of(1);
                SharedQueue<String> queue = SharedQueue.create(1);
                var out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            for (var handle : List.of(number, array, queue)) {
                assertThatThrownBy(() -> out.writeObject(handle))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("process of the same tree");
            }
        }
    }

    static SharedInt kept;

    static void keep(SharedInt number) {
        kept = number;
    }

    static int useKept() {
        return kept.incrementAndGet();
    }

    @Test
    void aHandleThatAWorkerKeepsWorksInItsNextTask() throws Exception {
        try (var pool = Pool.open(1);
                var number = SharedInt.of(1)) {
            pool.apply(() -> keep(number));
            assertThat(pool.<Integer>apply(HandlesTest::useKept)).isEqualTo(2);
            assertThat(number.get()).isEqualTo(2);
        }
    }

    /// Its fields arrive one after the other; the second closes what the first has brought.
    record Closing(SharedInt number, boolean close) implements Serializable {
        Closing {
            if (close && Node.self().parent().isPresent()) {
                number.close();
            }
        }
    }

    @Test
    void aHandleThatIsClosedWhileItArrivesIsClosed() throws Exception {
        try (var number = SharedInt.of(1);
                var pool = Pool.open(1)) {
            var closing = new Closing(number, true);
            assertThatThrownBy(() -> pool.<Integer>apply(() -> closing.number.get()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            assertThat(pool.<Integer>apply(number::get)).isEqualTo(1);
            assertThat(Objects.requireNonNull(closing.number).get()).isEqualTo(1);
        }
    }
}
