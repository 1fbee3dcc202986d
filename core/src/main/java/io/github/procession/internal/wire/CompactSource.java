package io.github.procession.internal.wire;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectStreamException;
import java.io.Serial;
import java.io.Serializable;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The object of a compact source file, as it travels.
///
/// What such a file declares are fields and methods of a class without a name to write `implements Serializable` after, so
/// that every lambda in `void main()` that calls a method of the file would be refused. Its object travels as a
/// serializable one would: class and fields, and no constructor runs.
///
/// @param type   the file's class
/// @param fields its fields by name, `static` and `transient` ones not among them
record CompactSource(Class<?> type, Map<String, @Nullable Object> fields) implements Serializable {
    /// Whether this is the object of a compact source file, or of a class that looks exactly like one.
    static boolean isObject(@Nullable Object object) {
        if (object == null || object instanceof Serializable) {
            return false;
        }
        var type = object.getClass();
        return type.getPackageName().isEmpty()
                && type.getSuperclass() == Object.class
                && Modifier.isFinal(type.getModifiers())
                && type.getEnclosingClass() == null
                && type.getInterfaces().length == 0
                && Stream.of(type.getDeclaredMethods()).anyMatch(CompactSource::isMain);
    }

    private static boolean isMain(Method method) {
        return method.getName().equals("main") && method.getReturnType() == void.class;
    }

    static CompactSource of(Object object) throws IOException {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        try {
            for (var field : object.getClass().getDeclaredFields()) {
                if (travels(field)) {
                    field.setAccessible(true);
                    fields.put(field.getName(), field.get(object));
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IOException("the fields of " + object.getClass().getName() + " cannot be read", e);
        }
        return new CompactSource(object.getClass(), fields);
    }

    static boolean travels(Field field) {
        return !Modifier.isStatic(field.getModifiers()) && !Modifier.isTransient(field.getModifiers());
    }

    @Serial
    private Object readResolve() throws ObjectStreamException {
        try {
            var object = allocated();
            for (var field : fields.entrySet()) {
                var declared = type.getDeclaredField(field.getKey());
                declared.setAccessible(true);
                declared.set(object, field.getValue());
            }
            return object;
        } catch (ReflectiveOperationException e) {
            throw new InvalidObjectException("the object of " + type.getName() + " cannot be made here", e);
        }
    }

    /// What makes serializable objects; it is public, but not in a module that every program has.
    private Object allocated() throws ReflectiveOperationException {
        var factory = Class.forName("sun.reflect.ReflectionFactory");
        var constructor = factory.getMethod("newConstructorForSerialization", Class.class, Constructor.class)
                .invoke(factory.getMethod("getReflectionFactory").invoke(null), type, Object.class.getConstructor());
        return ((Constructor<?>) constructor).newInstance();
    }
}
