package io.github.procession.function;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// A function of two arguments, to be run in another process.
/// @param <A> the first argument's type
/// @param <B> the second's
/// @param <R> the result's
@FunctionalInterface
public interface SerializableBiFunction<
                A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
        extends Serializable {
    /// Applies the function in the process that received it.
    ///
    /// @param a the first argument, as it arrived there
    /// @param b the second
    /// @return the result, to be sent back
    /// @throws Exception whatever the function throws
    R apply(A a, B b) throws Exception;
}
