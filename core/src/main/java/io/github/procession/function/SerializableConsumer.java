package io.github.procession.function;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// An action on one argument, to be run in another process.
/// @param <A> the argument's type
@FunctionalInterface
public interface SerializableConsumer<A extends @Nullable Object> extends Serializable {
    /// Runs the action in the process that received it.
    ///
    /// @param a the argument, as it arrived there
    /// @throws Exception whatever the action throws
    void accept(A a) throws Exception;
}
