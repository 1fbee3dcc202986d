package io.github.procession.internal.wire;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.Serializable;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How the lambdas of one place in the code are written: what is the same for all of them is a block, which needs to be
/// read once; then comes what this one has captured.
final class LambdaForm extends Form {
    private static final MethodType DESERIALIZE = MethodType.methodType(Object.class, SerializedLambda.class);

    private static final int REMEMBERED = 32;
    private static final LinkedHashSet<String> HOMES = new LinkedHashSet<>(); // of the latest last; guarded by itself

    private final Class<?> type;
    private final Method replace;
    private volatile @Nullable Shape shape; // race: whoever is first; they are all the same

    private LambdaForm(Class<?> type, Method replace) {
        super(Tag.LAMBDA);
        this.type = type;
        this.replace = replace;
    }

    /// What all lambdas of this class have in common.
    record Shape(Class<?> capturing, Definition definition) {}

    /// The form of a hidden class; null if it is not that of a serializable lambda, or closed to this library.
    static @Nullable Form find(Class<?> type) {
        if (!type.isSynthetic() || !Serializable.class.isAssignableFrom(type)) {
            return null;
        }
        try {
            var replace = type.getDeclaredMethod("writeReplace");
            replace.setAccessible(true);
            return new LambdaForm(type, replace);
        } catch (ReflectiveOperationException | InaccessibleObjectException | LinkageError e) {
            return null;
        }
    }

    /// Takes a lambda apart; null if that is not possible, so that Java's serialization must.
    @Nullable SerializedLambda parts(Object lambda) {
        try {
            return replace.invoke(lambda) instanceof SerializedLambda parts && shape(parts) != null ? parts : null;
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    /// What this lambda has in common with others; null if the class in which it is written cannot be named.
    @Nullable Shape shape(SerializedLambda lambda) {
        var known = shape;
        if (known == null) {
            try {
                String name = lambda.getCapturingClass().replace('/', '.');
                known = new Shape(Class.forName(name, false, type.getClassLoader()), definition(name, lambda));
            } catch (ClassNotFoundException | LinkageError e) {
                return null;
            }
            shape = known;
            remember(known.capturing.getName());
        }
        return known;
    }

    private static void remember(String home) {
        synchronized (HOMES) {
            HOMES.addLast(home);
            if (HOMES.size() > REMEMBERED) {
                HOMES.removeFirst();
            }
        }
    }

    /// The classes in which the lambdas are written that this process has sent, or the latest of them.
    static List<String> homes() {
        synchronized (HOMES) {
            return List.copyOf(HOMES);
        }
    }

    private static Definition definition(String capturing, SerializedLambda lambda) {
        var out = new Buffer("lambda");
        text(out, capturing);
        text(out, lambda.getFunctionalInterfaceClass());
        text(out, lambda.getFunctionalInterfaceMethodName());
        text(out, lambda.getFunctionalInterfaceMethodSignature());
        text(out, lambda.getImplClass());
        text(out, lambda.getImplMethodName());
        text(out, lambda.getImplMethodSignature());
        text(out, lambda.getInstantiatedMethodType());
        out.writeInt(lambda.getImplMethodKind());
        out.writeInt(lambda.getCapturedArgCount());
        return new Definition(out);
    }

    /// Makes lambdas of one shape.
    static final class Maker {
        private final Class<?> capturing;
        private final MethodHandle deserialize; // (SerializedLambda)Object
        private final String[] texts = new String[7];
        private final int kind;
        private final int captured;

        /// @param in stands behind the name of the class
        Maker(Class<?> capturing, ValueReader in) throws IOException {
            this.capturing = capturing;
            for (int i = 0; i < texts.length; i++) {
                texts[i] = in.text();
            }
            this.kind = in.int4();
            this.captured = in.int4();
            if (captured < 0 || captured > 255) {
                throw new IOException("A lambda that has captured " + captured + " values");
            }
            try { // not by reflection, for which the JVM would make code first
                LambdaForm.class.getModule().addReads(capturing.getModule());
                deserialize = MethodHandles.privateLookupIn(capturing, MethodHandles.lookup())
                        .findStatic(capturing, "$deserializeLambda$", DESERIALIZE);
            } catch (NoSuchMethodException | IllegalAccessException e) {
                throw new InvalidObjectException(
                        "The lambda " + texts[4] + " of " + capturing.getName() + " cannot be made here", e);
            }
        }

        Class<?> capturing() {
            return capturing;
        }

        Object make(ValueReader in) throws IOException, ClassNotFoundException {
            var values = new @Nullable Object[captured];
            for (int i = 0; i < captured; i++) {
                values[i] = in.value();
            }
            var lambda = new SerializedLambda(
                    capturing, texts[0], texts[1], texts[2], kind, texts[3], texts[4], texts[5], texts[6], values);
            try {
                var made = (@Nullable Object) deserialize.invokeExact(lambda);
                if (made != null) {
                    return made;
                }
            } catch (Error error) {
                throw error;
            } catch (Throwable e) {
                throw invalid(e);
            }
            throw new InvalidObjectException("The lambda " + texts[4] + " became null");
        }

        private InvalidObjectException invalid(Throwable cause) {
            return new InvalidObjectException(
                    "The lambda %s of %s cannot be made here: %s".formatted(texts[4], capturing.getName(), cause),
                    cause);
        }
    }
}
