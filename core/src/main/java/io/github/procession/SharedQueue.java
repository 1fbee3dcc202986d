package io.github.procession;

import io.github.procession.internal.shared.QueueCore;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.AbstractQueue;
import java.util.Collection;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A bounded first-in-first-out queue between processes, for any number of producers and consumers, processes and threads.
///
/// ```java
/// try (var queue = SharedQueue.<String>create()) {
///     var worker = ChildProcess.of(Example::consume, queue).start();
///     queue.put("hello");
///     worker.join();
/// }
/// ```
///
/// Items are serialized by [#put] in the caller, and rebuilt by [#take] in the taker. Handles of shared objects, the queue
/// itself too, may be in them. Actions before putting an item happen before those after taking it, in another process too.
///
/// **Death.** An item that has been put outlives its producer. A producer that is killed inside `put` leaves no trace. An
/// item that a consumer had not yet copied out when it was killed inside `take` comes out again, before all later ones; from
/// then on, while it is rebuilt and afterwards, it is the consumer's. Nobody is ever blocked by a death.
///
/// An item that cannot be rebuilt, because its class is missing or its deserialization throws, is consumed:
/// [IllegalStateException] says so.
///
/// The queue lives until each process has closed it, ended, or no longer has a handle of it. All methods throw [IllegalStateException] after
/// [#close()].
///
/// @param <E> type of the items; they must be serializable
public final class SharedQueue<E> extends AbstractQueue<E> implements BlockingQueue<E>, AutoCloseable, Serializable {
    private static final long serialVersionUID = 1L;
    private static final int DEFAULT_CAPACITY = 16_384;
    private static final int MAX_CAPACITY = 1 << 24;

    private final transient QueueCore core;

    private SharedQueue(QueueCore core) {
        this.core = core;
    }

    /// Makes a queue of 16,384 items.
    ///
    /// @param <E> type of the items
    /// @return a handle of it
    /// @throws IllegalStateException if there is not enough memory left
    public static <E> SharedQueue<E> create() {
        return create(DEFAULT_CAPACITY);
    }

    /// Makes a queue.
    ///
    /// @param capacity how many items it holds at the most, 1 to 16,777,216; each takes 64 bytes of shared memory, twice
    /// @param <E>      type of the items
    /// @return a handle of it
    /// @throws IllegalArgumentException if the capacity is out of range
    /// @throws IllegalStateException    if there is not enough memory left
    public static <E> SharedQueue<E> create(int capacity) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException(
                    "create(%d): a capacity is between 1 and %d".formatted(capacity, MAX_CAPACITY));
        }
        return new SharedQueue<>(QueueCore.create(capacity));
    }

    static SharedQueue<?> attach(long id) {
        return new SharedQueue<>(QueueCore.attach(id));
    }

    /// Adds an item, waiting for room.
    ///
    /// @throws IllegalArgumentException if it cannot be serialized, with the path to the culprit; no room is taken then
    @Override
    public void put(E item) throws InterruptedException {
        core.put(Objects.requireNonNull(item, "item"), Long.MAX_VALUE);
    }

    /// Adds an item if there is room.
    ///
    /// @throws IllegalArgumentException if it cannot be serialized, with the path to the culprit
    @Override
    public boolean offer(E item) {
        return core.offer(Objects.requireNonNull(item, "item"));
    }

    /// Adds an item, waiting for room until the limit.
    ///
    /// @throws IllegalArgumentException if it cannot be serialized, with the path to the culprit
    @Override
    public boolean offer(E item, long limit, TimeUnit unit) throws InterruptedException {
        return core.put(Objects.requireNonNull(item, "item"), Limits.deadline(limit, unit));
    }

    @Override
    public E take() throws InterruptedException {
        return Objects.requireNonNull(this.<E>cast(core.take(Long.MAX_VALUE)));
    }

    @Override
    public @Nullable E poll() {
        return cast(core.poll());
    }

    @Override
    public @Nullable E poll(long limit, TimeUnit unit) throws InterruptedException {
        return cast(core.take(Limits.deadline(limit, unit)));
    }

    /// The item that would be taken next, left where it is. Another process may take it at any time.
    @Override
    public @Nullable E peek() {
        return cast(core.peek());
    }

    /// How many items are in it; exact when nothing moves.
    @Override
    public int size() {
        return core.size();
    }

    @Override
    public int remainingCapacity() {
        return Math.max(0, core.capacity() - size());
    }

    @Override
    public int drainTo(Collection<? super E> into) {
        return drainTo(into, Integer.MAX_VALUE);
    }

    @Override
    public int drainTo(Collection<? super E> into, int most) {
        if (into instanceof SharedQueue<?> other && equals(other)) {
            throw new IllegalArgumentException("a queue cannot be drained into itself");
        }
        Objects.requireNonNull(into, "into");
        int count = 0;
        for (E item; count < most && (item = poll()) != null; count++) {
            into.add(item);
        }
        return count;
    }

    /// Not supported: what is in the queue is other processes' as much as this one's. Take items with [#poll()] or
    /// [#drainTo(Collection)].
    ///
    /// @throws UnsupportedOperationException always
    @Override
    public Iterator<E> iterator() {
        throw new UnsupportedOperationException(
                "A SharedQueue cannot be iterated over: other processes take from it. Use poll() or drainTo(...).");
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private <T> @Nullable T cast(@Nullable Object item) {
        return (T) item;
    }

    /// Detaches this process: its further use here throws, also in threads that wait; others go on. Idempotent.
    @Override
    public void close() {
        core.close();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SharedQueue<?> that && that.core.id() == core.id();
    }

    @Override
    public int hashCode() {
        return Long.hashCode(core.id());
    }

    @Override
    public String toString() {
        return "SharedQueue[capacity " + core.capacity() + (core.isOpen() ? ", size " + size() + "]" : ", closed]");
    }

    /// What travels instead.
    ///
    /// @return a handle
    private Object writeReplace() {
        return new Handle(Handle.Kind.QUEUE, core.openId());
    }

    /// Refuses what is not a handle.
    ///
    /// @param in ignored
    /// @throws InvalidObjectException always
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a SharedQueue travels as a handle");
    }
}
