package io.github.procession.internal.wire;

import java.io.IOException;
import java.io.NotSerializableException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Values to bytes and back. Common types have a form of their own, everything else goes through Java serialization. What
/// comes out is what Java serialization would give: the same classes, and one object where there was one. Besides, an
/// `Optional` and a `Map.entry` travel. Safe for use by any thread.
///
/// ```text
///   message:  value | OBJECT stream… | SHELL stream… | MIXED n4 value stream?…
///
///   value:    NULL TRUE FALSE | BYTE i1 | SHORT CHAR i2 | INT FLOAT i4 | LONG DOUBLE i8 | STRING n4 utf8 | CHARS n4 i2*n
///             INSTANT DURATION i8 i4 | DATE day8 | TIME nanos8 | DATE_TIME day8 nanos8 | ID i8 i8
///             BIG_INTEGER n4 … | BIG_DECIMAL scale4 n4 …
///             ENUM block | PART | KNOWN number4, and with an identity:
///             BYTES n4 … | ARRAY type1 n4 element*n | BOOLEANS n4 i1*n
///             RECORD block component*n | LAMBDA block value*n | OPTIONAL value | ENTRY value value
///             ARRAY_LIST LIST_OF LIST_OF_NULLS SET_OF HASH_SET LINKED_SET TREE_SET OBJECTS STRINGS n4 value*n
///             MAP_OF HASH_MAP LINKED_MAP TREE_MAP n4 (value value)*n | HANDLE kind1 id8 value
///
///   block:    number4 | -n4 hash4 loader8 byte*n | MIN + definition4
///   byte*n:   ENUM class name | RECORD class (name descriptor)* | LAMBDA what a SerializedLambda says; text as n4 utf8
/// ```
///
/// Numbers are little-endian, but for elements of an ARRAY (short, char, int, long, float, double), which are as they are
/// in memory: all processes of a tree are on one machine. A component of a record that is a primitive has no tag.
///
/// Objects with an identity, strings from 64 chars on, and blocks are numbered as they begin, and written once; KNOWN and a
/// positive number at a block are references. What has been said often has a number in the tree's [Dictionary], which then
/// stands there, counted from the least int, if its class is of the application's loader. A PART is the next object in the stream of Java serialization behind the value
/// of a MIXED; all parts are in one stream, so that what they share stays shared. An object that parts share with the rest
/// would become two, so that the value is an OBJECT as a whole then; also if values are nested more than 256 deep.
/// (What Java's serialization replaces when it writes it, like `List.of`, lambdas, `Optional` and shared objects, has no
/// identity to keep between the two.) A message with handles is MIXED, even if there is no stream. Every class in a stream is followed by the key of its loader, as it stands in a block.
///
/// A record has a form if it is `Serializable`, replaces nothing, and its module is open to this one; a lambda likewise. The
/// blocks that have been read are remembered with their classes, so that a class is found and looked into once.
///
/// A SHELL is an OBJECT that uses variables of a JShell session (see [ShellCode]): their number, for each the class, name
/// and value, and then the object, in one stream, so that what a variable and the object share stays shared.
///
/// Hostile bytes are an exception and no worse: counts are compared with what is left, depth has a limit, and the filter of
/// the JVM (`jdk.serialFilter`) is asked about all that has a class, but for boxed primitives and strings.
public final class Codec {
    /// Made when needed: the first use of such takes a JVM milliseconds, and a child begins by reading bytes of its heap.
    private static final class Memory {
        static final ValueLayout.OfInt INT_LE = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);
    }

    private final ClassNames names;
    private final Dictionary dictionary;
    private final Blocks blocks;

    /// @param names      names of the class loaders of this process
    /// @param dictionary what all processes know that exchange values
    public Codec(ClassNames names, Dictionary dictionary) {
        this.names = names;
        this.dictionary = dictionary;
        this.blocks = new Blocks(dictionary);
    }

    /// One that repeats what a class is in each message.
    ///
    /// @param names names of the class loaders of this process
    public Codec(ClassNames names) {
        this(names, Dictionary.EMPTY);
    }

    /// Names of the classes in which the lambdas are written that this process has sent, or the latest of them: who gets
    /// another lambda of theirs will need them.
    public static List<String> homesOfLambdas() {
        return LambdaForm.homes();
    }

    /// Serializes a value.
    ///
    /// @param value    what to send
    /// @param what     what it is to the user, as in "target" or "item"; begins the field path in an error
    /// @param shipment where shared objects in it are noted
    /// @throws IllegalArgumentException if a part of it cannot be serialized, with the path to that part
    public byte[] write(@Nullable Object value, String what, Shipment shipment) {
        return ValueWriter.memory(value) == null
                ? bytes(value, what, shipment)
                : encode(value, what, shipment).toByteArray();
    }

    /// Serializes a value to be copied to where it is needed. Of an array of primitives nothing is copied before, so it must
    /// not change.
    ///
    /// @param value    what to send
    /// @param what     what it is to the user, as in "target" or "item"; begins the field path in an error
    /// @param shipment where shared objects in it are noted
    /// @throws IllegalArgumentException if a part of it cannot be serialized, with the path to that part; or it is too large
    public Encoded encode(@Nullable Object value, String what, Shipment shipment) {
        var array = ValueWriter.memory(value);
        if (array != null) {
            var head = new Buffer(what);
            head.require(array.byteSize() + 6);
            ValueWriter.head(Objects.requireNonNull(value), head);
            return new Encoded(head.toByteArray(), array);
        }
        return new Encoded(bytes(value, what, shipment), Memory.NOTHING);
    }

    private byte[] bytes(@Nullable Object value, String what, Shipment shipment) {
        try {
            byte[] own = own(value, what, shipment);
            if (own != null) {
                return own;
            }
            var out = new Buffer(what);
            shipment.during(() -> whole(value, out));
            return out.toByteArray();
        } catch (NotSerializableException e) {
            throw new IllegalArgumentException(FieldPath.explain(what, value, e), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("Cannot serialize the " + what + ": " + e, e);
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException(
                    "Cannot serialize the " + what + ": its objects are nested too deeply for the stack", e);
        }
    }

    /// A value in its own form; null if it must be an object as a whole.
    private byte @Nullable [] own(@Nullable Object value, String what, Shipment shipment) throws IOException {
        if (value != null && Form.of(value.getClass()).isForeign()) {
            return null;
        }
        var writer = new ValueWriter(names, dictionary, what, shipment);
        writer.value(value);
        return writer.finish();
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

    /// Reads one value from memory. An array of primitives is copied once.
    ///
    /// @throws IOException            if the bytes are not what [#encode] made
    /// @throws ClassNotFoundException if a class cannot be had here
    public @Nullable Object read(MemorySegment source) throws IOException, ClassNotFoundException {
        var array = readArray(source);
        return array != null ? array : read(source.toArray(ValueLayout.JAVA_BYTE));
    }

    private static @Nullable Object readArray(MemorySegment source) {
        var array = arrayFor(source);
        if (array != null) {
            fill(array, source);
        }
        return array;
    }

    /// Room for the array of primitives that a serialized value is, for [#fill]; null if it is any other value, or if the JVM
    /// has a filter, which is asked when the value is read as any other. Nothing is believed of bytes that may change
    /// meanwhile: an array that is longer or shorter than they are is none.
    public static @Nullable Object arrayFor(MemorySegment source) {
        byte tag = source.byteSize() < 1 ? 0 : source.get(ValueLayout.JAVA_BYTE, 0);
        int head = tag == Tag.ARRAY ? 6 : 5;
        if ((tag != Tag.ARRAY && tag != Tag.BYTES) || source.byteSize() < head) {
            return null;
        }
        byte type = tag == Tag.ARRAY ? source.get(ValueLayout.JAVA_BYTE, 1) : (byte) 'B';
        long count = source.get(Memory.INT_LE, head - Integer.BYTES);
        int width = switch (type) {
            case 'B' -> Byte.BYTES;
            case 'S', 'C' -> Short.BYTES;
            case 'I', 'F' -> Integer.BYTES;
            case 'J', 'D' -> Long.BYTES;
            default -> 0;
        };
        if (width == 0 || count * width != source.byteSize() - head || SerialFilter.get() != null) {
            return null;
        }
        try {
            return ValueReader.newArray(type, (int) count);
        } catch (IOException e) {
            throw new AssertionError("the type is known", e);
        }
    }

    /// Copies the elements of a serialized array into what [#arrayFor] has made for it.
    public static void fill(Object array, MemorySegment source) {
        var elements = Objects.requireNonNull(ValueWriter.memory(array));
        MemorySegment.copy(source, source.byteSize() - elements.byteSize(), elements, 0, elements.byteSize());
    }

    /// An array of these bytes. Nothing is copied before, so they must not change.
    ///
    /// @throws IllegalArgumentException if they are too many
    public static Encoded encodeBytes(MemorySegment bytes) {
        if (bytes.byteSize() > Buffer.MOST) {
            throw new IllegalArgumentException("%d bytes are too many for one message: it has %d at the most"
                    .formatted(bytes.byteSize(), Buffer.MOST));
        }
        var head = new Buffer("message");
        head.write(Tag.BYTES);
        head.writeInt((int) bytes.byteSize());
        return new Encoded(head.toByteArray(), bytes);
    }

    /// The bytes in a serialized value, if it is an array of bytes; not a copy.
    public static @Nullable MemorySegment bytes(MemorySegment source) {
        boolean is = source.byteSize() >= 1 + Integer.BYTES && source.get(ValueLayout.JAVA_BYTE, 0) == Tag.BYTES;
        return is ? source.asSlice(1 + Integer.BYTES) : null;
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
        if (from >= bytes.length) {
            throw new IOException("A value of no bytes");
        }
        try {
            return switch (bytes[from]) { // of all messages only these can hold handles
                case Tag.OBJECT -> Arrivals.allOrNothing(() -> object(bytes, from + 1));
                case Tag.SHELL -> Arrivals.allOrNothing(() -> shell(bytes, from + 1));
                case Tag.MIXED -> Arrivals.allOrNothing(() -> mixed(bytes, from + 1));
                default -> new ValueReader(bytes, from, bytes.length, names, blocks).value();
            };
        } catch (StackOverflowError e) {
            throw new IOException("A value whose objects are nested too deeply for the stack", e);
        }
    }

    private @Nullable Object object(byte[] bytes, int from) throws IOException, ClassNotFoundException {
        try (var stream = new Unpacker(bytes, from, names)) {
            return stream.readObject();
        }
    }

    private @Nullable Object mixed(byte[] bytes, int from) throws IOException, ClassNotFoundException {
        int start = from + Integer.BYTES;
        int length = start > bytes.length ? -1 : (int) Buffer.INTS.get(bytes, from);
        if (length < 0 || length > bytes.length - start) {
            throw new IOException("A value of %d bytes where %d are left".formatted(length, bytes.length - start));
        }
        return new ValueReader(bytes, start, start + length, names, blocks).value();
    }

    // ---- Java's serialization, and what a shell needs

    private void whole(@Nullable Object value, Buffer out) throws IOException {
        out.write(Tag.OBJECT);
        Set<Field> used;
        try (var stream = new Packer(out, names)) {
            stream.writeObject(value);
            used = stream.shellVariables();
        }
        if (!used.isEmpty()) {
            out.clear();
            putShell(value, used, out);
        }
    }

    /// What is read first comes first: a variable comes before the value, and before the variables, whose making uses it.
    private void putShell(@Nullable Object value, Set<Field> used, Buffer out) throws IOException {
        var variables = new LinkedHashMap<Field, @Nullable Object>();
        for (var variable : used) {
            collect(variable, new HashSet<>(), variables);
        }
        out.write(Tag.SHELL);
        try (var stream = new Packer(out, names)) {
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
        try (var stream = new Packer(new Buffer("shell variable"), names)) {
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

    private @Nullable Object shell(byte[] bytes, int from) throws IOException, ClassNotFoundException {
        try (var stream = new Unpacker(bytes, from, names)) {
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
}
