package io.github.procession;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChunkingTest {
    private static final long WAY = 10_000; // nanoseconds that a chunk costs besides its items
    private static final int WINDOW = 3;

    @Test
    void allItemsDepartAndNoMoreThanTheLimitAtOnce() {
        var chunking = new Chunking(7);
        for (int left = 100; left > 0; ) {
            int size = chunking.next(left, 2);
            assertThat(size).isBetween(1, Math.min(left, 7));
            chunking.took(size, 1);
            left -= size;
        }
    }

    @Test
    void withMoreWorkersThanItemsEachHasOne() {
        assertThat(new Chunking(Integer.MAX_VALUE).next(3, 64)).isOne();
    }

    @Test
    void chunksOfHardlyAnyTimeAreLarge() {
        var chunking = new Chunking(Integer.MAX_VALUE);
        int first = chunking.next(1_000_000, 2);
        chunking.took(first, 0);
        assertThat(chunking.next(1_000_000, 2)).as("0 says nothing").isEqualTo(first);
        chunking.took(first, 1);
        assertThat(chunking.next(1_000_000, 2)).isEqualTo(500_000);
    }

    /// Items of 1 us, 100 us and 10 ms, as many of each, on workers of a model.
    @ParameterizedTest
    @CsvSource({"mixed, 2", "ascending, 2", "descending, 2", "mixed, 8", "descending, 8"})
    void unevenItemsKeepAllWorkersBusy(String order, int workers) {
        var items = new Random(1)
                .ints(4 * 333, 0, 3)
                .mapToLong(kind -> new long[] {1_000, 100_000, 10_000_000}[kind])
                .toArray();
        if (!order.equals("mixed")) {
            Arrays.sort(items);
        }
        if (order.equals("descending")) {
            items = reversed(items);
        }
        assertThat(efficiency(items, workers)).isGreaterThan(0.95);
    }

    @Test
    void manyShortItemsTravelInFewChunks() {
        var items = new long[100_000];
        Arrays.fill(items, 50);
        assertThat(efficiency(items, 2)).isGreaterThan(0.85);
    }

    private static long[] reversed(long[] items) {
        return LongStream.range(0, items.length)
                .map(i -> items[items.length - 1 - (int) i])
                .toArray();
    }

    /// What is under way on a worker.
    private record Flying(long lands, int items, long took) {}

    /// The time that the items take, as a part of the time that all workers together need for them.
    private static double efficiency(long[] items, int workers) {
        var chunking = new Chunking(Integer.MAX_VALUE);
        var free = new PriorityQueue<Long>();
        for (int i = 0; i < workers; i++) {
            free.add(0L);
        }
        var flying = new PriorityQueue<Flying>((a, b) -> Long.compare(a.lands, b.lands));
        long now = 0;
        int next = 0;
        long last = 0;
        while (next < items.length || !flying.isEmpty()) {
            while (next < items.length && flying.size() < WINDOW * workers) {
                int end = next + chunking.next(items.length - next, workers);
                long takes = Arrays.stream(items, next, end).sum();
                long lands = Math.max(now, free.remove()) + WAY + takes;
                free.add(lands);
                flying.add(new Flying(lands, end - next, takes));
                next = end;
            }
            var landed = flying.remove();
            now = landed.lands;
            last = Math.max(last, now);
            chunking.took(landed.items, landed.took);
        }
        return (double) Arrays.stream(items).sum() / workers / last;
    }
}
