package io.github.procession.internal.wire;

import java.io.NotSerializableException;
import java.io.ObjectStreamClass;
import java.io.ObjectStreamField;
import java.io.Serializable;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Array;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Finds the way from a value to the first part of it that cannot be serialized, for the message.
///
/// Walks the object graph breadth first as serialization would see it: serializable fields, elements, and what lambdas
/// capture. Runs only after serialization has failed.
final class FieldPath {
    private static final int LIMIT = 100_000;
    private static final String THIS = "this, captured by the lambda ";
    private static final String OUTER = "the object around it (this$";

    private FieldPath() {}

    static String explain(String what, @Nullable Object value, NotSerializableException failure) {
        String path = value == null ? null : find(what, value);
        String culprit = failure.getMessage() == null ? "?" : failure.getMessage();
        return "Cannot send the %s to another process: %s is not Serializable.\n  path: %s\n  fix:  %s%s"
                .formatted(
                        what,
                        culprit,
                        path == null ? what + " → … → " + culprit : path,
                        fix(culprit),
                        hint(culprit, path));
    }

    /// Types of this library that stay where they are made, and what to do instead of sending them.
    private static final Map<String, String> OURS = Map.of(
            "TaskPool",
                    "a pool stays in the process that opened it, and a task that waited for its own pool could wait for ever: open another pool inside the task, or give the pool its next task where the result of this one arrives",
            "ProcessPoolExecutor",
                    "an executor stays in the process that opened it, and a task that waited for its own executor could wait for ever: open another one inside the task, or submit the next task where the result of this one arrives",
            "ProcessFuture", "a future stays in the process that waits for it: send its result instead",
            "ChildProcess", "a process belongs to the one that started it: send its pid or its name instead");

    private static String fix(String culprit) {
        String ours = culprit.startsWith("io.github.procession.")
                ? OURS.get(culprit.substring("io.github.procession.".length()))
                : null;
        if (ours != null) {
            return ours;
        }
        String elsewhere = "mark the field transient, or do not capture it and create it in the other process instead";
        boolean ofUser = !culprit.contains("$$Lambda")
                && Stream.of("java.", "javax.", "jdk.", "sun.", "com.sun.").noneMatch(culprit::startsWith);
        return ofUser
                ? "make %s implement java.io.Serializable, or %s".formatted(simple(culprit), elsewhere)
                : elsewhere;
    }

    private static String hint(String culprit, @Nullable String path) {
        if (culprit.contains("$$Lambda")) {
            return ". A lambda is serializable when its type is: write it where a Serializable… type of io.github.procession.function is expected";
        }
        if (path != null && path.contains(OUTER)) {
            return ". An inner or anonymous class holds the object around it: make it static, or a lambda";
        }
        return path != null && path.contains(THIS)
                ? ". A lambda that uses a field or method of its object captures the whole object (this): copy the field to a local variable first"
                : "";
    }

    private static String simple(String className) {
        int dot = className.lastIndexOf('.');
        int inner = Math.max(dot, className.lastIndexOf('$'));
        String name = className.substring(inner + 1).replaceFirst("^[0-9]+", ""); // of a local class
        return name.isEmpty() ? className.substring(dot + 1) : name; // an anonymous class has none
    }

    private record Node(Object value, String path) {}

    private static @Nullable String find(String what, Object root) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        var queue = new ArrayDeque<Node>();
        queue.add(new Node(root, what));
        seen.add(root);
        while (!queue.isEmpty() && seen.size() < LIMIT) {
            var node = queue.remove();
            if (!(node.value instanceof Serializable)
                    && !CompactSource.isObject(node.value)
                    && !StandIn.isNeeded(node.value)) {
                return node.path + " (" + node.value.getClass().getName() + ")";
            }
            visit(node, (child, name) -> {
                if (child != null && seen.add(child)) {
                    queue.add(new Node(child, node.path + " → " + name));
                }
            });
        }
        return null;
    }

    private interface Visitor {
        void visit(@Nullable Object child, String name);
    }

    private static void visit(Node node, Visitor visitor) {
        Object value = node.value;
        if (value instanceof String || value instanceof Number || value instanceof Class) {
            return;
        }
        if (value instanceof Object[] array) {
            for (int i = 0; i < Array.getLength(array); i++) {
                visitor.visit(array[i], "[" + i + "]");
            }
        } else if (value instanceof Collection<?> collection) {
            int i = 0;
            for (var element : collection) {
                visitor.visit(element, "[" + i++ + "]");
            }
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((k, v) -> {
                visitor.visit(k, "key " + k);
                visitor.visit(v, "[" + k + "]");
            });
        } else if (value instanceof Optional<?> optional) {
            optional.ifPresent(in -> visitor.visit(in, "what is in it"));
        } else if (StandIn.isNeeded(value)) {
            visitor.visit(StandIn.of(value).key(), "its key");
            visitor.visit(StandIn.of(value).value(), "its value");
        } else {
            object(value, visitor);
        }
    }

    private static void object(Object value, Visitor visitor) {
        Object replacement = replacement(value);
        if (replacement instanceof SerializedLambda lambda) {
            String where = lambda.getImplClass().replace('/', '.') + "." + lambda.getImplMethodName();
            for (int i = 0; i < lambda.getCapturedArgCount(); i++) {
                boolean self = i == 0 && lambda.getImplMethodKind() != MethodHandleInfo.REF_invokeStatic;
                visitor.visit(
                        lambda.getCapturedArg(i),
                        self ? THIS + where : "variable " + (i + 1) + " captured by the lambda " + where);
            }
            return;
        }
        if (replacement == null) {
            fields(value, visitor);
        } else {
            visitor.visit(replacement, "its replacement");
        }
    }

    private static void fields(Object value, Visitor visitor) {
        if (CompactSource.isObject(value)) {
            for (var field : value.getClass().getDeclaredFields()) {
                if (CompactSource.travels(field) && !field.getType().isPrimitive()) {
                    visitor.visit(read(value, value.getClass(), field.getName()), field.getName());
                }
            }
        }
        for (Class<?> type = value.getClass();
                type != null && Serializable.class.isAssignableFrom(type);
                type = type.getSuperclass()) {
            var description = ObjectStreamClass.lookup(type);
            if (description == null) {
                continue;
            }
            for (ObjectStreamField field : description.getFields()) {
                if (!field.isPrimitive()) {
                    visitor.visit(read(value, type, field.getName()), name(type, field.getName()));
                }
            }
        }
    }

    private static String name(Class<?> type, String field) {
        return simple(type.getName()) + "."
                + (field.startsWith("this$") ? OUTER + field.substring("this$".length()) + ")" : field);
    }

    private static @Nullable Object read(Object value, Class<?> type, String name) {
        try {
            var field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field.get(value);
        } catch (ReflectiveOperationException | InaccessibleObjectException e) {
            return null; // not ours to look into; the class name alone must do
        }
    }

    /// What serialization writes in its place; null if it writes the value itself.
    private static @Nullable Object replacement(Object value) {
        for (Class<?> type = value.getClass(); type != null; type = type.getSuperclass()) {
            try {
                Method method = type.getDeclaredMethod("writeReplace");
                method.setAccessible(true);
                return method.invoke(value);
            } catch (NoSuchMethodException e) {
                // perhaps further up
            } catch (ReflectiveOperationException | InaccessibleObjectException e) {
                return null;
            }
        }
        return null;
    }
}
