package io.github.procession.internal.wire;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.SerializedLambda;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Values to bytes and back. Common types have a form of their own, everything else goes through Java serialization.
///
/// ```text
///   value:  tag:1 | body
///   NULL TRUE FALSE | INT i4 | LONG i8 | DOUBLE i8 | STRING n4 utf8 | BYTES n4 … | LIST n4 value*n | OBJECT stream… | SHELL stream…
///   ARRAY type1 n4 element*n
/// ```
///
/// Numbers are little-endian, but for elements of an ARRAY (short, char, int, long, float, double), which are as they are
/// in memory: all processes of a tree are on one machine. A LIST holds only types with a form of their own; any other list is an OBJECT as a whole,
/// so that what its elements share is written once. Every class in an OBJECT is followed by the key of its loader.
///
/// A SHELL is an OBJECT that uses variables of a JShell session (see [ShellCode]): their number, for each the class, name
/// and value, and then the object, in one stream, so that what a variable and the object share stays shared.
public final class Codec {
    private static final byte NULL = 0;
    private static final byte TRUE = 1;
    private static final byte FALSE = 2;
    private static final byte INT = 3;
    private static final byte LONG = 4;
    private static final byte DOUBLE = 5;
    private static final byte STRING = 6;
    private static final byte BYTES = 7;
    private static final byte LIST = 8;
    private static final byte OBJECT = 9;
    private static final byte SHELL = 10;
    private static final byte ARRAY = 11;

    /// The most bytes that a value can have; those who send it add a few.
    private static final int MOST = Integer.MAX_VALUE - 1024;

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    private static final ValueLayout.OfInt INT_LE = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final ClassNames names;

    /// @param names names of the class loaders of this process
    public Codec(ClassNames names) {
        this.names = names;
    }

    /// Serializes a value.
    ///
    /// @param value    what to send
    /// @param what     what it is to the user, as in "target" or "item"; begins the field path in an error
    /// @param shipment where shared objects in it are noted
    /// @throws IllegalArgumentException if a part of it cannot be serialized, with the path to that part
    public byte[] write(@Nullable Object value, String what, Shipment shipment) {
        return encode(value, what, shipment).toByteArray();
    }

    /// Serializes a value to be copied to where it is needed. Of an array of primitives nothing is copied before, so it must
    /// not change.
    ///
    /// @param value    what to send
    /// @param what     what it is to the user, as in "target" or "item"; begins the field path in an error
    /// @param shipment where shared objects in it are noted
    /// @throws IllegalArgumentException if a part of it cannot be serialized, with the path to that part; or it is too large
    public Encoded encode(@Nullable Object value, String what, Shipment shipment) {
        var array = elements(value);
        if (array != null) {
            return array(value, array, what);
        }
        var out = new Buffer(what);
        if (isPlain(value)) { // no user code to run, nothing shared in it, nothing that can fail
            putPlain(value, out);
            return new Encoded(out.toByteArray(), NOTHING);
        }
        byte[] bytes = shipment.during(() -> {
            try {
                put(value, out);
            } catch (NotSerializableException e) {
                throw new IllegalArgumentException(FieldPath.explain(what, value, e), e);
            } catch (IOException e) {
                throw new IllegalArgumentException("Cannot serialize the " + what + ": " + e, e);
            } catch (StackOverflowError e) {
                throw new IllegalArgumentException(
                        "Cannot serialize the " + what + ": its objects are nested too deeply for the stack", e);
            }
            return out.toByteArray();
        });
        return new Encoded(bytes, NOTHING);
    }

    /// The bytes of a value, in two parts.
    ///
    /// @param head the first
    /// @param body the rest
    public record Encoded(byte[] head, MemorySegment body) {
        /// How many bytes there are.
        public int size() {
            return Math.toIntExact(head.length + body.byteSize());
        }

        /// Copies them to some place.
        public void copyTo(MemorySegment place, long at) {
            MemorySegment.copy(head, 0, place, ValueLayout.JAVA_BYTE, at, head.length);
            MemorySegment.copy(body, 0, place, at + head.length, body.byteSize());
        }

        private byte[] toByteArray() {
            if (body.byteSize() == 0) {
                return head;
            }
            byte[] bytes = Arrays.copyOf(head, size());
            MemorySegment.copy(body, 0, MemorySegment.ofArray(bytes), head.length, body.byteSize());
            return bytes;
        }
    }

    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

    private static Encoded array(@Nullable Object value, MemorySegment array, String what) {
        var head = new Buffer(what);
        head.require(array.byteSize() + 6);
        putHead(value, head);
        return new Encoded(head.toByteArray(), array);
    }

    private static void putHead(@Nullable Object array, Buffer out) {
        if (array instanceof byte[] bytes) {
            out.write(BYTES);
            out.writeInt(bytes.length);
        } else {
            var type = Objects.requireNonNull(array).getClass().componentType();
            out.write(ARRAY);
            out.write(type.descriptorString().charAt(0));
            out.writeInt(Array.getLength(array));
        }
    }

    /// The elements of an array that is sent as it lies in memory.
    private static @Nullable MemorySegment elements(@Nullable Object value) {
        return switch (value) {
            case byte[] a -> MemorySegment.ofArray(a);
            case short[] a -> MemorySegment.ofArray(a);
            case char[] a -> MemorySegment.ofArray(a);
            case int[] a -> MemorySegment.ofArray(a);
            case long[] a -> MemorySegment.ofArray(a);
            case float[] a -> MemorySegment.ofArray(a);
            case double[] a -> MemorySegment.ofArray(a);
            case null, default -> null;
        };
    }

    /// Reads one value from memory. An array of primitives is copied once.
    ///
    /// @throws IOException            if the bytes are not what [#encode] made
    /// @throws ClassNotFoundException if a class cannot be had here
    public @Nullable Object read(MemorySegment source) throws IOException, ClassNotFoundException {
        byte tag = source.get(ValueLayout.JAVA_BYTE, 0);
        if (tag != ARRAY && tag != BYTES) {
            return read(source.toArray(ValueLayout.JAVA_BYTE));
        }
        int head = tag == ARRAY ? 6 : 5;
        int count = source.get(INT_LE, head - Integer.BYTES);
        var array = newArray(tag == ARRAY ? source.get(ValueLayout.JAVA_BYTE, 1) : 'B', count);
        var elements = Objects.requireNonNull(elements(array));
        MemorySegment.copy(source, head, elements, 0, elements.byteSize());
        return array;
    }

    /// An array of these bytes. Nothing is copied before, so they must not change.
    ///
    /// @throws IllegalArgumentException if they are too many
    public static Encoded encodeBytes(MemorySegment bytes) {
        if (bytes.byteSize() > MOST) {
            throw new IllegalArgumentException(
                    "%d bytes are too many for one message: it has %d at the most".formatted(bytes.byteSize(), MOST));
        }
        var head = new Buffer("message");
        head.write(BYTES);
        head.writeInt((int) bytes.byteSize());
        return new Encoded(head.toByteArray(), bytes);
    }

    /// The bytes in a serialized value, if it is an array of bytes; not a copy.
    public static @Nullable MemorySegment bytes(MemorySegment source) {
        boolean is = source.byteSize() >= 1 + Integer.BYTES && source.get(ValueLayout.JAVA_BYTE, 0) == BYTES;
        return is ? source.asSlice(1 + Integer.BYTES) : null;
    }

    private static Object newArray(int type, int count) throws IOException {
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

    /// Reads one value.
    ///
    /// @throws IOException            if the bytes are not what [#write] wrote
    /// @throws ClassNotFoundException if a class cannot be had here
    public @Nullable Object read(byte[] bytes) throws IOException, ClassNotFoundException {
        return read(bytes, 0);
    }

    /// Reads one value that begins at an index.
    public @Nullable Object read(byte[] bytes, int from) throws IOException, ClassNotFoundException {
        var reader = new Reader(bytes, from);
        boolean plain = from < bytes.length && bytes[from] != OBJECT; // only an object can hold handles
        return plain ? reader.value() : Arrivals.allOrNothing(reader::value);
    }

    private void put(@Nullable Object value, Buffer out) throws IOException {
        if (isPlain(value)) {
            putPlain(value, out);
        } else if (value instanceof ArrayList<?> list && list.getClass() == ArrayList.class && isPlain(list)) {
            out.write(LIST);
            out.writeInt(list.size());
            for (var element : list) {
                var array = elements(element);
                if (array == null) {
                    putPlain(element, out);
                } else {
                    putHead(element, out);
                    out.write(array);
                }
            }
        } else {
            putObject(value, out);
        }
    }

    private void putObject(@Nullable Object value, Buffer out) throws IOException {
        int start = out.size();
        out.write(OBJECT);
        Set<Field> used;
        try (var stream = new Packer(out)) {
            stream.writeObject(value);
            used = stream.shellVariables();
        }
        if (!used.isEmpty()) {
            out.cutTo(start);
            putShell(value, used, out);
        }
    }

    /// What is read first comes first: a variable comes before the value, and before the variables, whose making uses it.
    private void putShell(@Nullable Object value, Set<Field> used, Buffer out) throws IOException {
        var variables = new LinkedHashMap<Field, @Nullable Object>();
        for (var variable : used) {
            collect(variable, new HashSet<>(), variables);
        }
        out.write(SHELL);
        try (var stream = new Packer(out)) {
            stream.writeInt(variables.size());
            for (var variable : variables.entrySet()) {
                stream.writeObject(variable.getKey().getDeclaringClass());
                stream.writeUTF(variable.getKey().getName());
                stream.writeObject(variable.getValue());
            }
            stream.writeObject(value);
        }
    }

    private void collect(Field variable, Set<Field> begun, Map<Field, @Nullable Object> variables) throws IOException {
        if (!begun.add(variable) || variables.containsKey(variable)) {
            return;
        }
        Object value;
        try {
            variable.setAccessible(true);
            value = variable.get(null);
        } catch (IllegalAccessException e) {
            throw new IOException("the shell's variable " + variable.getName() + " cannot be read", e);
        }
        try (var stream = new Packer(new Buffer("shell variable"))) {
            stream.writeObject(value);
            for (var next : stream.shellVariables()) {
                collect(next, begun, variables);
            }
        } catch (NotSerializableException e) {
            throw new IllegalArgumentException(
                    FieldPath.explain("shell variable " + variable.getName(), value, e)
                            + "\n  why:  what is sent uses this variable of the shell, so that its value must go along",
                    e);
        }
        variables.put(variable, value);
    }

    private static void putPlain(@Nullable Object value, Buffer out) {
        switch (value) {
            case null -> out.write(NULL);
            case Boolean b -> out.write(b ? TRUE : FALSE);
            case Integer i -> {
                out.write(INT);
                out.writeInt(i);
            }
            case Long l -> {
                out.write(LONG);
                out.writeLong(l);
            }
            case Double d -> {
                out.write(DOUBLE);
                out.writeLong(Double.doubleToRawLongBits(d));
            }
            case String s -> {
                out.write(STRING);
                out.writeBytes(s.getBytes(StandardCharsets.UTF_8));
            }
            default -> throw new IllegalArgumentException(value.getClass().getName());
        }
    }

    /// Whether all elements have a form of their own, and none that can change is in the list twice.
    private static boolean isPlain(List<?> list) {
        Set<Object> arrays = Set.of();
        for (var element : list) {
            if (elements(element) != null) {
                arrays = arrays.isEmpty() ? Collections.newSetFromMap(new IdentityHashMap<>()) : arrays;
                if (!arrays.add(element)) {
                    return false;
                }
            } else if (!isPlain(element)) {
                return false;
            }
        }
        return true;
    }

    /// Whether a value other than an array has a form of its own.
    private static boolean isPlain(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case Boolean _, Integer _, Long _, Double _ -> true;
            case String s -> encodable(s);
            default -> false;
        };
    }

    /// A lone surrogate has no UTF-8 form; Java serialization carries it.
    private static boolean encodable(String s) {
        return !s.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    /// A growing byte array with little-endian numbers.
    private static final class Buffer extends ByteArrayOutputStream {
        private static final int PART = 8 << 10;

        private final String what;
        private final byte[] scratch = new byte[Long.BYTES];

        /// @param what what it is to the user, for an error
        Buffer(String what) {
            this.what = what;
        }

        void require(long more) {
            if (more > MOST - count) {
                throw new IllegalArgumentException(
                        "Cannot serialize the %s: it takes %,d bytes, and %,d (2 GiB) is the most. Send it in parts, or put large data into a shared array, which has no such limit and is not copied."
                                .formatted(what, count + more, MOST));
            }
        }

        @Override
        public synchronized void write(byte[] bytes, int from, int length) {
            require(length);
            super.write(bytes, from, length);
        }

        void write(MemorySegment source) {
            require(source.byteSize());
            byte[] part = new byte[(int) Math.min(PART, source.byteSize())];
            for (long at = 0; at < source.byteSize(); at += PART) {
                int length = (int) Math.min(PART, source.byteSize() - at);
                MemorySegment.copy(source, ValueLayout.JAVA_BYTE, at, part, 0, length);
                write(part, 0, length);
            }
        }

        /// Forgets what was written after that.
        void cutTo(int size) {
            count = size;
        }

        void writeInt(int value) {
            INTS.set(scratch, 0, value);
            write(scratch, 0, Integer.BYTES);
        }

        void writeLong(long value) {
            LONGS.set(scratch, 0, value);
            write(scratch, 0, Long.BYTES);
        }

        @Override
        public void writeBytes(byte[] bytes) {
            writeInt(bytes.length);
            write(bytes, 0, bytes.length);
        }
    }

    private final class Reader {
        private final byte[] bytes;
        private int at;

        Reader(byte[] bytes, int from) {
            this.bytes = bytes;
            this.at = from;
        }

        @Nullable Object value() throws IOException, ClassNotFoundException {
            need(1);
            byte tag = bytes[at++];
            return switch (tag) {
                case NULL -> null;
                case TRUE -> true;
                case FALSE -> false;
                case INT -> integer();
                case LONG -> number();
                case DOUBLE -> Double.longBitsToDouble(number());
                case STRING -> {
                    int length = length();
                    at += length;
                    yield new String(bytes, at - length, length, StandardCharsets.UTF_8);
                }
                case BYTES -> {
                    int length = length();
                    at += length;
                    yield Arrays.copyOfRange(bytes, at - length, at);
                }
                case ARRAY -> array();
                case LIST -> list();
                case OBJECT -> {
                    try (var stream = new Unpacker(bytes, at)) {
                        yield stream.readObject();
                    }
                }
                case SHELL -> shell();
                default -> throw new IOException("A value with the unknown tag %d at byte %d".formatted(tag, at - 1));
            };
        }

        private Object array() throws IOException {
            need(1);
            var array = newArray(bytes[at++], length());
            var elements = Objects.requireNonNull(elements(array));
            int size = Math.toIntExact(elements.byteSize());
            need(size);
            MemorySegment.copy(MemorySegment.ofArray(bytes), at, elements, 0, size);
            at += size;
            return array;
        }

        private @Nullable Object shell() throws IOException, ClassNotFoundException {
            try (var stream = new Unpacker(bytes, at)) {
                for (int n = stream.readInt(); n > 0; n--) {
                    var snippet = (Class<?>) stream.readObject();
                    String name = stream.readUTF();
                    var value = stream.readObject();
                    if (names.isCopy(snippet)) { // else the variable is this process's own, and as it is here
                        assign(snippet, name, value);
                    }
                }
                return stream.readObject();
            }
        }

        private void assign(Class<?> snippet, String name, @Nullable Object value) throws IOException {
            try {
                var variable = snippet.getDeclaredField(name);
                variable.setAccessible(true);
                variable.set(null, value);
            } catch (ReflectiveOperationException | LinkageError e) {
                throw new IOException("The shell's variable " + name + " cannot be set here", e);
            }
        }

        private List<@Nullable Object> list() throws IOException, ClassNotFoundException {
            int count = length();
            var list = new ArrayList<@Nullable Object>(count);
            for (int i = 0; i < count; i++) {
                need(1);
                if (bytes[at] == LIST || bytes[at] == OBJECT || bytes[at] == SHELL) {
                    throw new IOException("A list of plain values with the tag %d at byte %d".formatted(bytes[at], at));
                }
                list.add(value());
            }
            return list;
        }

        private int integer() throws IOException {
            need(Integer.BYTES);
            at += Integer.BYTES;
            return (int) INTS.get(bytes, at - Integer.BYTES);
        }

        private long number() throws IOException {
            need(Long.BYTES);
            at += Long.BYTES;
            return (long) LONGS.get(bytes, at - Long.BYTES);
        }

        /// A length that what is left can hold.
        private int length() throws IOException {
            int length = integer();
            need(length);
            return length;
        }

        private void need(int count) throws IOException {
            if (count < 0 || count > bytes.length - at) {
                throw new IOException("A value of %d bytes where %d are left".formatted(count, bytes.length - at));
            }
        }
    }

    private final class Packer extends ObjectOutputStream {
        private final List<SerializedLambda> lambdas = new ArrayList<>();
        private final Set<Class<?>> shellTypes = new LinkedHashSet<>();

        Packer(OutputStream out) throws IOException {
            super(out);
            enableReplaceObject(true);
        }

        /// The variables of a shell that what has been written uses.
        Set<Field> shellVariables() throws IOException {
            return shellTypes.isEmpty() ? Set.of() : ShellCode.variables(lambdas, shellTypes);
        }

        @Override
        protected @Nullable Object replaceObject(@Nullable Object object) throws IOException {
            if (object instanceof SerializedLambda lambda) {
                lambdas.add(lambda);
            }
            return object != null && CompactSource.isObject(object) ? CompactSource.of(object) : object;
        }

        @Override
        protected void annotateClass(Class<?> type) throws IOException {
            if (ShellCode.made(type)) {
                shellTypes.add(type);
            }
            var key = names.keyOf(type);
            writeInt(key.slot());
            writeInt(key.number());
        }

        @Override
        protected void annotateProxyClass(Class<?> type) throws IOException {
            annotateClass(type);
        }
    }

    /// Reads an object. A filter of the JVM (`jdk.serialFilter`) applies as always; besides, nothing is allocated for elements
    /// that cannot be there: each takes a byte at least, and tables of maps are up to four times as long as what is in them.
    private final class Unpacker extends ObjectInputStream {
        private static final long LEAST_ARRAY = 1024;
        private static final long ROOMY = 4;

        Unpacker(byte[] bytes, int from) throws IOException {
            super(new ByteArrayInputStream(bytes, from, bytes.length - from));
            long left = (long) bytes.length - from;
            setObjectInputFilter(info -> info.arrayLength() > Math.max(LEAST_ARRAY, ROOMY * left)
                    ? ObjectInputFilter.Status.REJECTED
                    : ObjectInputFilter.Status.UNDECIDED);
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            var key = new LoaderKey(readInt(), readInt());
            var primitive = primitive(description.getName());
            return primitive != null ? primitive : names.find(key, description.getName());
        }

        @Override
        protected Class<?> resolveProxyClass(String[] interfaces) throws IOException, ClassNotFoundException {
            var key = new LoaderKey(readInt(), readInt());
            var types = new Class<?>[interfaces.length];
            for (int i = 0; i < types.length; i++) {
                types[i] = names.find(key, interfaces[i]);
            }
            return java.lang.reflect.Proxy.newProxyInstance(loaderOfAll(types, names.loader(key)), types, new Nobody())
                    .getClass();
        }

        /// A loader that knows all these classes: the proxy's own, or, where the classes were found elsewhere, one of theirs.
        private static ClassLoader loaderOfAll(Class<?>[] types, ClassLoader own) {
            return Stream.concat(
                            Stream.of(own),
                            Stream.of(types).map(Class::getClassLoader).filter(Objects::nonNull))
                    .filter(loader -> Stream.of(types).allMatch(type -> isKnown(type, loader)))
                    .findFirst()
                    .orElse(own);
        }

        private static boolean isKnown(Class<?> type, @Nullable ClassLoader loader) {
            try {
                return Class.forName(type.getName(), false, loader) == type;
            } catch (ClassNotFoundException e) {
                return false;
            }
        }
    }

    private static @Nullable Class<?> primitive(String name) {
        return switch (name) {
            case "boolean" -> boolean.class;
            case "byte" -> byte.class;
            case "short" -> short.class;
            case "char" -> char.class;
            case "int" -> int.class;
            case "long" -> long.class;
            case "float" -> float.class;
            case "double" -> double.class;
            case "void" -> void.class;
            default -> null;
        };
    }

    /// Stands in for the handler of a proxy whose class alone is wanted.
    private static final class Nobody implements java.lang.reflect.InvocationHandler {
        @Override
        public @Nullable Object invoke(Object proxy, java.lang.reflect.Method method, Object @Nullable [] arguments) {
            throw new UnsupportedOperationException(method.toString());
        }
    }
}
