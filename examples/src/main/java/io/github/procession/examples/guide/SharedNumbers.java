package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.SharedBoolean;
import io.github.procession.SharedByteArray;
import io.github.procession.SharedDouble;
import io.github.procession.SharedDoubleArray;
import io.github.procession.SharedFloatArray;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedLong;
import io.github.procession.SharedLongArray;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Single values and arrays in shared memory.
public final class SharedNumbers {
    private SharedNumbers() {}

    // tag::values[]
    static void work(SharedLong done, SharedDouble total, SharedBoolean found) {
        for (int i = 0; i < 1000; i++) {
            done.incrementAndGet();
            total.addAndGet(0.5);
        }
        if (found.compareAndSet(false, true)) System.out.println("I was the first.");
    }
    // end::values[]

    // tag::sum[]
    static double sum(SharedDoubleArray array) {
        var memory = array.segment();
        double sum = 0;
        for (long i = 0; i < array.length(); i++) sum += memory.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        return sum;
    }
    // end::sum[]

    public static void main(String[] args) throws Exception {
        values();
        arrays();
        inPlace();
    }

    private static void values() throws InterruptedException {
        // tag::shared[]
        try (var done = SharedLong.of(0);
                var total = SharedDouble.of(0);
                var found = SharedBoolean.of(false)) {
            var one = ChildProcess.of(() -> work(done, total, found)).start();
            var two = ChildProcess.of(() -> work(done, total, found)).start();
            one.join();
            two.join();
            System.out.println(done.get() + " " + total.get()); // 2000 1000.0
        }
        // end::shared[]
    }

    private static void arrays() throws Exception {
        // tag::arrays[]
        try (var histogram = SharedIntArray.ofLength(10); // zeros
                var squares = SharedLongArray.ofLength(10);
                var weights = SharedFloatArray.of(0.5f, 0.25f);
                var flags = SharedByteArray.of((byte) 1, (byte) 0);
                var pool = Pool.open(2)) {
            pool.map(IntStream.range(0, 100).boxed().toList(), n -> {
                squares.set(n % 10, (long) (n % 10) * (n % 10));
                flags.set(1, 1);
                return histogram.incrementAndGet(n % 10); // atomic: two processes may meet here
            });
            System.out.println(Arrays.toString(histogram.toArray()));
            System.out.println(squares.stream().sum() + " " + weights.stream().sum() + " " + flags.get(1));
        }
        // end::arrays[]
    }

    private static void inPlace() throws Exception {
        // tag::inplace[]
        try (var array = SharedDoubleArray.ofLength(1_000_000);
                var pool = Pool.open(1)) {
            array.fill(0.5);
            array.copyFrom(1, 2, 3); // the first three
            System.out.println(pool.<Double>apply(() -> sum(array))); // 500004.5, and nothing was copied
        }
        // end::inplace[]
    }
}
