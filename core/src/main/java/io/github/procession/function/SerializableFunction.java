package io.github.procession.function;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// A function of one argument, to be run in another process.
/// @param <T> the argument's type
/// @param <R> the result's
@FunctionalInterface
public interface SerializableFunction<T extends @Nullable Object, R extends @Nullable Object> extends Serializable {
    /// Applies the function in the process that received it.
    ///
    /// @param t the argument, as it arrived there
    /// @return the result, to be sent back
    /// @throws Exception whatever the function throws
    R apply(T t) throws Exception;
}
