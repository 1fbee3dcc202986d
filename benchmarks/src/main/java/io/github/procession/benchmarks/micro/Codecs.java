package io.github.procession.benchmarks.micro;

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
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Values to bytes and back, beside Java's serialization, with nothing sent.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Codecs {
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

    private record Order(long id, String customer, int amount, double price) implements Serializable {}

    /// What is written and read.
    public enum Kind {
        INTEGER {
            @Override
            Object make() {
                return 123_456;
            }
        },
        STRING_OF_20 {
            @Override
            Object make() {
                return "twenty characters ok";
            }
        },
        RECORD_OF_4 {
            @Override
            Object make() {
                return ORDER;
            }
        },
        LIST_OF_10 {
            @Override
            Object make() {
                return List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
            }
        },
        MAP_OF_10 {
            @Override
            Object make() {
                var map = new HashMap<String, Integer>();
                IntStream.range(0, 10).forEach(i -> map.put("key " + i, i));
                return map;
            }
        },
        LAMBDA_OF_1 {
            @Override
            Object make() {
                int number = 123_456;
                SerializableCallable<Object> lambda = () -> number + 1;
                return lambda;
            }
        },
        LAMBDA_OF_2 {
            @Override
            Object make() {
                var order = ORDER;
                var text = "of two";
                SerializableCallable<Object> lambda = () -> order.amount() + text.length();
                return lambda;
            }
        };

        private static final Order ORDER = new Order(1, "somebody", 3, 9.99);

        abstract Object make();
    }

    @Param
    public Kind kind = Kind.INTEGER;

    private Object value = "";
    private byte[] own = {};
    private byte[] javas = {};

    @Setup
    public void make() throws IOException {
        value = kind.make();
        own = write();
        javas = writeByJava();
    }

    @Benchmark
    public byte[] write() {
        return CODEC.write(value, "value", new Shipment());
    }

    @Benchmark
    public Object read() throws IOException, ClassNotFoundException {
        return Objects.requireNonNull(CODEC.read(own));
    }

    @Benchmark
    public byte[] writeByJava() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
        }
        return bytes.toByteArray();
    }

    @Benchmark
    public Object readByJava() throws IOException, ClassNotFoundException {
        try (var in = new ObjectInputStream(new ByteArrayInputStream(javas))) {
            return in.readObject();
        }
    }
}
