package io.github.procession.internal.shared;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/// How records of one class, all of whose components are primitives or such records, become bytes and back.
public final class RecordShape {
    /*
     * The bytes of the components, depth first, without gaps. Reading is one method handle (bytes) → record; writing is one
     * for each primitive, (bytes, record) → void.
     */
    private static final Map<Class<?>, VarHandle> VIEWS = Map.of(
            short.class, view(short[].class),
            char.class, view(char[].class),
            int.class, view(int[].class),
            long.class, view(long[].class),
            float.class, view(float[].class),
            double.class, view(double[].class),
            byte.class, MethodHandles.arrayElementVarHandle(byte[].class),
            boolean.class, MethodHandles.arrayElementVarHandle(byte[].class));

    private static final ClassValue<RecordShape> KNOWN = new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
            return new RecordShape(type);
        }
    };

    private final List<MethodHandle> writers = new ArrayList<>();
    private final Set<Class<?>> around = new HashSet<>(); // records that are being looked into
    private final MethodHandle reader;
    private int length;

    private RecordShape(Class<?> type) {
        var self = MethodHandles.identity(type);
        around.add(type);
        reader = reader(type, type.getSimpleName(), self).asType(MethodType.methodType(Object.class, byte[].class));
    }

    /// The shape of a class.
    ///
    /// @throws IllegalArgumentException if a component is neither a primitive nor a record of such
    public static RecordShape of(Class<?> type) {
        return KNOWN.get(type);
    }

    /// How many bytes it takes.
    public int length() {
        return length;
    }

    /// Its bytes.
    ///
    /// @throws NullPointerException if a record in it is null
    public byte[] write(Record value) {
        var bytes = new byte[length];
        try {
            for (var writer : writers) {
                writer.invokeExact(bytes, (Object) value);
            }
        } catch (Throwable e) {
            throw unchecked(e);
        }
        return bytes;
    }

    /// Makes a record of bytes.
    public Object read(byte[] bytes) {
        try {
            return reader.invokeExact(bytes);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /// Accessors and constructors of records throw nothing that is checked.
    private static RuntimeException unchecked(Throwable e) {
        return switch (e) {
            case RuntimeException r -> r;
            case Error error -> throw error;
            default -> new IllegalStateException(e);
        };
    }

    /// Also notes the writers of all below.
    ///
    /// @param way from the outermost record to one of this type
    private MethodHandle reader(Class<?> type, String path, MethodHandle way) {
        var components = type.getRecordComponents();
        var types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        var parts = new MethodHandle[components.length];
        for (int i = 0; i < parts.length; i++) {
            String name = path + "." + components[i].getName();
            var part = MethodHandles.filterReturnValue(way, accessor(type, components[i]));
            if (types[i].isPrimitive()) {
                parts[i] = leaf(types[i], part);
            } else if (types[i].isRecord() && !around.contains(types[i])) {
                around.add(types[i]);
                parts[i] = reader(types[i], name, MethodHandles.filterReturnValue(part, present(types[i], name)));
                around.remove(types[i]);
            } else {
                throw new IllegalArgumentException(
                        "A SharedRecord holds primitives, and records of primitives, but %s is of type %s. Leave it out, or use one of %s."
                                .formatted(
                                        name,
                                        types[i].getTypeName(),
                                        "boolean, byte, short, char, int, long, float, double, or a record of these"));
            }
        }
        var made = MethodHandles.filterArguments(constructor(type, types), 0, parts);
        return MethodHandles.permuteArguments(made, MethodType.methodType(type, byte[].class), new int[parts.length]);
    }

    private MethodHandle leaf(Class<?> type, MethodHandle part) {
        var view = Objects.requireNonNull(VIEWS.get(type), type::getName);
        var getter = MethodHandles.insertArguments(view.toMethodHandle(VarHandle.AccessMode.GET), 1, length);
        var setter = MethodHandles.insertArguments(view.toMethodHandle(VarHandle.AccessMode.SET), 1, length);
        if (type == boolean.class) {
            setter = MethodHandles.explicitCastArguments(
                    setter, MethodType.methodType(void.class, byte[].class, boolean.class));
            getter = MethodHandles.explicitCastArguments(getter, MethodType.methodType(boolean.class, byte[].class));
        }
        writers.add(MethodHandles.filterArguments(setter, 1, part)
                .asType(MethodType.methodType(void.class, byte[].class, Object.class)));
        length += view.varType() == byte.class ? 1 : size(type);
        return getter;
    }

    private static int size(Class<?> type) {
        return switch (type.getName()) {
            case "short", "char" -> Short.BYTES;
            case "int", "float" -> Integer.BYTES;
            default -> Long.BYTES;
        };
    }

    private static VarHandle view(Class<?> arrays) {
        return MethodHandles.byteArrayViewVarHandle(arrays, ByteOrder.nativeOrder());
    }

    private static MethodHandle present(Class<?> type, String name) {
        try {
            var check = MethodHandles.lookup()
                    .findStatic(
                            RecordShape.class,
                            "present",
                            MethodType.methodType(Object.class, Object.class, String.class));
            return MethodHandles.insertArguments(check, 1, name).asType(MethodType.methodType(type, type));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("a method of this class", e);
        }
    }

    @SuppressWarnings("UnusedMethod") // called through the handle
    private static Object present(Object value, String name) {
        return Objects.requireNonNull(value, () -> name + " is null; all of a SharedRecord has a value");
    }

    private static MethodHandle accessor(Class<?> type, RecordComponent component) {
        return opened(type, () -> {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return MethodHandles.lookup().unreflect(accessor);
        });
    }

    private static MethodHandle constructor(Class<?> type, Class<?>[] types) {
        return opened(type, () -> {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return MethodHandles.lookup().unreflectConstructor(constructor);
        });
    }

    @FunctionalInterface
    private interface Lookup {
        MethodHandle find() throws ReflectiveOperationException;
    }

    private static MethodHandle opened(Class<?> type, Lookup lookup) {
        try {
            return lookup.find();
        } catch (InaccessibleObjectException e) {
            throw new IllegalArgumentException(
                    "Procession may not use %s: add 'opens %s to io.github.procession;' to the declaration of module %s"
                            .formatted(
                                    type.getName(),
                                    type.getPackageName(),
                                    type.getModule().getName()),
                    e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("The record %s cannot be used: %s".formatted(type.getName(), e), e);
        }
    }
}
