package io.github.procession.internal.wire;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Writes one value in forms of its own, as [Codec] draws them; what has none, by Java's serialization behind it. For one
/// thread, once.
final class ValueWriter {
    /*
     * Objects with an identity have numbers, and are referred to when they are met again. What Java's serialization writes
     * has an identity of its own there. So an object that is met on both sides would become two: the writer gives up then,
     * and the value is written by Java's serialization as a whole. It also gives up when objects are nested deeply, since
     * the reader has a limit; and when an object that cannot change is in itself, since it cannot be read before it is made.
     */
    /// Strings of so many chars are written once.
    static final int SHORT_TEXT = 64;

    private final Buffer out;
    private final ClassNames names;
    private final Dictionary dictionary;
    private final String what;
    private final Shipment shipment;
    private @Nullable Numbers numbers; // made when the first is needed; most values have none
    private @Nullable Object[] path = new @Nullable Object[8]; // around what is being written
    private @Nullable Packer packer;
    private @Nullable Buffer rest;
    private int depth;
    private boolean givenUp;
    private boolean hasHandles;

    ValueWriter(ClassNames names, Dictionary dictionary, String what, Shipment shipment) {
        this.out = new Buffer(what);
        this.names = names;
        this.dictionary = dictionary;
        this.what = what;
        this.shipment = shipment;
    }

    /// Where the numbers in a record go.
    Buffer bytes() {
        return out;
    }

    /// All that was written; null if Java's serialization must write the value as a whole.
    byte @Nullable [] finish() throws IOException {
        if (givenUp) {
            return null;
        }
        if (packer == null && !hasHandles) {
            return out.toByteArray();
        }
        if (packer != null) {
            packer.flush();
            if (packer.hasMetOthers() || packer.hasMetShell()) {
                return null;
            }
        }
        int more = rest == null ? 0 : rest.size();
        var whole = new Buffer(what);
        whole.require(1L + Integer.BYTES + out.size() + more);
        whole.write(Tag.MIXED);
        whole.writeText(out.toByteArray());
        if (rest != null) {
            whole.write(rest.toByteArray());
        }
        return whole.toByteArray();
    }

    void value(@Nullable Object value) throws IOException {
        if (value == null) {
            out.write(Tag.NULL);
        } else if (value instanceof Integer i) {
            out.write(Tag.INT);
            out.writeInt(i);
        } else if (value instanceof String s) {
            string(s);
        } else if (!givenUp) {
            var form = Form.of(value.getClass());
            if (Form.hasIdentity(form.tag())) {
                identified(value, form);
            } else {
                plain(value, form);
            }
        }
    }

    // ---- without identity ------------------------------------------------------------------------------------------

    private void plain(Object value, Form form) throws IOException {
        byte tag = form.tag();
        switch (tag) {
            case Tag.TRUE -> out.write((Boolean) value ? Tag.TRUE : Tag.FALSE);
            case Tag.LONG -> number(tag, (Long) value);
            case Tag.DOUBLE -> number(tag, Double.doubleToRawLongBits((Double) value));
            case Tag.BYTE -> {
                out.write(tag);
                out.write((Byte) value);
            }
            case Tag.SHORT -> {
                out.write(tag);
                out.writeShort((Short) value);
            }
            case Tag.CHAR -> {
                out.write(tag);
                out.writeShort((Character) value);
            }
            case Tag.FLOAT -> {
                out.write(tag);
                out.writeInt(Float.floatToRawIntBits((Float) value));
            }
            case Tag.INSTANT -> {
                var instant = (Instant) value;
                seconds(tag, instant.getEpochSecond(), instant.getNano());
            }
            case Tag.DURATION -> {
                var duration = (Duration) value;
                seconds(tag, duration.toSeconds(), duration.toNanosPart());
            }
            case Tag.DATE -> number(tag, ((LocalDate) value).toEpochDay());
            case Tag.TIME -> number(tag, ((LocalTime) value).toNanoOfDay());
            case Tag.DATE_TIME -> {
                number(tag, ((LocalDateTime) value).toLocalDate().toEpochDay());
                out.writeLong(((LocalDateTime) value).toLocalTime().toNanoOfDay());
            }
            case Tag.ID -> {
                number(tag, ((UUID) value).getMostSignificantBits());
                out.writeLong(((UUID) value).getLeastSignificantBits());
            }
            case Tag.BIG_INTEGER -> {
                out.write(tag);
                out.writeText(((BigInteger) value).toByteArray());
            }
            case Tag.BIG_DECIMAL -> {
                out.write(tag);
                out.writeInt(((BigDecimal) value).scale());
                out.writeText(((BigDecimal) value).unscaledValue().toByteArray());
            }
            case Tag.ENUM -> {
                var constant = (EnumForm) form;
                out.write(tag);
                block(value, constant.type(), constant.definition((Enum<?>) value));
            }
            default -> part(value);
        }
    }

    private void number(byte tag, long number) {
        out.write(tag);
        out.writeLong(number);
    }

    private void seconds(byte tag, long seconds, int nanos) {
        number(tag, seconds);
        out.writeInt(nanos);
    }

    private void string(String s) {
        if (s.length() < SHORT_TEXT || isNew(s)) {
            byte[] text = s.getBytes(StandardCharsets.UTF_8);
            if (text.length == s.length() && isPlainAscii(text) || isEncodable(s)) {
                out.write(Tag.STRING);
                out.writeText(text);
            } else {
                out.write(Tag.CHARS);
                out.writeInt(s.length());
                for (int i = 0; i < s.length(); i++) {
                    out.writeShort(s.charAt(i));
                }
            }
        }
    }

    /// Whether text of one byte for each char was encoded as it is: for a lone surrogate there is a question mark.
    private static boolean isPlainAscii(byte[] text) {
        for (byte b : text) {
            if (b == '?') {
                return false;
            }
        }
        return true;
    }

    /// A lone surrogate has no UTF-8 form.
    private static boolean isEncodable(String s) {
        for (int i = 0; i < s.length(); i++) {
            if (Character.isSurrogate(s.charAt(i))) {
                return s.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
            }
        }
        return true;
    }

    /// What a class, a constant or a lambda is, if that has not been said.
    ///
    /// @param key  what it is known by in this message
    /// @param type whose loader goes along
    private void block(Object key, Class<?> type, Definition definition) {
        int number = numbers().find(key);
        if (number >= 0) {
            out.writeInt(number);
        } else {
            numbers().add(key);
            var loader = names.keyOf(type);
            int known = loader.equals(LoaderKey.APPLICATION) ? definition.number(dictionary) : Dictionary.NONE;
            if (known != Dictionary.NONE) {
                out.writeInt(Integer.MIN_VALUE + known);
                return;
            }
            byte[] bytes = definition.bytes();
            out.writeInt(-bytes.length);
            out.writeInt(definition.hash());
            out.writeInt(loader.slot());
            out.writeInt(loader.number());
            out.write(bytes);
        }
    }

    // ---- with identity ---------------------------------------------------------------------------------------------

    private Numbers numbers() {
        var known = numbers;
        if (known == null) {
            known = new Numbers();
            numbers = known;
        }
        return known;
    }

    /// Writes a reference if an object has been met before; gives it a number otherwise.
    private boolean isNew(Object object) {
        int number = numbers().find(object);
        if (number < 0) {
            numbers().add(object);
            return true;
        }
        out.write(Tag.KNOWN);
        out.writeInt(number);
        return false;
    }

    private void identified(Object value, Form form) throws IOException {
        var parts = form instanceof LambdaForm lambda ? lambda.parts(value) : null;
        if (packer != null && packer.hasWritten(value) || isForeignAfterAll(value, form, parts)) {
            part(value);
        } else if (!Form.isOpen(form.tag()) && isUnfinished(value)) {
            givenUp = true;
        } else if (isNew(value)) {
            if (depth == ValueReader.DEEPEST) {
                givenUp = true;
            } else {
                path = depth < path.length ? path : Arrays.copyOf(path, 2 * path.length);
                path[depth++] = value;
                composite(value, form, parts);
                path[--depth] = null;
            }
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean isUnfinished(Object value) {
        for (int i = 0; i < depth; i++) {
            if (path[i] == value) {
                return true;
            }
        }
        return false;
    }

    /// Whether an object is one of those of its class that Java's serialization must write. What came from another process
    /// may have a module there that is closed to this library, so that it could not be made again in that process.
    private boolean isForeignAfterAll(Object value, Form form, @Nullable SerializedLambda parts) {
        return switch (form.tag()) {
            case Tag.RECORD -> names.isCopy(value.getClass());
            case Tag.LAMBDA -> parts == null || names.isCopy(value.getClass());
            case Tag.LINKED_MAP -> isInOrderOfAccess((LinkedHashMap<?, ?>) value);
            case Tag.TREE_MAP -> ((SortedMap<?, ?>) value).comparator() != null;
            case Tag.TREE_SET -> ((SortedSet<?>) value).comparator() != null;
            default -> false;
        };
    }

    /// A map does not tell in which order it is; a copy shows it.
    @SuppressWarnings({"unchecked", "NonApiType"})
    private static boolean isInOrderOfAccess(LinkedHashMap<?, ?> map) {
        var copy = (LinkedHashMap<Object, Object>) map.clone();
        copy.clear();
        copy.put(1, 1);
        copy.put(2, 2);
        copy.get(1);
        return copy.firstEntry().getKey().equals(2);
    }

    private void composite(Object value, Form form, @Nullable SerializedLambda parts) throws IOException {
        byte tag = form.tag();
        if (tag == Tag.LIST_OF) {
            tag = takesNulls((List<?>) value) ? Tag.LIST_OF_NULLS : Tag.LIST_OF;
        }
        out.write(tag);
        switch (tag) {
            case Tag.RECORD -> {
                var kind = (RecordForm) form;
                block(kind, kind.type(), kind.definition());
                kind.write(value, this);
            }
            case Tag.LAMBDA -> lambda((LambdaForm) form, Objects.requireNonNull(parts));
            case Tag.HANDLE -> {
                var handle = HandleForm.get().parts(value);
                handle.ids().forEach(shipment::add);
                hasHandles = true;
                out.write((byte) handle.kind());
                out.writeLong(handle.id());
                value(handle.detail());
            }
            case Tag.OPTIONAL -> value(((Optional<?>) value).orElse(null));
            case Tag.ENTRY -> {
                value(((Map.Entry<?, ?>) value).getKey());
                value(((Map.Entry<?, ?>) value).getValue());
            }
            case Tag.MAP_OF, Tag.HASH_MAP, Tag.LINKED_MAP, Tag.TREE_MAP -> entries((Map<?, ?>) value);
            case Tag.OBJECTS, Tag.STRINGS -> elements(Arrays.asList((Object[]) value));
            case Tag.BOOLEANS -> {
                out.writeInt(((boolean[]) value).length);
                for (boolean b : (boolean[]) value) {
                    out.write(b ? 1 : 0);
                }
            }
            case Tag.BYTES, Tag.ARRAY -> {
                headAfterTag(value, out);
                out.write(Objects.requireNonNull(memory(value)));
            }
            default -> elements((Collection<?>) value);
        }
    }

    private void lambda(LambdaForm form, SerializedLambda parts) throws IOException {
        var shape = Objects.requireNonNull(form.shape(parts));
        block(form, shape.capturing(), shape.definition());
        for (int i = 0; i < parts.getCapturedArgCount(); i++) {
            value(parts.getCapturedArg(i));
        }
    }

    /// Whether a list that cannot change is one of a stream, which takes nulls and can be asked for them.
    @SuppressWarnings("ReferenceEquality")
    private static boolean takesNulls(List<?> list) {
        for (var element : list) {
            if (element == null) {
                return true;
            }
        }
        return List.copyOf(list) != list;
    }

    /// Whatever changes it meanwhile: as many as are said are there.
    private void elements(Collection<?> elements) throws IOException {
        int at = out.size();
        out.writeInt(0);
        int count = 0;
        for (var element : elements) {
            value(element);
            count++;
        }
        out.setInt(at, count);
    }

    private void entries(Map<?, ?> map) throws IOException {
        int at = out.size();
        out.writeInt(0);
        int count = 0;
        for (var entry : map.entrySet()) {
            value(entry.getKey());
            value(entry.getValue());
            count++;
        }
        out.setInt(at, count);
    }

    // ---- arrays of primitives --------------------------------------------------------------------------------------

    /// The elements of an array that is sent as it lies in memory; null if it is none.
    @SuppressWarnings("IfChainToSwitch")
    static @Nullable MemorySegment memory(@Nullable Object value) {
        if (value == null || !value.getClass().isArray()) {
            return null;
        }
        if (value instanceof byte[] a) { // no switch: linking one takes milliseconds that a child has not
            return MemorySegment.ofArray(a);
        } else if (value instanceof int[] a) {
            return MemorySegment.ofArray(a);
        } else if (value instanceof long[] a) {
            return MemorySegment.ofArray(a);
        } else if (value instanceof double[] a) {
            return MemorySegment.ofArray(a);
        } else if (value instanceof float[] a) {
            return MemorySegment.ofArray(a);
        } else if (value instanceof short[] a) {
            return MemorySegment.ofArray(a);
        } else if (value instanceof char[] a) {
            return MemorySegment.ofArray(a);
        }
        return null;
    }

    /// Writes what stands before the elements of such an array.
    static void head(Object array, Buffer out) {
        out.write(array instanceof byte[] ? Tag.BYTES : Tag.ARRAY);
        headAfterTag(array, out);
    }

    private static void headAfterTag(Object array, Buffer out) {
        if (!(array instanceof byte[])) {
            out.write(array.getClass().componentType().descriptorString().charAt(0));
        }
        out.writeInt(Array.getLength(array));
    }

    // ---- Java's serialization --------------------------------------------------------------------------------------

    private void part(Object value) throws IOException {
        var stream = packer;
        if (stream == null) {
            var bytes = new Buffer(what);
            rest = bytes;
            stream = new Packer(bytes, names, numbers());
            packer = stream;
        }
        out.write(Tag.PART);
        var writer = stream;
        shipment.during(() -> writer.writeObject(value));
    }
}
