package io.github.procession.function;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// An action on three arguments, to be run in another process.
/// @param <A> the first argument's type
/// @param <B> the second's
/// @param <C> the third's
@FunctionalInterface
public interface SerializableTriConsumer<
                A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
        extends Serializable {
    /// Runs the action in the process that received it.
    ///
    /// @param a the first argument, as it arrived there
    /// @param b the second
    /// @param c the third
    /// @throws Exception whatever the action throws
    void accept(A a, B b, C c) throws Exception;
}
