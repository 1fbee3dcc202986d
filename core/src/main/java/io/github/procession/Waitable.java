package io.github.procession;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/// Something that a thread can wait for together with others: a process that ends, a connection or a queue that has something
/// to take, an event that is set.
///
/// ```java
/// for (var ready : Waitable.waitAny(List.of(connection, child))) {
///     if (ready == connection) …
/// }
/// ```
public sealed interface Waitable permits ChildProcess, Connection, SharedQueue, SharedEvent {
    /// Waits until at least one is ready, however many there are. Ready is
    ///
    ///   - a [ChildProcess] that has ended,
    ///   - a [Connection] from which a message, or the end of file, can be received,
    ///   - a [SharedQueue] from which an item can be taken, or that has ended and is empty,
    ///   - a [SharedEvent] that is set.
    ///
    /// Nothing is taken: another thread or process may be faster to take it.
    ///
    /// @param on what to wait for
    /// @return all that are ready, in the order given; empty only if there is nothing to wait for
    /// @throws InterruptedException     if this thread is interrupted
    /// @throws IllegalArgumentException if a process has not been started, or a connection only sends
    /// @throws IllegalStateException    if one is closed in this process, or is closed meanwhile
    static List<Waitable> waitAny(Collection<? extends Waitable> on) throws InterruptedException {
        return Waiting.on(on, Limits.NONE);
    }

    /// Waits until at least one is ready, or until a limit: see [#waitAny(Collection)].
    ///
    /// @param on    what to wait for
    /// @param limit how long to wait at the most
    /// @return all that are ready, in the order given; empty at the limit
    /// @throws InterruptedException     if this thread is interrupted
    /// @throws IllegalArgumentException if a process has not been started, or a connection only sends
    /// @throws IllegalStateException    if one is closed in this process, or is closed meanwhile
    static List<Waitable> waitAny(Collection<? extends Waitable> on, Duration limit) throws InterruptedException {
        return Waiting.on(on, Limits.deadline(limit));
    }
}
