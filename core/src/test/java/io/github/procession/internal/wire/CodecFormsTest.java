package io.github.procession.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.InvalidObjectException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.ref.WeakReference;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The codec's own forms give what Java's serialization gives.
class CodecFormsTest {
    private final Codec codec = new Codec(new ClassesHere());

    private Object roundTrip(Object value) throws Exception {
        return codec.read(codec.write(value, "value", new Shipment()));
    }

    private static Object javaRoundTrip(Object value) throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
        }
        try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return in.readObject();
        }
    }

    private byte tag(Object value) {
        return codec.write(value, "value", new Shipment())[0];
    }

    record Point(int x, int y) implements Serializable {}

    record All(byte b, short s, char c, int i, long l, float f, double d, boolean z, Object o, List<Object> more)
            implements Serializable {}

    enum Colour {
        RED,
        GREEN {
            @Override
            int light() {
                return 7;
            }
        };

        int light() {
            return 1;
        }
    }

    /// Has no form of its own.
    static class Plain implements Serializable {
        Object held;

        Plain(Object held) {
            this.held = held;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Plain plain && String.valueOf(held).equals(String.valueOf(plain.held));
        }

        @Override
        public int hashCode() {
            return held instanceof Integer i ? i : 1; // objects of one hash have no order that would last
        }

        @Override
        public String toString() {
            return "Plain " + held;
        }
    }

    // ---- values ----------------------------------------------------------------------------------------------------

    private static Object leaf(Random random) {
        return switch (random.nextInt(26)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> (byte) random.nextInt();
            case 3 -> (short) random.nextInt();
            case 4 -> (char) random.nextInt();
            case 5 -> random.nextInt();
            case 6 -> random.nextLong();
            case 7 -> random.nextFloat();
            case 8 -> random.nextDouble();
            case 9 -> "?".repeat(random.nextInt(100));
            case 10 -> "naïve \uD83D\uDE00 " + random.nextInt();
            case 11 -> random.nextInt() + " lone \uD800";
            case 12 -> Colour.values()[random.nextInt(2)];
            case 13 -> new Point(random.nextInt(), random.nextInt());
            case 14 -> Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
            case 15 -> Duration.ofSeconds(random.nextInt(), random.nextInt(1_000_000_000));
            case 16 -> LocalDate.ofEpochDay(random.nextInt(100_000));
            case 17 -> LocalTime.ofNanoOfDay(random.nextLong(86_400_000_000_000L));
            case 18 ->
                LocalDateTime.of(
                        LocalDate.ofEpochDay(random.nextInt(1000)), LocalTime.ofSecondOfDay(random.nextInt(1000)));
            case 19 -> new UUID(random.nextLong(), random.nextLong());
            case 20 -> new BigInteger(random.nextInt(200), random).negate();
            case 21 -> new BigDecimal(new BigInteger(random.nextInt(200), random), random.nextInt(50) - 25);
            case 22 -> new Plain(random.nextInt());
            case 23 -> Integer.class;
            case 24 -> new AbstractMap.SimpleEntry<>("k", random.nextInt());
            default -> "x".repeat(random.nextInt(200));
        };
    }

    private static Object key(Random random) {
        Object leaf = leaf(random);
        return leaf == null ? "null" : leaf;
    }

    private static Object value(Random random, int depth) {
        if (depth == 0 || random.nextInt(4) == 0) {
            return leaf(random);
        }
        int size = random.nextInt(random.nextInt(8) == 0 ? 60 : 6);
        var some = new ArrayList<Object>();
        for (int i = 0; i < size; i++) {
            some.add(value(random, depth - 1));
        }
        if (size > 1 && random.nextInt(3) == 0) {
            some.set(0, some.get(size - 1)); // shared
        }
        var keys = new LinkedHashSet<Object>();
        for (int i = 0; i < size; i++) {
            keys.add(key(random));
        }
        var map = new LinkedHashMap<Object, Object>();
        keys.forEach(key -> map.put(key, value(random, depth - 1)));
        var texts = new ArrayList<String>();
        some.forEach(each -> texts.add(String.valueOf(each)));
        return switch (random.nextInt(23)) {
            case 0 -> some;
            case 1 -> List.of(keys.toArray());
            case 2 -> some.stream().toList();
            case 3 -> map;
            case 4 -> new HashMap<>(map);
            case 5 -> new TreeMap<>(Map.of(random.nextInt(), some, random.nextInt(), map));
            case 6 -> keys;
            case 7 -> new HashSet<>(keys);
            case 8 -> new TreeSet<>(texts);
            case 9 -> Set.copyOf(keys);
            case 10 -> Map.of("one", some, random.nextInt(), keys);
            case 11 -> some.toArray();
            case 12 -> texts.toArray(String[]::new);
            case 13 -> new boolean[size];
            case 14 -> new int[size];
            case 15 -> new All((byte) 1, (short) -2, 'c', 4, 5L, 6f, 7d, true, map, some);
            case 16 -> new Plain(some);
            case 17 -> Collections.unmodifiableList(some);
            case 18 -> new TreeMap<>(Comparator.reverseOrder());
            case 19 -> List.of(some);
            case 20 -> new CopyOnWriteArrayList<>(some);
            case 21 -> new byte[size];
            default -> new Point[] {new Point(size, size)};
        };
    }

    /// What a value is, with all classes and in the order in which it comes; of what has no order, in some.
    private static void describe(Object value, StringBuilder out, int depth) {
        if (value == null || depth > 50) {
            out.append("null;");
            return;
        }
        out.append(value.getClass().getName()).append(' ');
        switch (value) {
            case Object[] array -> Arrays.asList(array).forEach(each -> describe(each, out, depth + 1));
            case Collection<?> some ->
                out.append(inOrder(some.stream().map(each -> description(each, depth + 1)), value));
            case Map<?, ?> map ->
                out.append(inOrder(
                        map.entrySet().stream()
                                .map(each -> description(each.getKey(), depth + 1)
                                        + description(each.getValue(), depth + 1)),
                        value));
            case boolean[] array -> out.append(Arrays.toString(array));
            case byte[] array -> out.append(Arrays.toString(array));
            case int[] array -> out.append(Arrays.toString(array));
            case All all -> {
                out.append(List.of(all.b, all.s, all.c, all.i, all.l, all.f, all.d, all.z));
                describe(all.o, out, depth + 1);
                describe(all.more, out, depth + 1);
            }
            case Plain plain -> describe(plain.held, out, depth + 1);
            default -> out.append(value);
        }
        out.append(';');
    }

    /// The order of `Set.of` and `Map.of` is another in each process.
    private static String inOrder(Stream<String> parts, Object of) {
        boolean hasNone = of.getClass().getName().contains("ImmutableCollections") && !(of instanceof List);
        return (hasNone ? parts.sorted() : parts).toList().toString();
    }

    private static String description(Object value) {
        return description(value, 0);
    }

    private static String description(Object value, int depth) {
        var out = new StringBuilder();
        describe(value, out, depth);
        return out.toString().replace('\uD800', '!').replaceAll("[^ -~]", ".");
    }

    @Test
    void whatComesOutIsWhatJavaWouldGive() throws Exception {
        long seed = System.nanoTime();
        System.out.println("whatComesOutIsWhatJavaWouldGive: seed " + seed);
        var random = new Random(seed);
        for (int round = 0; round < 3_000; round++) {
            var value = value(random, 3);
            assertThat(description(roundTrip(value)))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(description(javaRoundTrip(value)));
        }
    }

    @Test
    void everyCommonTypeHasAFormOfItsOwn() throws Exception {
        for (var value : List.of(
                (byte) 1,
                (short) 2,
                'c',
                1.5f,
                Colour.RED,
                Colour.GREEN,
                new Point(1, 2),
                Instant.EPOCH,
                Duration.ZERO,
                LocalDate.EPOCH,
                LocalTime.NOON,
                LocalDateTime.MIN,
                UUID.randomUUID(),
                BigInteger.TEN,
                BigDecimal.ONE,
                Optional.empty(),
                Optional.of("x"),
                Map.entry(1, 2),
                new ArrayList<>(),
                List.of(),
                List.of(1),
                List.of(1, 2, 3),
                Stream.of(1, 2).toList(),
                Set.of(1),
                Set.of(1, 2, 3),
                Map.of(1, 2),
                Map.of(1, 2, 3, 4),
                new HashMap<>(Map.of(1, 2)),
                new LinkedHashMap<>(Map.of(1, 2)),
                new TreeMap<>(Map.of(1, 2)),
                new HashSet<>(Set.of(1)),
                new LinkedHashSet<>(Set.of(1)),
                new TreeSet<>(Set.of(1)),
                "lone \uD800")) {
            assertThat(tag(value)).as("%s", value).isGreaterThan(Tag.ARRAY);
            assertThat(roundTrip(value)).isEqualTo(value).hasSameClassAs(value);
        }
        assertThat((boolean[]) roundTrip(new boolean[] {true, false})).containsExactly(true, false);
        assertThat((Object[]) roundTrip(new Object[] {1, null})).containsExactly(1, null);
        assertThat((String[]) roundTrip(new String[] {"a", null})).containsExactly("a", null);
        assertThat(roundTrip(Colour.GREEN)).isSameAs(Colour.GREEN);
    }

    @Test
    void orderOfAccessAndComparatorsAreKept() throws Exception {
        var map = new LinkedHashMap<Object, Object>(16, 0.75f, true);
        map.put(1, 1);
        map.put(2, 2);
        @SuppressWarnings("unchecked")
        var back = (LinkedHashMap<Object, Object>) roundTrip(map);
        back.get(1);
        assertThat(back.keySet()).containsExactly(2, 1);
        var reverse = new TreeSet<>(Comparator.<String>reverseOrder());
        reverse.addAll(List.of("a", "b"));
        assertThat((Collection<?>) roundTrip(reverse)).hasToString("[b, a]");
    }

    @Test
    void optionalsAndEntriesTravelInEverything() throws Exception {
        var plain = (Plain) roundTrip(new Plain(List.of(Optional.of(1), Map.entry("a", "b"), Optional.empty())));
        assertThat(plain.held).isEqualTo(List.of(Optional.of(1), Map.entry("a", "b"), Optional.empty()));
        assertThatThrownBy(() -> roundTrip(new Plain(Optional.of(new Object()))))
                .hasMessageContaining("value → Plain.held → what is in it (java.lang.Object)");
    }

    // ---- identity --------------------------------------------------------------------------------------------------

    @Test
    void oneObjectStaysOne() throws Exception {
        var list = new ArrayList<Object>();
        var point = new Point(1, 2);
        int[] array = {1};
        var plain = new Plain(null);
        var text = "x".repeat(1000);
        var whole = new Object[] {
            list, list, point, List.of(point), array, new HashMap<>(Map.of(1, array)), plain, plain, text, text
        };
        assertThat(codec.write(whole, "value", new Shipment())).hasSizeLessThan(2000);
        var back = (Object[]) roundTrip(whole);
        assertThat(back[0]).isSameAs(back[1]);
        assertThat(back[2]).isSameAs(((List<?>) back[3]).getFirst());
        assertThat(back[4]).isSameAs(((Map<?, ?>) back[5]).get(1));
        assertThat(back[6]).isSameAs(back[7]);
        assertThat(back[8]).isSameAs(back[9]);
    }

    @Test
    void oneObjectStaysOneBetweenOwnFormsAndJavas() throws Exception {
        var list = new ArrayList<Object>(List.of(1));
        for (var whole : List.of(new Object[] {list, new Plain(list)}, new Object[] {new Plain(list), list})) {
            var back = (Object[]) roundTrip(whole);
            Object first = back[0] instanceof Plain plain ? plain.held : back[0];
            Object second = back[1] instanceof Plain plain ? plain.held : back[1];
            assertThat(first).isSameAs(second).isEqualTo(list);
        }
        assertThat(tag(new Object[] {new Plain(list), list})).isEqualTo(Tag.MIXED);
        assertThat(tag(new Object[] {list, new Plain(list)})).isEqualTo(Tag.OBJECT);
    }

    @Test
    void cyclesStayCycles() throws Exception {
        var list = new ArrayList<Object>();
        list.add(list);
        var back = (List<?>) roundTrip(list);
        assertThat(back.getFirst() == back).isTrue();

        var inRecord = new ArrayList<Object>();
        var record = new All((byte) 0, (short) 0, 'c', 0, 0, 0, 0, false, null, inRecord);
        inRecord.add(record);
        back = (List<?>) roundTrip(inRecord);
        assertThat(((All) back.getFirst()).more() == back).isTrue();
        assertThat(description(roundTrip(record)).length())
                .isEqualTo(description(javaRoundTrip(record)).length());

        var throughPlain = new ArrayList<Object>();
        throughPlain.add(new Plain(throughPlain));
        back = (List<?>) roundTrip(throughPlain);
        assertThat(((Plain) back.getFirst()).held == back).isTrue();

        var map = new HashMap<String, Object>();
        map.put("me", List.of(map));
        var inner = (Map<?, ?>) ((List<?>) ((Map<?, ?>) roundTrip(map)).get("me")).getFirst();
        assertThat(inner.get("me")).isInstanceOf(List.class);
    }

    @Test
    void nestingIsWrittenAsJavaDoesWhenItIsDeep() throws Exception {
        var list = new ArrayList<Object>();
        for (int i = 0; i < 300; i++) {
            list = new ArrayList<>(Collections.singletonList(list));
        }
        assertThat(tag(list)).isEqualTo(Tag.OBJECT);
        assertThat(description(roundTrip(list))).isEqualTo(description(list));
        Object tree = "leaf";
        for (int i = 0; i < 100; i++) {
            tree = List.of(tree, tree); // 2^100 leaves
        }
        assertThat(codec.write(tree, "value", new Shipment())).hasSizeLessThan(3000);
        assertThat(roundTrip(tree)).isInstanceOf(List.class);
    }

    @Test
    void whatIsTooDeepForTheReadersStackIsAnException() throws Exception {
        Object deep = new Plain(null);
        for (int i = 0; i < 5_000; i++) {
            deep = new Plain(deep);
        }
        var held = deep;
        var bytes = new byte[1][];
        var failure = new Throwable[1];
        inThread(1L << 30, () -> bytes[0] = codec.write(held, "value", new Shipment()));
        inThread(1L << 18, () -> {
            try {
                codec.read(bytes[0]);
            } catch (Throwable e) {
                failure[0] = e;
            }
        });
        assertThat(failure[0]).isInstanceOf(IOException.class).hasMessageContaining("nested too deeply");
    }

    private static void inThread(long stack, Runnable run) throws InterruptedException {
        var thread = new Thread(null, run, "with a stack of its own", stack);
        thread.start();
        thread.join();
    }

    // ---- records ---------------------------------------------------------------------------------------------------

    record Careful(int n) implements Serializable {
        static int least;

        Careful {
            if (n < least) {
                throw new IllegalArgumentException(n + " is too small");
            }
        }
    }

    record Replaced(String name) implements Serializable {
        private Object readResolve() {
            return new Replaced(name + " resolved");
        }
    }

    record Shouting(String name) implements Serializable {
        @Override
        public String name() {
            return name.toUpperCase(java.util.Locale.ROOT);
        }
    }

    @Test
    void recordsAreMadeAsJavaMakesThem() throws Exception {
        byte[] bytes = codec.write(new Careful(1), "value", new Shipment());
        Careful.least = 5;
        try {
            assertThatThrownBy(() -> codec.read(bytes))
                    .isInstanceOf(InvalidObjectException.class)
                    .hasMessage("1 is too small")
                    .hasCauseInstanceOf(IllegalArgumentException.class);
        } finally {
            Careful.least = 0;
        }
        assertThat(roundTrip(new Replaced("it"))).isEqualTo(new Replaced("it resolved"));
        assertThat(((Shouting) roundTrip(new Shouting("quiet"))).toString()).contains("quiet");
        record Local(Object o) {}
        assertThatThrownBy(() -> roundTrip(List.of(new Local(1)))).hasMessageContaining("value → [0]");
    }

    @TempDir
    static Path folder;

    private static Path compiled(String name, String... files) throws IOException {
        var root = Files.createDirectories(folder.resolve(name));
        var arguments = new ArrayList<>(List.of("-d", root.toString()));
        for (int i = 0; i < files.length; i += 2) {
            var file = root.resolve(files[i]);
            Files.createDirectories(file.getParent());
            arguments.add(Files.writeString(file, files[i + 1]).toString());
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
        return root;
    }

    private static final String CLOSED = """
            package closed;
            public record Secret(int n, Object o) implements java.io.Serializable {
                public interface Task extends java.util.function.Supplier<Object>, java.io.Serializable {}
                public static Object lambda(int n) { return (Task) () -> n; }
            }
            """;

    @Test
    void recordsAndLambdasOfAClosedModuleTravel() throws Exception {
        var path = compiled(
                "module", "module-info.java", "module closed { exports closed; }", "closed/Secret.java", CLOSED);
        var boot = ModuleLayer.boot();
        var layer = boot.defineModulesWithOneLoader(
                Configuration.resolve(
                        ModuleFinder.of(path), List.of(boot.configuration()), ModuleFinder.of(), List.of("closed")),
                getClass().getClassLoader());
        var type = layer.findLoader("closed").loadClass("closed.Secret");
        var there = new Codec(new In(type.getClassLoader()));
        Object secret = type.getConstructor(int.class, Object.class).newInstance(3, "x");
        Object lambda = type.getMethod("lambda", int.class).invoke(null, 5);
        byte[] bytes = there.write(new ArrayList<>(List.of(secret, lambda)), "value", new Shipment());
        assertThat(bytes[0]).isEqualTo(Tag.MIXED);
        var back = (List<?>) there.read(bytes);
        assertThat(back.getFirst()).isEqualTo(secret);
        assertThat(((Supplier<?>) back.getLast()).get()).isEqualTo(5);
    }

    private static class In implements ClassNames {
        private final ClassLoader loader;

        In(ClassLoader loader) {
            this.loader = loader;
        }

        @Override
        public LoaderKey keyOf(Class<?> type) {
            return new LoaderKey(3, 4);
        }

        @Override
        public Class<?> find(LoaderKey key, String name) throws ClassNotFoundException {
            return Class.forName(name, false, loader);
        }

        @Override
        public ClassLoader loader(LoaderKey key) {
            return loader;
        }

        @Override
        public boolean isCopy(Class<?> type) {
            return false;
        }
    }

    @Test
    void aRecordThatIsAnotherThereIsRefused() throws Exception {
        String source = "package p; public record R(int COMPONENT) implements java.io.Serializable {}";
        var one = compiled("one", "p/R.java", source.replace("COMPONENT", "a"));
        var two = compiled("two", "p/R.java", source.replace("COMPONENT", "b"));
        try (var here = new URLClassLoader(new URL[] {one.toUri().toURL()});
                var there = new URLClassLoader(new URL[] {two.toUri().toURL()})) {
            Object value = here.loadClass("p.R").getConstructor(int.class).newInstance(1);
            byte[] bytes = new Codec(new In(here)).write(value, "value", new Shipment());
            assertThat(new Codec(new In(here)).read(bytes)).isEqualTo(value);
            assertThatThrownBy(() -> new Codec(new In(there)).read(bytes))
                    .isInstanceOf(InvalidObjectException.class)
                    .hasMessageContaining("The record p.R cannot be made here: it is another class");
            assertThatThrownBy(() -> codec.read(bytes)).isInstanceOf(ClassNotFoundException.class);
        }
    }

    // ---- lambdas ---------------------------------------------------------------------------------------------------

    interface Task extends Supplier<Object>, Serializable {}

    @Test
    void lambdasCaptureWhateverTravels() throws Exception {
        int n = 5;
        char c = 'c';
        double d = 1.5;
        String text = "text";
        Object nothing = null;
        var list = new ArrayList<Object>();
        var point = new Point(3, 4);
        var plain = new Plain("p");
        Task task = () -> n + " " + c + d + text + nothing + list + point + plain;
        assertThat(((Task) roundTrip(task)).get()).isEqualTo(task.get());
        assertThat(tag(task)).isEqualTo(Tag.MIXED);
        Task nested = () -> (Task) () -> point;
        assertThat(tag(nested)).isEqualTo(Tag.LAMBDA);
        assertThat(((Task) ((Task) roundTrip(nested)).get()).get()).isEqualTo(point);
        Task reference = point::x;
        Task constructor = ArrayList::new;
        assertThat(((Task) roundTrip(reference)).get()).isEqualTo(3);
        assertThat(((Task) roundTrip(constructor)).get()).isEqualTo(List.of());
        var both = (Object[]) roundTrip(new Object[] {(Task) () -> list.add(1), (Task) () -> list.size()});
        ((Task) both[0]).get();
        assertThat(((Task) both[1]).get()).isEqualTo(1); // what they capture is one list
    }

    @Test
    void aLambdaInWhatItCapturesTravels() throws Exception {
        var holder = new ArrayList<Object>();
        Task task = () -> holder.size();
        holder.add(task);
        assertThat(tag(task)).isEqualTo(Tag.OBJECT);
        assertThat(((List<?>) roundTrip(holder))).hasSize(1);
    }

    @Test
    void whatIsCapturedAndCannotTravelIsNamed() {
        var culprit = new Object();
        Task task = culprit::toString;
        assertThatThrownBy(() -> roundTrip(new ArrayList<>(List.of(1, task))))
                .hasMessageContaining("java.lang.Object is not Serializable")
                .hasMessageContaining("[1]");
        assertThatThrownBy(() -> roundTrip(List.of((Supplier<Object>) () -> culprit)))
                .hasMessageContaining("A lambda is serializable when its type is");
    }

    @Test
    void loadersAreNotKept() throws Exception {
        var path = compiled("loader", "closed/Secret.java", CLOSED);
        var gone = readFromLoader(new Switching(), path);
        for (int i = 0; i < 100 && gone.get() != null; i++) {
            System.gc();
            Thread.onSpinWait();
        }
        assertThat(gone.get()).isNull();
    }

    /// A codec that outlives a loader.
    private static final class Switching extends In {
        private ClassLoader present;
        private final Codec codec = new Codec(this);

        Switching() {
            super(CodecFormsTest.class.getClassLoader());
        }

        @Override
        public Class<?> find(LoaderKey key, String name) throws ClassNotFoundException {
            return Class.forName(name, false, present);
        }
    }

    private final List<Switching> codecs = new ArrayList<>();

    private WeakReference<ClassLoader> readFromLoader(Switching names, Path path) throws Exception {
        codecs.add(names);
        try (var loader = new URLClassLoader(new URL[] {path.toUri().toURL()})) {
            names.present = loader;
            var type = loader.loadClass("closed.Secret");
            Object secret = type.getConstructor(int.class, Object.class).newInstance(3, "x");
            Object lambda = type.getMethod("lambda", int.class).invoke(null, 5);
            byte[] bytes = names.codec.write(List.of(secret, lambda), "value", new Shipment());
            assertThat(bytes[0]).isEqualTo(Tag.LIST_OF);
            for (int i = 0; i < 3; i++) {
                var back = (List<?>) names.codec.read(bytes);
                assertThat(back.getFirst().getClass() == type).isTrue(); // its own equals would keep it softly
                assertThat(((Supplier<?>) back.getLast()).get()).isEqualTo(5);
            }
            names.present = null;
            return new WeakReference<>(loader);
        }
    }

    // ---- the filter of the JVM -------------------------------------------------------------------------------------

    @Test
    void theFilterOfTheJvmIsAskedAboutOwnForms() throws Exception {
        var command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djdk.serialFilter=!io.github.procession.internal.wire.CodecFormsTest$Point;!java.util.TreeMap;maxarray=5",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Filtered.class.getName());
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        assertThat(out.lines()).containsExactly("accepted", "refused", "refused", "refused", "refused", "accepted");
    }

    /// The program of that test.
    static final class Filtered {
        public static void main(String[] arguments) throws Exception {
            if (ObjectInputFilter.Config.getSerialFilter() == null) {
                throw new IllegalStateException("no filter");
            }
            var codec = new Codec(new ClassesHere());
            for (var value : List.of(
                    List.of(1, Colour.RED),
                    List.of(new Point(1, 2)),
                    new TreeMap<>(Map.of(1, 1)),
                    new ArrayList<>(List.of(1, 2, 3, 4, 5, 6)),
                    new Plain(new Point(1, 2)),
                    (Task) () -> 1)) {
                byte[] bytes = codec.write(value, "value", new Shipment());
                try {
                    codec.read(bytes);
                    System.out.println("accepted");
                } catch (InvalidClassException e) {
                    System.out.println("refused");
                }
            }
        }
    }

    // ---- bytes from nowhere ----------------------------------------------------------------------------------------

    @Test
    void brokenBytesOfOwnFormsAreAnException() {
        long seed = System.nanoTime();
        System.out.println("brokenBytesOfOwnFormsAreAnException: seed " + seed);
        var random = new Random(seed);
        int n = 7;
        for (int round = 0; round < 20_000; round++) {
            Object value = random.nextInt(5) == 0 ? (Task) () -> n : value(random, 3);
            byte[] bytes = codec.write(value, "value", new Shipment());
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                int at = random.nextInt(bytes.length);
                bytes[at] = random.nextBoolean() ? (byte) random.nextInt(48) : (byte) random.nextInt();
            }
            bytes = random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
            boolean own = bytes.length == 0 || bytes[0] != Tag.OBJECT && bytes[0] != Tag.SHELL && bytes[0] != Tag.MIXED;
            try {
                codec.read(bytes);
            } catch (IOException | ClassNotFoundException e) {
                // refused
            } catch (RuntimeException | LinkageError | InternalError e) { // of Java's own deserialization
                assertThat(own)
                        .as("seed %d, round %d: %s, %s", seed, round, value, e)
                        .isFalse();
            }
        }
    }

    @Test
    void countsTogetherCannotBeMoreThanTheBytes() {
        int size = 1_000_000;
        byte[] bytes = new byte[size];
        for (int i = 0; i < 200; i++) { // each list says that it has as many elements as there are bytes left
            bytes[5 * i] = Tag.OBJECTS;
            Buffer.INTS.set(bytes, 5 * i + 1, size - 5 * i - 5);
        }
        assertThatThrownBy(() -> codec.read(bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("elements where");
    }
}
