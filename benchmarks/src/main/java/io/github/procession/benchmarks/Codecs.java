package io.github.procession.benchmarks;

import io.github.procession.function.SerializableCallable;
import io.github.procession.internal.wire.ClassNames;
import io.github.procession.internal.wire.Codec;
import io.github.procession.internal.wire.LoaderKey;
import io.github.procession.internal.wire.Shipment;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/// Writing and reading values of common types, beside Java's serialization, with nothing sent.
public final class Codecs {
    private static final int ROUNDS = 7;
    private static final long ROUND_NANOS = 300_000_000;
    private static final int PASS = 1000;

    /// Like the process's own where all classes are of the class path.
    private static final ClassNames NAMES = new ClassNames() {
        @Override
        public LoaderKey keyOf(Class<?> type) {
            return LoaderKey.APPLICATION;
        }

        @Override
        public Class<?> find(LoaderKey loader, String name) throws ClassNotFoundException {
            return Class.forName(name, false, loader(loader));
        }

        @Override
        public ClassLoader loader(LoaderKey key) {
            return Objects.requireNonNull(Codecs.class.getClassLoader());
        }

        @Override
        public boolean isCopy(Class<?> type) {
            return false;
        }
    };

    private static final Codec CODEC = new Codec(NAMES);

    static volatile long sink; // so that nothing is left out

    private record Order(long id, String customer, int amount, double price) implements Serializable {}

    private Codecs() {}

    private interface Step {
        Object run() throws IOException, ClassNotFoundException;
    }

    /// Runs it.
    public static void main(String[] arguments) throws Exception {
        var map = new HashMap<String, Integer>();
        IntStream.range(0, 10).forEach(i -> map.put("key " + i, i));
        var order = new Order(1, "somebody", 3, 9.99);
        SerializableCallable<Object> lambda = () -> order.amount() * map.size();
        int number = 123_456;
        SerializableCallable<Object> simple = () -> number + 1;
        compare("integer", 123_456);
        compare("string-20", "twenty characters ok");
        compare("record-of-4", order);
        compare("list-of-10", List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
        compare("map-of-10", map);
        compare("lambda-of-1", simple);
        compare("lambda-of-2", lambda);
    }

    private static void compare(String what, Object value) throws Exception {
        byte[] own = CODEC.write(value, "value", new Shipment());
        byte[] javas = write(value);
        System.out.printf("# %s: %d bytes, %d by Java%n", what, own.length, javas.length);
        compare("write-" + what, () -> CODEC.write(value, "value", new Shipment()), () -> write(value));
        compare("read-" + what, () -> Objects.requireNonNull(CODEC.read(own)), () -> read(javas));
    }

    private static void compare(String what, Step ours, Step javas) throws Exception {
        var codec = new Series("codec-" + what, "ns");
        var java = new Series("java-" + what, "ns");
        time(ours);
        time(javas);
        for (int i = 0; i < ROUNDS; i++) {
            codec.add(time(ours));
            java.add(time(javas));
        }
        codec.summarize();
        java.summarize();
    }

    private static double time(Step step) throws Exception {
        long begin = System.nanoTime();
        long times = 0;
        long sum = 0;
        long nanos;
        do {
            for (int i = 0; i < PASS; i++) {
                sum += step.run().getClass().hashCode();
            }
            times += PASS;
            nanos = System.nanoTime() - begin;
        } while (nanos < ROUND_NANOS);
        sink = sum;
        return nanos / (double) times;
    }

    private static byte[] write(Object value) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
        }
        return bytes.toByteArray();
    }

    private static Object read(byte[] bytes) throws IOException, ClassNotFoundException {
        try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return in.readObject();
        }
    }
}
