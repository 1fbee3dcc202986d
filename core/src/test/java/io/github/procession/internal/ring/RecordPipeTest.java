package io.github.procession.internal.ring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class RecordPipeTest {

    private final Arena arena = Arena.ofShared();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    private MemorySegment memory(int capacity) {
        return arena.allocate(RecordPipe.bytes(capacity), 128);
    }

    private static byte[] record(int number, int length) {
        byte[] record = new byte[length];
        for (int i = 0; i < length; i++) {
            record[i] = (byte) (number * 31 + i);
        }
        return record;
    }

    private static boolean write(RecordPipe pipe, int number, int length) {
        byte[] record = record(number, length + 3);
        return pipe.write(number, Arrays.copyOf(record, length + 5), 0, length);
    }

    private static void read(RecordPipe pipe, int number, int length) {
        assertThat(pipe.next()).isTrue();
        assertThat(pipe.next()).isTrue();
        assertThat(pipe.type()).isEqualTo(number);
        assertThat(pipe.length()).isEqualTo(length);
        byte[] into = new byte[length + 7];
        pipe.copy(into, 7);
        assertThat(Arrays.copyOfRange(into, 7, into.length)).isEqualTo(record(number, length));
        pipe.advance();
    }

    /// Records of all lengths, and ends that are taken over by others in between, against a plain queue.
    @ParameterizedTest
    @ValueSource(ints = {64, 128, 1024, 65536})
    void behavesLikeAQueueOfRecords(int capacity) {
        SplittableRandom random = RingTests.seeded();
        MemorySegment memory = memory(capacity);
        RecordPipe[] pipes = {RecordPipe.format(memory, 0, capacity), RecordPipe.over(memory, 0)};
        Deque<int[]> expected = new ArrayDeque<>(); // number, length, bytes with padding
        int number = 0;
        long tail = 0;
        long occupied = 0;
        for (int step = 0; step < 20_000; step++) {
            RecordPipe pipe = pipes[random.nextInt(2)];
            if (random.nextInt(100) < 55) {
                int length = random.nextInt(pipe.maxRecord() + 1);
                int bytes = RecordPipeLayout.recordBytes(length);
                int untilEnd = (int) (capacity - tail % capacity);
                int needed = bytes <= untilEnd ? bytes : untilEnd + bytes;
                assertThat(write(pipe, number, length)).isEqualTo(occupied + needed <= capacity);
                if (occupied + needed <= capacity) {
                    expected.add(new int[] {number++, length, needed});
                    occupied += needed;
                    tail += needed;
                }
            } else if (expected.isEmpty()) {
                assertThat(pipe.isEmpty()).isTrue();
                assertThat(pipe.next()).isFalse();
            } else {
                assertThat(pipe.isEmpty()).isFalse();
                int[] record = expected.remove();
                read(pipe, record[0], record[1]);
                occupied -= record[2];
            }
        }
        assertThat(number).isGreaterThan(1000);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 256})
    void emptyPipeHasRoomForTheLongestRecordWhereverItStands(int capacity) {
        RecordPipe pipe = RecordPipe.format(memory(capacity), 0, capacity);
        for (int i = 0; i < 100; i++) {
            assertThat(write(pipe, i, pipe.maxRecord())).isTrue();
            read(pipe, i, pipe.maxRecord());
            assertThat(write(pipe, i, 1)).isTrue();
            read(pipe, i, 1);
        }
    }

    @Test
    void wrongUseIsRefused() {
        MemorySegment memory = memory(1024);
        assertThatThrownBy(() -> RecordPipe.over(memory, 0)).hasMessageContaining("there is no pipe at this place");
        RecordPipe pipe = RecordPipe.format(memory, 0, 1024);
        assertThat(pipe.maxRecord()).isEqualTo(504);
        assertThatThrownBy(() -> pipe.write(0, new byte[600], 0, 505))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 504 bytes, not 505");
        assertThatThrownBy(() -> pipe.write(0, new byte[6], 3, 4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(pipe::length).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(pipe::advance).isInstanceOf(IllegalStateException.class);
        assertThat(pipe.isEmpty()).isTrue();
        assertThatThrownBy(() -> RecordPipe.bytes(1000)).hasMessageContaining("power of two");
        memory.set(JAVA_INT, RecordPipeLayout.VERSION_AT, 2);
        assertThatThrownBy(() -> RecordPipe.over(memory, 0)).hasMessageContaining("layout version 2");
    }

    /// A record is there until it is freed, for whoever comes next.
    @Test
    void recordThatWasNotFreedIsReadAgain() {
        MemorySegment memory = memory(256);
        RecordPipe producer = RecordPipe.format(memory, 0, 256);
        write(producer, 1, 10);
        write(producer, 2, 20);
        RecordPipe dying = RecordPipe.over(memory, 0);
        assertThat(dying.next()).isTrue();
        RecordPipe next = RecordPipe.over(memory, 0);
        read(next, 1, 10);
        read(next, 2, 20);
        assertThat(next.next()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 512, 65536})
    void streamBetweenTwoThreadsArrivesWhole(int capacity) throws InterruptedException {
        int count = capacity == 64 ? 100_000 : 500_000;
        MemorySegment memory = memory(capacity);
        RecordPipe.format(memory, 0, capacity);
        int most = RecordPipe.over(memory, 0).maxRecord();
        AtomicReference<AssertionError> wrong = new AtomicReference<>();
        Thread producer = Thread.ofPlatform().start(() -> {
            RecordPipe pipe = RecordPipe.over(memory, 0);
            byte[] record = new byte[64];
            for (int i = 0; i < count; i++) {
                int length = i % Math.min(61, most + 1);
                Arrays.fill(record, 0, length, (byte) i);
                while (!pipe.write(i, record, 0, length)) {
                    Thread.yield();
                }
            }
        });
        Thread consumer = Thread.ofPlatform().start(() -> {
            RecordPipe pipe = RecordPipe.over(memory, 0);
            byte[] record = new byte[64];
            for (int i = 0; i < count; i++) {
                while (!pipe.next()) {
                    Thread.yield();
                }
                int length = i % Math.min(61, most + 1);
                pipe.copy(record, 0);
                boolean whole = pipe.type() == i && pipe.length() == length;
                for (int k = 0; k < length; k++) {
                    whole &= record[k] == (byte) i;
                }
                if (!whole) {
                    wrong.compareAndSet(null, new AssertionError("record " + i + " arrived as " + pipe.type()));
                }
                pipe.advance();
            }
        });
        producer.join();
        consumer.join();
        assertThat(wrong.get()).isNull();
    }
}
