package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.procession.ChildProcess;
import io.github.procession.Pipe;
import io.github.procession.SharedQueue;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Items of any length, and how often they are copied.
///
/// `-Dconformance.largestItem=1073741824` goes up to 1 GiB.
class LargeItemTest {
    private static final int LARGEST = Integer.getInteger("conformance.largestItem", 64 << 20);
    private static final int LARGE = 16 << 20;
    private static final int MOST_BESIDES = 1 << 20;

    static void mirror(SharedQueue<byte[]> in, SharedQueue<byte[]> out) throws InterruptedException {
        for (byte[] item = in.take(); item.length > 0; item = in.take()) {
            out.put(item);
        }
    }

    static IntStream lengths() {
        return IntStream.of(1, 47, 48, 49, 4095, 32 << 10, (32 << 10) + 1, 1 << 20, (3 << 20) + 1, LARGEST);
    }

    @Test
    void itemsFromOneByteToTheLargestGoToAnotherProcessAndBack() throws Exception {
        try (var there = SharedQueue.<byte[]>create(2);
                var back = SharedQueue.<byte[]>create(2)) {
            var child = ChildProcess.of(LargeItemTest::mirror, there, back).start();
            for (int length : lengths().toArray()) {
                var item = new byte[length];
                for (int i = 0; i < length; i++) {
                    item[i] = (byte) (i * 31 >> 3);
                }
                there.put(item);
                assertThat(Arrays.equals(back.take(), item))
                        .as("%d bytes", length)
                        .isTrue();
            }
            there.put(new byte[0]);
            child.join();
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static long allocated(Step step) throws Exception {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        step.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    static Stream<Object> arrays() {
        return Stream.of(
                new byte[LARGE],
                new short[LARGE / 2],
                new char[LARGE / 2],
                new int[LARGE / 4],
                new float[LARGE / 4],
                new long[LARGE / 8],
                new double[LARGE / 8]);
    }

    /// A taker made an array of bytes of what it took before it made the array that was sent.
    @ParameterizedTest
    @MethodSource("arrays")
    void anArrayOfPrimitivesIsCopiedOnceInAndOnceOut(Object array) throws Exception {
        try (var queue = SharedQueue.<Object>create(2)) {
            assertThat(allocated(() -> queue.put(array))).isLessThan(MOST_BESIDES);
            var taken = new Object[1];
            assertThat(allocated(() -> taken[0] = queue.take())).isBetween((long) LARGE, (long) LARGE + MOST_BESIDES);
            assertThat(taken[0]).hasSameClassAs(array);
        }
    }

    @Test
    void theBytesOfAMessageAreCopiedOnceInAndOnceOut() throws Exception {
        try (var pipe = Pipe.oneWay()) {
            var bytes = new byte[LARGE];
            assertThat(allocated(() -> pipe.right().sendBytes(bytes))).isLessThan(MOST_BESIDES);
            assertThat(allocated(() -> pipe.left().receiveBytes()))
                    .isBetween((long) LARGE, (long) LARGE + MOST_BESIDES);
        }
    }
}
