package io.github.procession.internal.wire;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/// How the lambdas of one place in the code are written: what is the same for all of them is a block, which needs to be
/// read once; then comes what this one has captured.
final class LambdaForm extends Form {
    private final Class<?> type;
    private final Method replace;
    private volatile @Nullable Shape shape; // race: whoever is first; they are all the same

    private LambdaForm(Class<?> type, Method replace) {
        super(Tag.LAMBDA);
        this.type = type;
        this.replace = replace;
    }

    /// What all lambdas of this class have in common.
    record Shape(Class<?> capturing, byte[] block) {}

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
                known = new Shape(Class.forName(name, false, type.getClassLoader()), block(name, lambda));
            } catch (ClassNotFoundException | LinkageError e) {
                return null;
            }
            shape = known;
        }
        return known;
    }

    private static byte[] block(String capturing, SerializedLambda lambda) {
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
        return out.toByteArray();
    }

    /// Makes lambdas of one shape.
    static final class Maker {
        private final Class<?> capturing;
        private final Method deserialize;
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
            try {
                deserialize = capturing.getDeclaredMethod("$deserializeLambda$", SerializedLambda.class);
                deserialize.setAccessible(true);
            } catch (NoSuchMethodException | InaccessibleObjectException e) {
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
                Object made = deserialize.invoke(null, lambda);
                if (made != null) {
                    return made;
                }
                throw new InvalidObjectException("The lambda " + texts[4] + " became null");
            } catch (InvocationTargetException e) {
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                throw invalid(e.getCause() == null ? e : e.getCause());
            } catch (IllegalAccessException e) {
                throw invalid(e);
            }
        }

        private InvalidObjectException invalid(Throwable cause) {
            return new InvalidObjectException(
                    "The lambda %s of %s cannot be made here: %s".formatted(texts[4], capturing.getName(), cause),
                    cause);
        }
    }
}
