package io.github.procession.internal.ring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class CellRingTest {

    private static final int ME = 1;
    private static final int DEAD = 7;

    private final Arena arena = Arena.ofShared();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    private MemorySegment memory(int capacity) {
        return arena.allocate(CellRing.bytes(capacity), 128);
    }

    private CellRing ring(int capacity) {
        return CellRing.format(memory(capacity), 0, capacity);
    }

    private static byte[] body(long value) {
        return Arrays.copyOf(String.valueOf(value).getBytes(), 24);
    }

    private static boolean offer(CellRing ring, int slot, int tag) {
        return ring.offer(slot, tag, body(tag), 24) != CellRing.NONE;
    }

    /// Takes an item, checks that its body belongs to its tag, and returns the tag; -1 when nothing is ready.
    private static int take(CellRing ring, int slot) {
        long ticket = ring.claim(slot);
        if (ticket < 0) {
            return -1;
        }
        int tag = check(ring, ticket);
        ring.release(ticket);
        return tag;
    }

    private static int check(CellRing ring, long ticket) {
        byte[] body = new byte[48];
        ring.copy(ticket, body);
        assertThat(ring.length(ticket)).isEqualTo(24);
        assertThat(Arrays.copyOf(body, 24)).isEqualTo(body(ring.tag(ticket)));
        return ring.tag(ticket);
    }

    // ---- one thread ----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33, 1000})
    void holdsExactlyItsCapacityInOrder(int capacity) {
        CellRing ring = ring(capacity);
        assertThat(ring.capacity()).isEqualTo(capacity);
        int in = 0;
        int out = 0;
        for (int lap = 0; lap < 5; lap++) {
            while (offer(ring, ME, in)) {
                in++;
            }
            assertThat(in - out).isEqualTo(capacity);
            assertThat(ring.size()).isEqualTo(capacity);
            for (int i = 0; i < (lap % 2 == 0 ? capacity : (capacity + 1) / 2); i++) {
                assertThat(take(ring, ME)).isEqualTo(out++);
            }
            assertThat(ring.size()).isEqualTo(in - out);
        }
        while (out < in) {
            assertThat(take(ring, ME)).isEqualTo(out++);
        }
        assertThat(take(ring, ME)).isEqualTo(-1);
        assertThat(ring.size()).isZero();
    }

    @Test
    void bodiesOfEveryLengthComeOutAsTheyWentIn() {
        CellRing ring = ring(4);
        byte[] body = new byte[60];
        for (int length = 0; length <= 48; length++) {
            Arrays.fill(body, (byte) length);
            assertThat(ring.offer(ME, -length, body, length)).isNotEqualTo(CellRing.NONE);
            long ticket = ring.claim(ME);
            assertThat(ring.tag(ticket)).isEqualTo(-length);
            assertThat(ring.length(ticket)).isEqualTo(length);
            byte[] into = new byte[length];
            ring.copy(ticket, into);
            assertThat(into).isEqualTo(Arrays.copyOf(body, length));
            ring.release(ticket);
        }
    }

    @Test
    void wrongArgumentsAreRefusedBeforeAnythingHappens() {
        CellRing ring = ring(4);
        assertThatThrownBy(() -> ring.offer(ME, 0, new byte[64], 49)).hasMessageContaining("0 to 48 bytes");
        assertThatThrownBy(() -> ring.offer(ME, 0, new byte[4], 5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ring.offer(ME, 0, new byte[4], -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ring.offer(0, 0, new byte[4], 1)).hasMessageContaining("between 1 and 4094");
        assertThatThrownBy(() -> ring.claim(4095)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CellRing.bytes(0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(ring.size()).isZero();
        assertThat(offer(ring, ME, 3)).isTrue();
        assertThat(take(ring, ME)).isEqualTo(3);
    }

    @Test
    void ticketIsGoodForOneRelease() {
        CellRing ring = ring(4);
        offer(ring, ME, 1);
        long ticket = ring.claim(ME);
        ring.release(ticket);
        assertThatThrownBy(() -> ring.release(ticket)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void memoryThatHoldsNoRingIsRecognized() {
        MemorySegment memory = memory(4);
        assertThatThrownBy(() -> CellRing.over(memory, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("there is no queue at this place");
        CellRing.format(memory, 0, 4);
        assertThat(CellRing.over(memory, 0).capacity()).isEqualTo(4);
        memory.set(JAVA_INT, CellRingLayout.VERSION_AT, 99);
        assertThatThrownBy(() -> CellRing.over(memory, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("layout version 99, this library knows 1");
        assertThatThrownBy(() -> CellRing.over(memory, 8)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CellRing.format(memory, 128, 4)).hasMessageContaining("does not fit");
    }

    @Test
    void peekShowsTheNextItemAndLeavesIt() {
        CellRing ring = ring(4);
        List<Integer> seen = new ArrayList<>();
        assertThat(ring.peek((tag, body, length) -> seen.add(tag))).isFalse();
        offer(ring, ME, 1);
        offer(ring, ME, 2);
        assertThat(ring.peek((tag, body, length) -> {
                    assertThat(Arrays.copyOf(body, length)).isEqualTo(body(tag));
                    seen.add(tag);
                }))
                .isTrue();
        assertThat(ring.peek((tag, body, length) -> seen.add(tag))).isTrue();
        assertThat(seen).containsExactly(1, 1);
        assertThat(take(ring, ME)).isEqualTo(1);
    }

    /// An exact capacity counts from the oldest item that is not released, whatever came after it.
    @Test
    void itemHeldForLongKeepsItsPlace() {
        CellRing ring = ring(6);
        for (int i = 0; i < 6; i++) {
            assertThat(offer(ring, ME, i)).isTrue();
        }
        long held = ring.claim(ME);
        for (int i = 1; i < 6; i++) {
            assertThat(take(ring, ME)).isEqualTo(i);
        }
        assertThat(offer(ring, ME, 6)).isFalse();
        ring.release(held);
        for (int i = 6; i < 12; i++) {
            assertThat(offer(ring, ME, i)).isTrue();
        }
        assertThat(offer(ring, ME, 12)).isFalse();
    }

    // ---- positions and hints -------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(longs = {(1L << 50) - 5, (1L << 49) - 5, (1L << 51) - 1, (1L << 50) * 3 - 9})
    void positionsWrapWithoutANotice(long start) {
        CellRing ring = CellRing.format(memory(6), 0, 6, start);
        int in = 0;
        int out = 0;
        for (int i = 0; i < 40; i++) {
            while (offer(ring, ME, in)) {
                in++;
            }
            assertThat(in - out).isEqualTo(6);
            assertThat(take(ring, ME)).isEqualTo(out++);
            assertThat(take(ring, ME)).isEqualTo(out++);
        }
    }

    /// All that a ring can meet, against a model: hints that fall back, producers and consumers that die, tickets released
    /// in any order, across the wrap.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6, 8, 13})
    void behavesLikeItsModelWhateverDies(int capacity) {
        SplittableRandom random = RingTests.seeded();
        for (int run = 0; run < 200; run++) {
            MemorySegment memory = memory(capacity);
            long start = random.nextBoolean() ? 0 : (1L << 50) - random.nextInt(50);
            new Model(memory, CellRing.format(memory, 0, capacity, start), start, random).play(300);
        }
    }

    /// Knows what a ring must hold, and where its cells and hints are.
    private final class Model {
        final MemorySegment memory;
        final CellRing ring;
        final long start;
        final SplittableRandom random;
        final int cells;

        /// Positions from the oldest that is not freed: 'r'eady, 't'aken, 'd'ead producer or tombstone.
        final Deque<int[]> window = new ArrayDeque<>();

        final Deque<Integer> redo = new ArrayDeque<>();
        final List<Long> tickets = new ArrayList<>();
        final List<int[]> ticketOf = new ArrayList<>();
        long tail;
        int next;

        Model(MemorySegment memory, CellRing ring, long start, SplittableRandom random) {
            this.memory = memory;
            this.ring = ring;
            this.start = start;
            this.random = random;
            this.cells = CellRingLayout.mainCells(ring.capacity());
            this.tail = start;
        }

        void play(int steps) {
            for (int i = 0; i < steps; i++) {
                switch (random.nextInt(12)) {
                    case 0, 1, 2, 3 -> offerOne();
                    case 4, 5, 6 -> claimOne(ME);
                    case 7, 8 -> releaseOne();
                    case 9 -> dropHints();
                    case 10 -> producerDies();
                    default -> consumerDies();
                }
                assertThat(ring.size()).isEqualTo(ready());
            }
        }

        long ready() {
            return redo.size() + window.stream().filter(item -> item[0] == 'r').count();
        }

        /// Freed positions at the front count no more.
        void trim() {
            while (!window.isEmpty() && window.peek()[0] == 'f') {
                window.remove();
            }
        }

        boolean isFull() {
            trim();
            while (!window.isEmpty() && isTombstoneAtHead()) {
                window.remove();
                trim();
            }
            return window.size() == ring.capacity();
        }

        boolean isTombstoneAtHead() {
            return window.peek()[0] == 'd';
        }

        void offerOne() {
            boolean full = isFull();
            assertThat(offer(ring, ME, next)).isEqualTo(!full);
            if (!full) {
                window.add(new int[] {'r', next++});
                tail++;
            }
        }

        void claimOne(int slot) {
            long ticket = ring.claim(slot);
            int[] item;
            if (!redo.isEmpty()) {
                item = new int[] {'t', redo.remove()};
            } else {
                item = window.stream().filter(one -> one[0] == 'r').findFirst().orElse(null);
                for (int[] one : window) {
                    if (one == item) {
                        break;
                    }
                    if (one[0] == 'd') {
                        one[0] = 'f';
                    }
                }
            }
            if (item == null) {
                assertThat(ticket).isEqualTo(-1);
                return;
            }
            assertThat(check(ring, ticket)).isEqualTo(item[1]);
            item[0] = 't';
            tickets.add(ticket);
            ticketOf.add(item);
        }

        void releaseOne() {
            if (!tickets.isEmpty()) {
                int which = random.nextInt(tickets.size());
                ring.release(tickets.remove(which));
                ticketOf.remove(which)[0] = 'f';
            }
        }

        /// A process that was paused between its claim and its hint writes the old hint over the newer one.
        void dropHints() {
            for (long hint : new long[] {CellRingLayout.TAIL_HINT_AT, CellRingLayout.HEAD_HINT_AT}) {
                long at = CellRingLayout.HEADER_BYTES + hint;
                long now = memory.get(JAVA_LONG, at);
                memory.set(JAVA_LONG, at, now - random.nextLong(Math.min(now - start, 40) + 1));
            }
        }

        /// Claims by hand, as a producer does that then dies, and repairs.
        void producerDies() {
            if (isFull()) {
                return;
            }
            // What frees tombstones at the head must have run before the cell can be claimed.
            assertThat(offer(ring, ME, next)).isTrue();
            long cell = CellRingLayout.HEADER_BYTES
                    + CellRingLayout.CELLS_AT
                    + (tail & (cells - 1)) * CellRingLayout.CELL_BYTES;
            memory.set(JAVA_LONG, cell, CellRingLayout.word(tail, DEAD, CellRingLayout.CLAIMED));
            next++;
            tail++;
            window.add(new int[] {'d', -1});
            long readyBehind = ready();
            assertThat(ring.repair(DEAD)).isEqualTo(1);
            assertThat(ring.repair(DEAD)).isZero();
            assertThat(ready()).isEqualTo(readyBehind);
        }

        void consumerDies() {
            int before = tickets.size();
            for (int i = random.nextInt(4); i > 0; i--) {
                claimOne(DEAD);
            }
            List<int[]> lost = new ArrayList<>(ticketOf.subList(before, ticketOf.size()));
            ticketOf.subList(before, ticketOf.size()).clear();
            tickets.subList(before, tickets.size()).clear();
            assertThat(ring.repair(DEAD)).isEqualTo(lost.size());
            for (int[] item : lost) {
                redo.add(item[1]);
                item[0] = 'f';
            }
        }
    }

    // ---- repair --------------------------------------------------------------------------------------------------

    @Test
    void itemsOfADeadConsumerComeFirstAndInOrder() {
        CellRing ring = ring(8);
        for (int i = 0; i < 6; i++) {
            offer(ring, ME, i);
        }
        ring.claim(DEAD);
        long mine = ring.claim(ME);
        ring.claim(DEAD);
        assertThat(ring.repair(DEAD)).isEqualTo(2);
        assertThat(ring.repair(DEAD)).isZero();
        assertThat(ring.size()).isEqualTo(5);
        List<Integer> peeked = new ArrayList<>();
        ring.peek((tag, body, length) -> peeked.add(tag));
        assertThat(peeked).containsExactly(0);
        for (int expected : new int[] {0, 2, 3, 4, 5, -1}) {
            assertThat(take(ring, ME)).isEqualTo(expected);
        }
        ring.release(mine);
    }

    @Test
    void itemsOfAConsumerThatDiesInTheRedoLaneComeAgain() {
        CellRing ring = ring(4);
        offer(ring, ME, 1);
        offer(ring, ME, 2);
        for (int death = 0; death < 500; death++) {
            ring.claim(DEAD);
            ring.claim(DEAD);
            assertThat(ring.repair(DEAD)).isEqualTo(2);
        }
        assertThat(take(ring, ME)).isEqualTo(1);
        assertThat(take(ring, ME)).isEqualTo(2);
    }

    @Test
    void fullRedoLaneIsReportedAndLosesNothing() {
        CellRing ring = ring(64); // redo lane of 64 too
        for (int i = 0; i < 64; i++) {
            offer(ring, ME, i);
            ring.claim(DEAD);
        }
        assertThat(ring.repair(DEAD)).isEqualTo(64);
        for (int i = 64; i < 128; i++) {
            offer(ring, ME, i);
        }
        // A consumer that lives holds all redone items, another takes from the main lane and dies.
        List<Long> held = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            held.add(ring.claim(ME));
        }
        for (int i = 0; i < 3; i++) {
            ring.claim(DEAD);
        }
        assertThat(ring.repair(DEAD)).isEqualTo(-1);
        assertThat(ring.size()).isEqualTo(61);
        ring.release(held.removeFirst());
        ring.release(held.removeFirst());
        assertThat(ring.repair(DEAD)).isEqualTo(-1 - 2);
        ring.release(held.removeFirst());
        assertThat(ring.repair(DEAD)).isEqualTo(1);
        assertThat(ring.repair(DEAD)).isZero();
        for (int i = 64; i < 128; i++) {
            assertThat(take(ring, ME)).isEqualTo(i);
        }
    }

    @Test
    void redoLaneFullOfTheDeadRepairsItself() {
        CellRing ring = ring(64);
        for (int i = 0; i < 64; i++) {
            offer(ring, ME, i);
            ring.claim(DEAD);
        }
        for (int death = 0; death < 3; death++) {
            assertThat(ring.repair(DEAD)).isEqualTo(64);
            for (int i = 0; i < 64; i++) {
                ring.claim(DEAD);
            }
            assertThat(ring.claim(ME)).isEqualTo(-1);
        }
        ring.repair(DEAD);
        for (int i = 0; i < 64; i++) {
            assertThat(take(ring, ME)).isEqualTo(i);
        }
    }

    @Test
    void liveItemsAreShownWithTheirStates() {
        MemorySegment memory = memory(8);
        CellRing ring = CellRing.format(memory, 0, 8);
        for (int i = 0; i < 5; i++) {
            offer(ring, ME, i);
        }
        take(ring, ME);
        ring.claim(DEAD);
        ring.repair(DEAD);
        ring.claim(9); // of the redo lane
        ring.claim(ME);
        long cell = CellRingLayout.HEADER_BYTES + CellRingLayout.CELLS_AT + 4 * CellRingLayout.CELL_BYTES;
        memory.set(JAVA_LONG, cell, CellRingLayout.word(4, 5, CellRingLayout.CLAIMED));
        List<String> seen = new ArrayList<>();
        ring.forEachLive((state, owner, tag, body, length) -> seen.add(state + " " + owner + " " + tag));
        assertThat(seen).containsExactly("TAKEN 1 2", "READY 0 3", "CLAIMED 5 4", "TAKEN 9 1");
    }

    // ---- many threads --------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6, 64})
    void everyItemOfManyProducersReachesOneOfManyConsumersOnce(int capacity) throws InterruptedException {
        int producers = 3;
        int consumers = 3;
        int each = 40_000;
        CellRing ring = ring(capacity);
        AtomicIntegerArray seen = new AtomicIntegerArray(producers * each);
        AtomicInteger rest = new AtomicInteger(producers * each);
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < producers; p++) {
            int producer = p;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    while (!offer(ring, producer + 1, producer * each + i)) {
                        Thread.yield();
                    }
                }
            }));
        }
        for (int c = 0; c < consumers; c++) {
            int consumer = c;
            threads.add(Thread.ofPlatform().start(() -> {
                int[] last = new int[producers];
                Arrays.fill(last, -1);
                while (rest.get() > 0) {
                    int item = take(ring, producers + consumer + 1);
                    if (item < 0) {
                        Thread.yield();
                        continue;
                    }
                    seen.incrementAndGet(item);
                    rest.decrementAndGet();
                    if (item % each <= last[item / each]) {
                        wrong.add("item " + item % each + " after " + last[item / each]);
                    }
                    last[item / each] = item % each;
                }
            }));
        }
        AtomicLong peeks = new AtomicLong();
        while (rest.get() > 0) { // an onlooker must never see half an item
            ring.peek((tag, body, length) -> {
                if (length != 24 || !Arrays.equals(Arrays.copyOf(body, 24), body(tag))) {
                    wrong.add("torn peek of " + tag);
                }
                peeks.incrementAndGet();
            });
            ring.forEachLive((state, owner, tag, body, length) -> {
                if (state != CellRing.LiveState.CLAIMED && !Arrays.equals(Arrays.copyOf(body, 24), body(tag))) {
                    wrong.add("torn look at " + tag);
                }
            });
            assertThat(ring.size()).isBetween(0L, 64L);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).isEmpty();
        for (int i = 0; i < seen.length(); i++) {
            assertThat(seen.get(i)).isEqualTo(1);
        }
        assertThat(ring.size()).isZero();
    }
}
