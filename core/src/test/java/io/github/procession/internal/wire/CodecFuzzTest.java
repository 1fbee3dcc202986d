package io.github.procession.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.procession.testing.Fuzz;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Each form that a value can have, spoiled: there is a value or an exception, and no more memory is taken than in proportion.
class CodecFuzzTest {
    private static final long PROPORTION = 16L << 20;
    private static final ThreadMXBean MEMORY = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final List<Byte> OF_JAVA = List.of(Tag.OBJECT, Tag.SHELL, Tag.MIXED);

    private static final int OFTEN = 40; // whatever is said so often has a number

    private final Codec codec = new Codec(new ClassesHere(), new DictionaryHere(50));

    private interface Task extends Callable<Integer>, Serializable {}

    record Pair(Object a, Object b) implements Serializable {}

    static final class Plain implements Serializable {
        private static final long serialVersionUID = 1L;
        final Object held = "held";
    }

    private byte[] bytes(Object value) {
        return codec.write(value, "value", new Shipment());
    }

    private static byte[] handle() {
        return ByteBuffer.allocate(11)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(Tag.HANDLE)
                .put((byte) 1)
                .putLong(1L << 50) // there is none
                .put(Tag.NULL)
                .array();
    }

    private byte[] shell() {
        byte[] object = bytes(new Plain());
        byte[] shell = object.clone();
        shell[0] = Tag.SHELL;
        return shell;
    }

    /// At least one of each form.
    private List<byte[]> samples() {
        int n = 7;
        var shared = new ArrayList<Object>(List.of("a text that is long enough to have a number", 1));
        var values = new ArrayList<Object>(Arrays.asList(
                null,
                true,
                false,
                1,
                2L,
                3.0,
                "text",
                new byte[9],
                new Plain(),
                new int[9],
                "lone \uD800",
                (byte) 1,
                (short) 2,
                'c',
                4f,
                Instant.EPOCH,
                Duration.ZERO,
                LocalDate.EPOCH,
                LocalTime.NOON,
                LocalDateTime.of(LocalDate.EPOCH, LocalTime.NOON),
                new UUID(1, 2),
                BigInteger.TEN,
                new BigDecimal("1.5"),
                TimeUnit.DAYS,
                new Pair(1, "two"),
                (Task) () -> n,
                Optional.of(1),
                Map.entry(1, 2),
                shared,
                List.of(1, 2),
                Stream.of(1, null).toList(),
                Set.of(1, 2),
                Map.of(1, 2),
                new HashMap<>(Map.of(1, 2)),
                new LinkedHashMap<>(Map.of(1, 2)),
                new TreeMap<>(Map.of(1, 2)),
                new HashSet<>(Set.of(1)),
                new LinkedHashSet<>(Set.of(1)),
                new TreeSet<>(Set.of(1)),
                new Object[] {1, null},
                new String[] {"a", null},
                new boolean[3]));
        values.add(
                new ArrayList<>(List.of(shared, shared, new Pair(shared, new Plain()), new Plain()))); // known, parts
        values.add(new Pair(values.get(8), new ArrayList<>(values.subList(0, 30))));
        var samples = new ArrayList<byte[]>();
        var numbered = List.of(TimeUnit.DAYS, new Pair(new Pair(1, 2), "two"), (Task) () -> n);
        values.forEach(value -> samples.add(bytes(value)));
        for (int i = 0; i < OFTEN; i++) {
            numbered.forEach(this::bytes);
        }
        numbered.forEach(value -> samples.add(bytes(value)));
        samples.add(handle());
        samples.add(shell());
        return samples;
    }

    @Test
    void eachFormHasASample() throws ReflectiveOperationException {
        var first = new HashSet<Byte>();
        var anywhere = new HashSet<Byte>();
        for (byte[] sample : samples()) {
            first.add(sample[0]);
            for (byte each : sample) {
                anywhere.add(each);
            }
        }
        for (var tag : Tag.class.getDeclaredFields()) {
            if (Modifier.isStatic(tag.getModifiers()) && !tag.isSynthetic()) {
                byte value = tag.getByte(null);
                boolean inner = value == Tag.PART || value == Tag.KNOWN || value == Tag.MIXED;
                assertThat(inner ? anywhere : first).as(tag.getName()).contains(value);
            }
        }
    }

    private interface Reading {
        void read(byte[] bytes) throws IOException;
    }

    private static void spoiled(Fuzz fuzz, List<byte[]> samples, Reading reading) {
        while (fuzz.next()) {
            byte[] bytes = FramesFuzzTest.spoiled(samples.get(fuzz.random().nextInt(samples.size())), fuzz);
            long before = MEMORY.getCurrentThreadAllocatedBytes();
            try {
                reading.read(bytes);
            } catch (IOException e) {
                // refused
            } catch (RuntimeException | Error e) {
                throw new AssertionError("%s: %s of %s".formatted(fuzz, e, Arrays.toString(bytes)), e);
            }
            assertThat(MEMORY.getCurrentThreadAllocatedBytes() - before)
                    .as("%s: %s", fuzz, Arrays.toString(bytes))
                    .isLessThan(PROPORTION);
        }
    }

    @Test
    void spoiledOutcomesAreAnExceptionAndNothingWorse() {
        var failure = new IllegalStateException("failed", new IOException("why"));
        var samples = List.of(
                Outcomes.returned(bytes("result")),
                Outcomes.threw(codec, failure, "a process"),
                Outcomes.threw(
                        codec,
                        new IllegalStateException() {
                            private static final long serialVersionUID = 1L;
                            final Object notSerializable = new Object();
                        },
                        "a process"));
        spoiled(
                Fuzz.of("spoiledOutcomesAreAnExceptionAndNothingWorse", 10_000),
                samples,
                bytes -> Outcomes.read(codec, bytes));
        var chunks = List.of(
                Work.each(samples), Work.each(List.of()), join(Work.whole(), bytes(new ArrayList<>(List.of(1, 2)))));
        spoiled(
                Fuzz.of("spoiledOutcomesAreAnExceptionAndNothingWorse, of chunks", 10_000),
                chunks,
                bytes -> Work.outcomes(codec, bytes, 0));
    }

    private static byte[] join(byte[] head, byte[] rest) {
        return ByteBuffer.allocate(head.length + rest.length)
                .put(head)
                .put(rest)
                .array();
    }

    @Test
    void spoiledValuesAreAnExceptionAndNothingWorse() {
        var fuzz = Fuzz.of("spoiledValuesAreAnExceptionAndNothingWorse", 60_000);
        var samples = samples();
        while (fuzz.next()) {
            byte[] bytes = FramesFuzzTest.spoiled(samples.get(fuzz.random().nextInt(samples.size())), fuzz);
            if (bytes.length > 0 && fuzz.random().nextInt(4) == 0) {
                bytes[0] = (byte) fuzz.random().nextInt(48);
            }
            long before = MEMORY.getCurrentThreadAllocatedBytes();
            try {
                codec.read(bytes);
            } catch (IOException | ClassNotFoundException e) {
                // refused
            } catch (RuntimeException | LinkageError | InternalError e) { // may come out of Java's own alone
                assertThat(bytes.length > 0 && OF_JAVA.contains(bytes[0]))
                        .as("%s: %s of %s", fuzz, e, Arrays.toString(bytes))
                        .isTrue();
            }
            assertThat(MEMORY.getCurrentThreadAllocatedBytes() - before)
                    .as("%s: %s", fuzz, Arrays.toString(bytes))
                    .isLessThan(PROPORTION);
        }
    }
}
