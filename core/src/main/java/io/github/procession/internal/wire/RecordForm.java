package io.github.procession.internal.wire;

import java.io.Externalizable;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.Serializable;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/// How the records of a class are written: field by field, and read with the canonical constructor, as Java's serialization
/// does.
final class RecordForm extends Form {
    /*
     * Reflection, and no method handles of our own: the JDK has those that it needs for this from the start, and a child has
     * no time to make some. The class keeps its form, and the form nothing else that would keep the class.
     */
    private final Class<?> type;
    private final Field[] fields;
    private final char[] kinds; // as in descriptors
    private final Constructor<?> constructor;
    private final Definition definition;

    private RecordForm(Class<?> type, Field[] fields, Constructor<?> constructor) {
        super(Tag.RECORD);
        this.type = type;
        this.fields = fields;
        this.constructor = constructor;
        this.kinds = new char[fields.length];
        var out = new Buffer("record");
        text(out, type.getName());
        for (int i = 0; i < fields.length; i++) {
            kinds[i] = fields[i].getType().descriptorString().charAt(0);
            text(out, fields[i].getName());
            text(out, fields[i].getType().descriptorString());
        }
        definition = new Definition(out);
    }

    /// The form of a record's class; null if only Java's serialization can write or read it.
    static @Nullable Form find(Class<?> type) {
        if (!Serializable.class.isAssignableFrom(type)
                || Externalizable.class.isAssignableFrom(type)
                || type.isHidden()) {
            return null;
        }
        try {
            if (isReplaced(type)) {
                return null;
            }
            var components = type.getRecordComponents();
            var fields = new Field[components.length];
            var types = new Class<?>[components.length];
            for (int i = 0; i < fields.length; i++) {
                fields[i] = type.getDeclaredField(components[i].getName());
                fields[i].setAccessible(true);
                types[i] = fields[i].getType();
            }
            var constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return new RecordForm(type, fields, constructor);
        } catch (ReflectiveOperationException | InaccessibleObjectException | LinkageError e) {
            return null; // its module is not open to this one, or a component's class is not here
        }
    }

    /// The record's class.
    Class<?> type() {
        return type;
    }

    /// What says which class it is, and how it is made up.
    Definition definition() {
        return definition;
    }

    void write(Object value, ValueWriter out) throws IOException {
        try {
            for (int i = 0; i < fields.length; i++) {
                var field = fields[i];
                switch (kinds[i]) {
                    case 'I' -> out.bytes().writeInt(field.getInt(value));
                    case 'J' -> out.bytes().writeLong(field.getLong(value));
                    case 'D' -> out.bytes().writeLong(Double.doubleToRawLongBits(field.getDouble(value)));
                    case 'Z' -> out.bytes().write(field.getBoolean(value) ? 1 : 0);
                    case 'B' -> out.bytes().write(field.getByte(value));
                    case 'S' -> out.bytes().writeShort(field.getShort(value));
                    case 'C' -> out.bytes().writeShort(field.getChar(value));
                    case 'F' -> out.bytes().writeInt(Float.floatToRawIntBits(field.getFloat(value)));
                    default -> out.value(field.get(value));
                }
            }
        } catch (IllegalAccessException e) {
            throw new IOException("the fields of " + type.getName() + " cannot be read", e);
        }
    }

    Object read(ValueReader in) throws IOException, ClassNotFoundException {
        var values = new @Nullable Object[kinds.length];
        for (int i = 0; i < kinds.length; i++) {
            values[i] = switch (kinds[i]) {
                case 'I' -> in.int4();
                case 'J' -> in.int8();
                case 'D' -> Double.longBitsToDouble(in.int8());
                case 'Z' -> in.int1() != 0;
                case 'B' -> in.int1();
                case 'S' -> in.int2();
                case 'C' -> (char) in.int2();
                case 'F' -> Float.intBitsToFloat(in.int4());
                default -> in.value();
            };
        }
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw invalid(e.getCause() == null ? e : e.getCause());
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            throw invalid(e);
        }
    }

    /// The same that Java's serialization throws.
    private static InvalidObjectException invalid(Throwable cause) {
        return new InvalidObjectException(cause.getMessage(), cause);
    }
}
