package io.github.procession.internal.wire;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Values to bytes and back. Common types have a form of their own, everything else goes through Java serialization.
///
/// ```text
///   value:  tag:1 | body
///   NULL TRUE FALSE | INT i4 | LONG i8 | DOUBLE i8 | STRING n4 utf8 | BYTES n4 … | LIST n4 value*n | OBJECT stream…
/// ```
///
/// Numbers are little-endian. A LIST holds only types with a form of their own; any other list is an OBJECT as a whole,
/// so that what its elements share is written once. Every class in an OBJECT is followed by the key of its loader.
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

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

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
        if (isPlain(value)) { // no user code to run, nothing shared in it, nothing that can fail
            var out = new Buffer();
            putPlain(value, out);
            return out.toByteArray();
        }
        return shipment.during(() -> {
            var out = new Buffer();
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
        return new Reader(bytes, from).value();
    }

    private void put(@Nullable Object value, Buffer out) throws IOException {
        if (isPlain(value)) {
            putPlain(value, out);
        } else if (value instanceof ArrayList<?> list
                && list.getClass() == ArrayList.class
                && list.stream().allMatch(Codec::isPlain)) {
            out.write(LIST);
            out.writeInt(list.size());
            for (var element : list) {
                putPlain(element, out);
            }
        } else {
            out.write(OBJECT);
            try (var stream = new Packer(out)) {
                stream.writeObject(value);
            }
        }
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
            case byte[] b -> {
                out.write(BYTES);
                out.writeBytes(b);
            }
            default -> throw new IllegalArgumentException(value.getClass().getName());
        }
    }

    /// Whether a value has a form of its own.
    private static boolean isPlain(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case Boolean _, Integer _, Long _, Double _ -> true;
            case String s -> encodable(s);
            case byte[] _ -> true;
            default -> false;
        };
    }

    /// A lone surrogate has no UTF-8 form; Java serialization carries it.
    private static boolean encodable(String s) {
        return !s.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    /// A growing byte array with little-endian numbers.
    private static final class Buffer extends ByteArrayOutputStream {
        private final byte[] scratch = new byte[Long.BYTES];

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
                case LIST -> list();
                case OBJECT -> {
                    try (var stream = new Unpacker(new ByteArrayInputStream(bytes, at, bytes.length - at))) {
                        yield stream.readObject();
                    }
                }
                default -> throw new IOException("A value with the unknown tag %d at byte %d".formatted(tag, at - 1));
            };
        }

        private List<@Nullable Object> list() throws IOException, ClassNotFoundException {
            int count = length();
            var list = new ArrayList<@Nullable Object>(count);
            for (int i = 0; i < count; i++) {
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
        Packer(OutputStream out) throws IOException {
            super(out);
        }

        @Override
        protected void annotateClass(Class<?> type) throws IOException {
            var key = names.keyOf(type);
            writeInt(key.slot());
            writeInt(key.number());
        }

        @Override
        protected void annotateProxyClass(Class<?> type) throws IOException {
            annotateClass(type);
        }
    }

    private final class Unpacker extends ObjectInputStream {
        Unpacker(InputStream in) throws IOException {
            super(in);
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
            var loader = types.length == 0 ? Codec.class.getClassLoader() : types[0].getClassLoader();
            return java.lang.reflect.Proxy.newProxyInstance(loader, types, new Nobody())
                    .getClass();
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
