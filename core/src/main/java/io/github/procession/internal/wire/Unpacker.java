package io.github.procession.internal.wire;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Java's serialization. The filter of the JVM (`jdk.serialFilter`) applies as always; besides, nothing is allocated for elements
/// that cannot be there: each takes a byte at least, and tables of maps are up to four times as long as what is in them.
final class Unpacker extends ObjectInputStream {
    private static final long LEAST_ARRAY = 1024;
    private static final long ROOMY = 4;

    private final ClassNames names;

    Unpacker(byte[] bytes, int from, ClassNames names) throws IOException {
        super(new ByteArrayInputStream(bytes, from, bytes.length - from));
        this.names = names;
        long left = (long) bytes.length - from;
        ObjectInputFilter bounds = info -> info.arrayLength() > Math.max(LEAST_ARRAY, ROOMY * left)
                ? ObjectInputFilter.Status.REJECTED
                : ObjectInputFilter.Status.UNDECIDED;
        var ofJvm = getObjectInputFilter(); // which another would replace
        setObjectInputFilter(ofJvm == null ? bounds : ObjectInputFilter.merge(bounds, ofJvm));
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
        return Proxy.newProxyInstance(loaderOfAll(types, names.loader(key)), types, new Nobody())
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
    private static final class Nobody implements InvocationHandler {
        @Override
        public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) {
            throw new UnsupportedOperationException(method.toString());
        }
    }
}
