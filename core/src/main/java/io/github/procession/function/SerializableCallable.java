package io.github.procession.function;

import java.io.Serializable;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// A task with a result, to be run in another process.
/// @param <V> what it returns
@FunctionalInterface
public interface SerializableCallable<V extends @Nullable Object> extends Callable<V>, Serializable {
    @Override
    V call() throws Exception;
}
