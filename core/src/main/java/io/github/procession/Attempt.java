package io.github.procession;

import org.jspecify.annotations.Nullable;

/// What became of one item: a value, or the reason why there is none.
///
/// ```java
/// switch (attempt) {
///     case Attempt.Success(var file, var size) -> System.out.println(file + ": " + size);
///     case Attempt.Failure(var file, var cause) -> System.err.println(file + ": " + cause);
/// }
/// ```
///
/// @param <T> type of the item
/// @param <R> type of the value
public sealed interface Attempt<T extends @Nullable Object, R extends @Nullable Object> {
    /// What was tried.
    ///
    /// @return the item as it was given
    T item();

    /// It worked.
    ///
    /// @param item  the item
    /// @param value what the function returned for it
    /// @param <T>   type of the item
    /// @param <R>   type of the value
    record Success<T extends @Nullable Object, R extends @Nullable Object>(T item, R value) implements Attempt<T, R> {}

    /// It did not.
    ///
    /// @param item  the item
    /// @param cause what a future would have as the cause of its `ExecutionException`: the exception of the function, a
    ///              [TaskException], [RemoteTaskException] or [WorkerCrashedException], a
    ///              [java.util.concurrent.TimeoutException]; an `IllegalArgumentException` for an item that cannot be sent
    /// @param <T>   type of the item
    /// @param <R>   type of the value
    record Failure<T extends @Nullable Object, R extends @Nullable Object>(T item, Throwable cause)
            implements Attempt<T, R> {}
}
