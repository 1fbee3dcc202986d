package io.github.procession.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.Arena;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class CodecTest {
    private final Codec codec = new Codec(new ClassesHere());

    record Point(int x, int y) implements Serializable {}

    enum Colour {
        RED,
        GREEN
    }

    private Object roundTrip(Object value) throws Exception {
        return codec.read(codec.write(value, "value", new Shipment()));
    }

    @Test
    void valuesComeBackEqual() throws Exception {
        for (Object value : Arrays.asList(
                null,
                true,
                false,
                0,
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                -0.0,
                Double.NaN,
                "",
                "naïve \uD83D\uDE00",
                "lone surrogate \uD800 stays",
                'c',
                (byte) 3,
                1.5f,
                new Point(1, 2),
                Colour.GREEN,
                int.class,
                String[].class,
                Instant.EPOCH,
                Map.of("a", List.of(1, 2)),
                List.of(1, "two"))) {
            assertThat(roundTrip(value)).isEqualTo(value);
        }
        assertThat((byte[]) roundTrip(new byte[] {1, 2, 3})).containsExactly(1, 2, 3);
        assertThat((int[]) roundTrip(new int[] {1, 2, 3})).containsExactly(1, 2, 3);
    }

    @Test
    void listsComeBackWithWhatTheyShare() throws Exception {
        var plain = new ArrayList<Object>(Arrays.asList(1, null, "x", 2L, new byte[0].length));
        assertThat(roundTrip(plain)).isEqualTo(plain);
        var shared = new ArrayList<Object>();
        var point = new ArrayList<>(List.of(new Point(3, 4)));
        shared.add(point);
        shared.add(point);
        var back = (List<?>) roundTrip(shared);
        assertThat(back.get(0)).isSameAs(back.get(1)).isEqualTo(point);
    }

    @Test
    void proxiesAndLambdasTravel() throws Exception {
        var proxy = Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Runnable.class, Comparable.class}, new Answering(7));
        assertThat(((Comparable<?>) roundTrip(proxy)).compareTo(null)).isEqualTo(7);
        int captured = 5;
        var lambda = (Supplier<Integer> & Serializable) () -> captured + 1;
        assertThat(((Supplier<?>) roundTrip(lambda)).get()).isEqualTo(6);
    }

    record Answering(int answer) implements InvocationHandler, Serializable {
        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) {
            return answer;
        }
    }

    static final class Holder implements Serializable {
        final Map<String, Object> inner;

        Holder(Object culprit) {
            inner = Map.of("key", culprit);
        }
    }

    @Test
    void whatCannotBeSentIsNamedWithItsPathAndTheFix() {
        Object culprit = new Object();
        assertThatThrownBy(() -> roundTrip(new ArrayList<>(List.of(new Holder(culprit)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("""
                        Cannot send the value to another process: java.lang.Object is not Serializable.
                          path: value → [0] → Holder.inner → [key] (java.lang.Object)
                          fix:  mark the field transient, or do not capture it and create it in the other process instead""");
    }

    @Test
    void aCapturedThisIsExplained() {
        assertThatThrownBy(() -> roundTrip((Supplier<Object> & Serializable) this::hashCode))
                .hasMessageContaining("this, captured by the lambda")
                .hasMessageContaining("copy the field to a local variable");
        assertThatThrownBy(() -> roundTrip((Runnable) () -> {}))
                .hasMessageContaining(
                        "write it where a Serializable… type of io.github.procession.function is expected");
    }

    private final class Inner implements Serializable {
        int depth() {
            return codec.hashCode();
        }
    }

    @Test
    void theObjectAroundAnInnerOneIsExplained() {
        assertThatThrownBy(() -> roundTrip(new Inner()))
                .hasMessageContaining("value → Inner.the object around it (this$0) (" + CodecTest.class.getName() + ")")
                .hasMessageEndingWith(
                        "An inner or anonymous class holds the object around it: make it static, or a lambda");
    }

    @Test
    void nestingTooDeepIsAClearError() {
        var list = new ArrayList<Object>();
        for (int i = 0; i < 100_000; i++) {
            var outer = new ArrayList<Object>();
            outer.add(list);
            list = outer;
        }
        var deep = list;
        assertThatThrownBy(() -> codec.write(deep, "item", new Shipment()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nested too deeply");
    }

    @Test
    void brokenBytesAreAnExceptionAndNothingWorse() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        byte[] good = codec.write(
                new ArrayList<Object>(Arrays.asList(1, "two", 3.0, new byte[100], null)), "value", new Shipment());
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
            for (int flips = random.nextInt(4); flips > 0 && bad.length > 0; flips--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            try {
                codec.read(bad);
            } catch (IOException | ClassNotFoundException expected) {
                // the only things that may come out
            } catch (Exception e) {
                throw new AssertionError("seed " + seed + ", round " + i, e);
            }
        }
    }

    @Test
    void aFailureThatCannotBeSentIsDescribed() throws Exception {
        class Stubborn extends RuntimeException {
            final Object secret = new Object();

            Stubborn() {
                super("no", new IOException("disk"));
            }
        }
        var outcome = Outcomes.read(codec, Outcomes.threw(codec, new Stubborn(), "there"));
        assertThat(outcome).isInstanceOfSatisfying(Outcome.ThrewForeign.class, foreign -> {
            assertThat(foreign.where()).isEqualTo("there");
            assertThat(foreign.description().className()).endsWith("Stubborn");
            assertThat(foreign.description().message()).isEqualTo("no");
            assertThat(foreign.description().trace()).contains("Stubborn: no", "Caused by: java.io.IOException: disk");
            assertThat(foreign.description().causes()).hasSize(1);
        });
    }

    @Test
    void aFailureThatCanBeSentComesBackAsItself() throws Exception {
        var thrown = new IllegalStateException("yes");
        var outcome = Outcomes.read(codec, Outcomes.threw(codec, thrown, "there"));
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Threw.class, threw -> {
            assertThat(threw.failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("yes");
            assertThat(threw.failure().getStackTrace()).isEqualTo(thrown.getStackTrace());
        });
    }

    @Test
    void arraysAreSentAsTheyLieInMemory() throws Exception {
        for (Object array : List.of(
                new byte[] {1, -1},
                new short[] {Short.MIN_VALUE, 2},
                new char[] {'ß', '\uD800'},
                new int[] {Integer.MIN_VALUE, 3},
                new long[] {Long.MIN_VALUE, 4},
                new float[] {Float.NaN, -0.0f},
                new double[] {Double.NaN, -0.0},
                new int[0],
                new long[100_000])) {
            assertThat(roundTrip(array)).isEqualTo(array);
            Object[] all = {array, "between", array.getClass()}; // an object as a whole
            Object[] plain = {"before", array, 1};
            for (var list : List.of(all, plain)) {
                var back = (List<?>) roundTrip(new ArrayList<>(Arrays.asList(list)));
                assertThat(Arrays.deepEquals(back.toArray(), list)).isTrue();
            }
            var encoded = codec.encode(array, "value", new Shipment());
            var memory = Arena.ofAuto().allocate(encoded.size() + 3L);
            encoded.copyTo(memory, 3);
            assertThat(codec.read(memory.asSlice(3))).isEqualTo(array);
        }
        assertThat(codec.write(new int[1000], "value", new Shipment())).hasSize(4006);
    }

    @Test
    void anArrayThatIsTwiceInAListIsOne() throws Exception {
        int[] array = {1};
        var list = (List<?>) roundTrip(new ArrayList<>(List.of(array, array)));
        assertThat(list.get(0)).isSameAs(list.get(1));
    }

    @Test
    void arraysCutShortAreRefused() {
        byte[] whole = codec.write(new long[] {1, 2}, "value", new Shipment());
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> codec.read(cut)).isInstanceOf(IOException.class);
        }
        whole[1] = 'X';
        assertThatThrownBy(() -> codec.read(whole))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("unknown type");
    }

    // ---- bytes from nowhere ----------------------------------------------------------------------------------------

    private final List<Object> samples = List.of(
            "text",
            new byte[300],
            new long[50],
            List.of(1, "two", 3.0),
            new ArrayList<>(List.of(1, "two", new int[] {3})),
            Map.of("a", 1, "b", 2),
            new Point(1, 2),
            Colour.GREEN,
            Instant.EPOCH,
            new ArrayList<>(List.of(new Point(3, 4), Map.of(1, 2))));

    /// Whatever the bytes are, there is a value or an exception: no crash, no hang, no allocation out of proportion.
    @Test
    void hostileBytesDoNoHarm() {
        long seed = System.nanoTime();
        System.out.println("hostileBytesDoNoHarm: seed " + seed);
        var random = new Random(seed);
        for (int round = 0; round < 60_000; round++) {
            byte[] bytes;
            if (round % 4 == 0) {
                bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
                if (bytes.length > 0 && random.nextBoolean()) {
                    bytes[0] = (byte) random.nextInt(48);
                }
            } else {
                bytes = codec.write(samples.get(random.nextInt(samples.size())), "value", new Shipment());
                for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
                if (random.nextInt(4) == 0) {
                    bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
                }
            }
            try {
                codec.read(bytes);
            } catch (IOException | ClassNotFoundException | RuntimeException | LinkageError | InternalError e) {
                if (!(e instanceof IOException || e instanceof ClassNotFoundException)) { // Java's own deserialization
                    assertThat(Arrays.stream(e.getStackTrace()).limit(1)) // none at all when it is thrown often
                            .noneMatch(frame -> frame.getClassName().contains("procession"));
                }
            }
        }
    }

    @Test
    void nestedListsAndLargeCountsAreRefusedBeforeTheyCost() {
        byte[] nested = new byte[100_000];
        for (int i = 0; i + 5 < nested.length; i += 5) {
            nested[i] = Tag.ARRAY_LIST;
            nested[i + 1] = 1; // of one
        }
        assertThatThrownBy(() -> codec.read(nested))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nested");
        byte[] list = {Tag.ARRAY_LIST, -1, -1, -1, 127};
        assertThatThrownBy(() -> codec.read(list)).isInstanceOf(IOException.class);
        byte[] array = {Tag.ARRAY, 'J', -1, -1, -1, 127};
        assertThatThrownBy(() -> codec.read(array)).isInstanceOf(IOException.class);
        byte[] object = codec.write(new Object[] {1, new Object[] {2}}, "value", new Shipment());
        for (int i = 0; i + 3 < object.length; i++) { // each place where a length may be
            byte[] changed = object.clone();
            changed[i] = 127;
            changed[i + 1] = -1;
            changed[i + 2] = -1;
            changed[i + 3] = -1;
            try {
                codec.read(changed);
            } catch (IOException | ClassNotFoundException | RuntimeException e) {
                // refused
            }
        }
    }

    @Test
    void tablesOfMapsAreNotTakenForHostile() throws Exception {
        var map = new java.util.HashMap<Integer, Boolean>();
        for (int i = 0; i < 100_000; i++) {
            map.put(i, true);
        }
        assertThat(roundTrip(map)).isEqualTo(map);
        var queue = new java.util.PriorityQueue<>(List.of(3, 1, 2));
        assertThat(((java.util.PriorityQueue<?>) roundTrip(queue)).size()).isEqualTo(3);
        assertThat(((Object[]) roundTrip(new Object[5000])).length).isEqualTo(5000);
    }
}
