package io.github.procession.internal.wire;

import java.io.IOException;
import java.io.InvalidClassException;
import java.io.InvalidObjectException;
import java.io.ObjectInputFilter;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.SerializedLambda;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads what [ValueWriter] wrote. For one thread, once.
final class ValueReader {
    /*
     * Whatever the bytes are, no more is allocated than they can fill: each element of a collection takes a byte at least,
     * which no other takes, so that the counts together cannot be more than the bytes. Depth has a limit. What is made here
     * passes the filter that the JVM has for Java's serialization.
     */
    static final int DEEPEST = 256;

    private static final Object UNFINISHED = new Object();
    private static final int MOST_OF_TABLE = 1 << 30;
    private static final int FIRST_LENGTH = -(1 << 30); // what is less is no length

    private final byte[] bytes;
    private final int end;
    private final ClassNames names;
    private final Blocks blocks;
    private int at;
    private int depth;
    private int claimed;
    private Object[] known = {};
    private int count;
    private @Nullable Unpacker stream;
    private @Nullable ObjectInputFilter filter;
    private boolean filterIsKnown;

    /// @param blocks what has been read of blocks
    ValueReader(byte[] bytes, int from, int end, ClassNames names, Blocks blocks) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
        this.names = names;
        this.blocks = blocks;
    }

    @Nullable Object value() throws IOException, ClassNotFoundException {
        byte tag = int1();
        if (tag >= Tag.RECORD) {
            return composite(tag);
        }
        return switch (tag) {
            case Tag.NULL -> null;
            case Tag.TRUE -> true;
            case Tag.FALSE -> false;
            case Tag.INT -> int4();
            case Tag.LONG -> int8();
            case Tag.DOUBLE -> Double.longBitsToDouble(int8());
            case Tag.BYTE -> int1();
            case Tag.SHORT -> int2();
            case Tag.CHAR -> (char) int2();
            case Tag.FLOAT -> Float.intBitsToFloat(int4());
            case Tag.STRING -> string(text());
            case Tag.CHARS -> string(chars());
            case Tag.BYTES -> define(number(), array('B'));
            case Tag.ARRAY -> define(number(), array(int1()));
            case Tag.KNOWN -> known();
            case Tag.PART -> part();
            case Tag.ENUM -> {
                var constant = (Enum<?>) block(tag, Enum.class);
                admit(constant.getDeclaringClass(), -1);
                yield constant;
            }
            case Tag.INSTANT, Tag.DURATION, Tag.DATE, Tag.TIME, Tag.DATE_TIME -> time(tag);
            case Tag.ID -> {
                admit(UUID.class, -1);
                yield new UUID(int8(), int8());
            }
            case Tag.BIG_INTEGER -> {
                admit(BigInteger.class, -1);
                yield bigInteger();
            }
            case Tag.BIG_DECIMAL -> {
                admit(BigDecimal.class, -1);
                int scale = int4();
                yield new BigDecimal(bigInteger(), scale);
            }
            default -> throw new IOException("A value with the unknown tag %d at byte %d".formatted(tag, at - 1));
        };
    }

    // ---- without identity ------------------------------------------------------------------------------------------

    private Object time(byte tag) throws IOException {
        try {
            return switch (tag) {
                case Tag.INSTANT -> {
                    admit(Instant.class, -1);
                    yield Instant.ofEpochSecond(int8(), int4());
                }
                case Tag.DURATION -> {
                    admit(Duration.class, -1);
                    yield Duration.ofSeconds(int8(), int4());
                }
                case Tag.DATE -> {
                    admit(LocalDate.class, -1);
                    yield LocalDate.ofEpochDay(int8());
                }
                case Tag.TIME -> {
                    admit(LocalTime.class, -1);
                    yield LocalTime.ofNanoOfDay(int8());
                }
                default -> {
                    admit(LocalDateTime.class, -1);
                    yield LocalDateTime.of(LocalDate.ofEpochDay(int8()), LocalTime.ofNanoOfDay(int8()));
                }
            };
        } catch (DateTimeException | ArithmeticException e) {
            throw invalid(e);
        }
    }

    private BigInteger bigInteger() throws IOException {
        int length = length();
        if (length == 0 || length > Integer.MAX_VALUE / Byte.SIZE) {
            throw new IOException("A big integer of %d bytes".formatted(length));
        }
        at += length;
        return new BigInteger(bytes, at - length, length);
    }

    private String string(String s) {
        if (s.length() >= ValueWriter.SHORT_TEXT) {
            define(number(), s);
        }
        return s;
    }

    String text() throws IOException {
        int length = length();
        at += length;
        return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    private String chars() throws IOException {
        int length = int4();
        if (length < 0 || length > (end - at) / Character.BYTES) {
            throw new IOException("A text of %d chars where %d bytes are left".formatted(length, end - at));
        }
        char[] chars = new char[length];
        for (int i = 0; i < length; i++) {
            chars[i] = (char) int2();
        }
        return new String(chars);
    }

    // ---- classes, constants, lambdas -------------------------------------------------------------------------------

    /// What a block says, whether it comes now or has come before.
    private Object block(byte tag, Class<?> expected) throws IOException, ClassNotFoundException {
        int number = int4();
        Object said;
        if (number >= 0) {
            said = known(number);
        } else {
            said = number < FIRST_LENGTH
                    ? defined(tag, expected, number - Integer.MIN_VALUE)
                    : inline(tag, expected, -number);
            define(number(), said);
        }
        if (!expected.isInstance(said)) {
            throw new IOException("A reference to something else at byte " + at);
        }
        return said;
    }

    private Object inline(byte tag, Class<?> expected, int length) throws IOException, ClassNotFoundException {
        int start = at;
        at += 3 * Integer.BYTES;
        need(0);
        need(length);
        at += length;
        int hash = (int) Buffer.INTS.get(bytes, start);
        var said = blocks.get(bytes, start, at, hash);
        if (said == null || !expected.isInstance(said)) {
            var in = new ValueReader(bytes, start + Integer.BYTES, at, names, blocks);
            said = in.said(tag, new LoaderKey(in.int4(), in.int4()));
            blocks.put(bytes, start, at, hash, said);
        }
        return said;
    }

    private Object defined(byte tag, Class<?> expected, int number) throws IOException, ClassNotFoundException {
        var said = blocks.get(number);
        if (said == null || !expected.isInstance(said)) {
            byte[] definition = blocks.definition(number);
            said = new ValueReader(definition, 0, definition.length, names, blocks).said(tag, LoaderKey.APPLICATION);
            blocks.put(number, said);
        }
        return said;
    }

    /// What the text says that is left.
    private Object said(byte tag, LoaderKey loader) throws IOException, ClassNotFoundException {
        int text = at;
        String name = text();
        var type = names.find(loader, name);
        admit(type, -1); // before any of its code runs; who meets the block again asks again
        return switch (tag) {
            case Tag.RECORD -> {
                if (type.isRecord()
                        && Form.of(type) instanceof RecordForm form
                        && Arrays.equals(
                                form.definition().bytes(), 0, form.definition().bytes().length, bytes, text, end)) {
                    yield form;
                }
                throw new InvalidObjectException(
                        "The record %s cannot be made here: it is another class than where it comes from, or its module is not open to io.github.procession"
                                .formatted(name));
            }
            case Tag.ENUM -> constant(type, text());
            default ->
                Blocks.keep(
                        type, ByteBuffer.wrap(Arrays.copyOfRange(bytes, text, end)), new LambdaForm.Maker(type, this));
        };
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object constant(Class<?> type, String name) throws IOException {
        if (!type.isEnum()) {
            throw new InvalidObjectException(type.getName() + " is no enum here");
        }
        try {
            return Enum.valueOf((Class) type, name);
        } catch (IllegalArgumentException e) {
            throw new InvalidObjectException("The enum %s has no %s here".formatted(type.getName(), name), e);
        }
    }

    // ---- with identity ---------------------------------------------------------------------------------------------

    private int number() {
        if (count == known.length) {
            known = Arrays.copyOf(known, Math.max(8, 2 * count));
        }
        known[count] = UNFINISHED;
        return count++;
    }

    private Object define(int number, Object object) {
        known[number] = object;
        return object;
    }

    private Object known() throws IOException {
        return known(int4());
    }

    private Object known(int number) throws IOException {
        if (number < 0 || number >= count || known[number] == UNFINISHED) {
            throw new IOException("A reference to object %d of %d".formatted(number, count));
        }
        return known[number];
    }

    private Object composite(byte tag) throws IOException, ClassNotFoundException {
        if (++depth > DEEPEST) {
            throw new IOException("Values nested more than %d deep at byte %d".formatted(DEEPEST, at));
        }
        int number = number();
        Object made;
        try {
            made = make(tag, number);
        } catch (RuntimeException e) { // of keys that cannot be compared, and of the user's own equals and the like
            throw invalid(e);
        }
        depth--;
        return define(number, made);
    }

    private static InvalidObjectException invalid(RuntimeException cause) {
        return new InvalidObjectException("A value cannot be rebuilt: " + cause, cause);
    }

    private Object make(byte tag, int number) throws IOException, ClassNotFoundException {
        return switch (tag) {
            case Tag.RECORD -> {
                var form = (RecordForm) block(tag, RecordForm.class);
                admit(form.type(), -1);
                yield form.read(this);
            }
            case Tag.LAMBDA -> {
                var maker = (LambdaForm.Maker) block(tag, LambdaForm.Maker.class);
                admit(SerializedLambda.class, -1);
                admit(maker.capturing(), -1);
                yield maker.make(this);
            }
            case Tag.HANDLE -> {
                admit(HandleForm.get().type(), -1);
                int kind = int1();
                long id = int8();
                yield HandleForm.get().attach(kind, id, value());
            }
            case Tag.OPTIONAL -> {
                admit(Optional.class, -1);
                yield Optional.ofNullable(value());
            }
            case Tag.ENTRY -> {
                admit(Map.Entry.class, -1);
                yield entry();
            }
            case Tag.ARRAY_LIST -> {
                int size = size(ArrayList.class, 1);
                yield fill((ArrayList<?>) define(number, new ArrayList<@Nullable Object>(size)), size);
            }
            case Tag.LIST_OF -> List.of(nonNull(List.class));
            case Tag.LIST_OF_NULLS ->
                Stream.of(objects(new @Nullable Object[size(List.class, 1)])).toList();
            case Tag.SET_OF -> Set.of(nonNull(Set.class));
            case Tag.MAP_OF -> mapOf();
            case Tag.HASH_MAP -> {
                int size = size(HashMap.class, 2);
                yield fill((HashMap<?, ?>) define(number, new HashMap<>(table(size))), size);
            }
            case Tag.LINKED_MAP -> {
                int size = size(LinkedHashMap.class, 2);
                yield fill((LinkedHashMap<?, ?>) define(number, new LinkedHashMap<>(table(size))), size);
            }
            case Tag.TREE_MAP -> {
                int size = size(TreeMap.class, 2);
                yield fill((TreeMap<?, ?>) define(number, new TreeMap<>()), size);
            }
            case Tag.HASH_SET -> {
                int size = size(HashSet.class, 1);
                yield fill((HashSet<?>) define(number, new HashSet<>(tableOfSet(size))), size);
            }
            case Tag.LINKED_SET -> {
                int size = size(LinkedHashSet.class, 1);
                yield fill((LinkedHashSet<?>) define(number, new LinkedHashSet<>(tableOfSet(size))), size);
            }
            case Tag.TREE_SET -> {
                int size = size(TreeSet.class, 1);
                yield fill((TreeSet<?>) define(number, new TreeSet<>()), size);
            }
            case Tag.OBJECTS -> {
                var array = new @Nullable Object[size(Object[].class, 1)];
                define(number, array);
                yield objects(array);
            }
            case Tag.STRINGS -> {
                var array = new @Nullable String[size(String[].class, 1)];
                define(number, array);
                yield objects(array);
            }
            case Tag.BOOLEANS -> {
                boolean[] array = new boolean[size(boolean[].class, 1)];
                for (int i = 0; i < array.length; i++) {
                    array[i] = int1() != 0;
                }
                yield array;
            }
            default -> throw new IOException("A value with the unknown tag %d at byte %d".formatted(tag, at - 1));
        };
    }

    /// How many elements there are, each of so many values.
    private int size(Class<?> type, int values) throws IOException {
        int size = int4();
        if (size < 0 || (long) size * values > end - at || (long) claimed + (long) size * values > end) {
            throw new IOException("A collection of %d elements where %d bytes are left".formatted(size, end - at));
        }
        claimed += size * values;
        if (type.isArray()) {
            admit(type, size);
        } else {
            admit(type, -1);
            admit(values == 1 ? Object[].class : Map.Entry[].class, size); // as these classes ask themselves
        }
        return size;
    }

    /// The capacity that Java's serialization would give a map, so that the order is the same.
    private static int table(int size) {
        return Math.max(16, (int) Math.min(MOST_OF_TABLE, Math.ceil(size / 0.75)));
    }

    private static int tableOfSet(int size) {
        return (int) Math.min(size * (1 / 0.75f), MOST_OF_TABLE);
    }

    private @Nullable Object[] objects(@Nullable Object[] array) throws IOException, ClassNotFoundException {
        for (int i = 0; i < array.length; i++) {
            array[i] = value();
        }
        return array;
    }

    private Object[] nonNull(Class<?> type) throws IOException, ClassNotFoundException {
        var array = new Object[size(type, 1)];
        for (int i = 0; i < array.length; i++) {
            array[i] = Objects.requireNonNull(value());
        }
        return array;
    }

    @SuppressWarnings("unchecked")
    private Object fill(Collection<?> collection, int size) throws IOException, ClassNotFoundException {
        var filled = (Collection<@Nullable Object>) collection;
        for (int i = 0; i < size; i++) {
            filled.add(value());
        }
        return collection;
    }

    @SuppressWarnings("unchecked")
    private Object fill(Map<?, ?> map, int size) throws IOException, ClassNotFoundException {
        var filled = (Map<@Nullable Object, @Nullable Object>) map;
        for (int i = 0; i < size; i++) {
            filled.put(value(), value());
        }
        return map;
    }

    private Map.Entry<Object, Object> entry() throws IOException, ClassNotFoundException {
        return Map.entry(Objects.requireNonNull(value()), Objects.requireNonNull(value()));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private Object mapOf() throws IOException, ClassNotFoundException {
        var entries = new Map.Entry[size(Map.class, 2)];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = entry();
        }
        return Map.ofEntries(entries);
    }

    // ---- arrays of primitives --------------------------------------------------------------------------------------

    private Object array(int type) throws IOException {
        int length = length();
        var array = newArray(type, length);
        admit(array.getClass(), length);
        var elements = Objects.requireNonNull(ValueWriter.memory(array));
        int size = Math.toIntExact(elements.byteSize());
        need(size);
        MemorySegment.copy(MemorySegment.ofArray(bytes), at, elements, 0, size);
        at += size;
        return array;
    }

    static Object newArray(int type, int count) throws IOException {
        return switch (type) {
            case 'B' -> new byte[count];
            case 'S' -> new short[count];
            case 'C' -> new char[count];
            case 'I' -> new int[count];
            case 'J' -> new long[count];
            case 'F' -> new float[count];
            case 'D' -> new double[count];
            default -> throw new IOException("An array of the unknown type " + type);
        };
    }

    // ---- Java's serialization --------------------------------------------------------------------------------------

    private @Nullable Object part() throws IOException, ClassNotFoundException {
        if (end == bytes.length) {
            throw new IOException("A part of a stream that is not there, at byte " + at);
        }
        if (stream == null) {
            stream = new Unpacker(bytes, end, names);
        }
        return stream.readObject();
    }

    /// Asks the filter of the JVM, if there is one.
    ///
    /// @param length of an array, -1 for others
    private void admit(Class<?> type, long length) throws InvalidClassException {
        if (!filterIsKnown) {
            filter = SerialFilter.get();
            filterIsKnown = true;
        }
        var present = filter;
        if (present != null) {
            var status = present.checkInput(new Asked(type, length, depth, count, at));
            if (status == null || status == ObjectInputFilter.Status.REJECTED) {
                throw new InvalidClassException(type.getName(), "filter status: " + status);
            }
        }
    }

    /// What a filter is asked about.
    private record Asked(Class<?> serialClass, long arrayLength, long depth, long references, long streamBytes)
            implements ObjectInputFilter.FilterInfo {}

    // ---- bytes -----------------------------------------------------------------------------------------------------

    byte int1() throws IOException {
        need(1);
        return bytes[at++];
    }

    short int2() throws IOException {
        need(Short.BYTES);
        at += Short.BYTES;
        return (short) Buffer.SHORTS.get(bytes, at - Short.BYTES);
    }

    int int4() throws IOException {
        need(Integer.BYTES);
        at += Integer.BYTES;
        return (int) Buffer.INTS.get(bytes, at - Integer.BYTES);
    }

    long int8() throws IOException {
        need(Long.BYTES);
        at += Long.BYTES;
        return (long) Buffer.LONGS.get(bytes, at - Long.BYTES);
    }

    /// A length that what is left can hold.
    private int length() throws IOException {
        int length = int4();
        need(length);
        return length;
    }

    private void need(int count) throws IOException {
        if (count < 0 || count > end - at) {
            throw new IOException("A value of %d bytes where %d are left".formatted(count, end - at));
        }
    }
}
