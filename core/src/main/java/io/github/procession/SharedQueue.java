package io.github.procession;

import io.github.procession.internal.shared.QueueCore;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.AbstractQueue;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Spliterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
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
/// [IllegalStateException] says so. One for which a taker lacks heap or a descriptor stays where it is, for others and for later; that
/// taker gets the [OutOfMemoryError], or an [IllegalStateException] that names the limit.
///
/// The queue lives until each process has closed it, ended, or no longer has a handle of it. All methods throw [IllegalStateException] after
/// [#close()].
///
/// @param <E> type of the items; they must be serializable
public final class SharedQueue<E> extends AbstractQueue<E>
        implements BlockingQueue<E>, AutoCloseable, Waitable, Serializable {
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

    QueueCore core() {
        return core;
    }

    static SharedQueue<?> attach(long id) {
        return new SharedQueue<>(QueueCore.attach(id));
    }

    /// Adds an item, waiting for room.
    ///
    /// @throws IllegalArgumentException if it cannot be serialized, with the path to the culprit; no room is taken then
    /// @throws QueueEndedException      if the queue has ended, or ends while this waits; the item is not in it then
    @Override
    public void put(E item) throws InterruptedException {
        isAdded(core.put(Objects.requireNonNull(item, "item"), Limits.NONE));
    }

    /// Adds an item if there is room.
    ///
    /// @throws IllegalArgumentException if it cannot be serialized, with the path to the culprit
    /// @throws QueueEndedException      if the queue has ended
    @Override
    public boolean offer(E item) {
        return isAdded(core.offer(Objects.requireNonNull(item, "item")));
    }

    /// Adds an item, waiting for room until the limit.
    ///
    /// @throws IllegalArgumentException if it cannot be serialized, with the path to the culprit
    /// @throws QueueEndedException      if the queue has ended, or ends while this waits
    @Override
    public boolean offer(E item, long limit, TimeUnit unit) throws InterruptedException {
        return isAdded(core.put(Objects.requireNonNull(item, "item"), Limits.deadline(limit, unit)));
    }

    private static boolean isAdded(QueueCore.Added added) {
        if (added == QueueCore.Added.ENDED) {
            throw new QueueEndedException(
                    "The queue has ended and takes no more items: some process has called end(). Put everything before that.");
        }
        return added == QueueCore.Added.YES;
    }

    /// Takes the oldest item, waiting for one.
    ///
    /// @throws QueueEndedException if the queue has ended and nothing is left in it
    @Override
    public E take() throws InterruptedException {
        E item = rebuilt(core.take(Limits.NONE));
        if (item == null) {
            throw new QueueEndedException("The queue has ended, and all its items have been taken.");
        }
        return item;
    }

    @Override
    public @Nullable E poll() {
        return rebuilt(core.poll());
    }

    /// Takes the oldest item, waiting for one until the limit.
    ///
    /// @return null at the limit; at once when the queue has ended and nothing is left in it
    @Override
    public @Nullable E poll(long limit, TimeUnit unit) throws InterruptedException {
        return rebuilt(core.take(Limits.deadline(limit, unit)));
    }

    /// The item that would be taken next, left where it is. Another process may take it at any time.
    @Override
    public @Nullable E peek() {
        return rebuilt(core.peek());
    }

    @SuppressWarnings("unchecked")
    private @Nullable E rebuilt(QueueCore.@Nullable Arrived arrived) {
        return arrived == null ? null : (E) arrived.rebuild();
    }

    // ---- the end, and work -----------------------------------------------------------------------------------------

    /// Ends the queue for all processes: nothing more can be put in, what is there can still be taken. Idempotent.
    ///
    /// Every [#put] either happened before, and its item will come out, or throws.
    public void end() {
        core.end();
    }

    /// Takes items until the queue has ended and is empty. Several processes and threads may do so at a time; each item goes to
    /// one of them.
    ///
    /// @return a stream that waits for items, sequential; closing it changes nothing. An interrupt ends it with a
    ///     [CancellationException] and stays set
    @Override
    public Stream<E> stream() {
        return StreamSupport.stream(new Taking(), false);
    }

    /// The same as [#stream()]: items are taken one after the other.
    ///
    /// @return a stream
    @Override
    public Stream<E> parallelStream() {
        return stream();
    }

    private final class Taking implements Spliterator<E> {
        @Override
        public int characteristics() {
            return ORDERED | NONNULL;
        }

        @Override
        public long estimateSize() {
            return Long.MAX_VALUE;
        }

        @Override
        public @Nullable Spliterator<E> trySplit() {
            return null; // a part could not know whether it has any items
        }

        @Override
        public boolean tryAdvance(Consumer<? super E> action) {
            E item;
            try {
                item = rebuilt(core.take(Limits.NONE));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CancellationException("Interrupted while waiting for an item");
            }
            if (item == null) {
                return false;
            }
            action.accept(item);
            return true;
        }
    }

    /// Reports an item that was taken as done, for [#awaitDone()]. To be called once for each item, by the process that took
    /// it.
    ///
    /// @throws IllegalStateException if more would be done than were put
    public void taskDone() {
        if (!core.done()) {
            throw new IllegalStateException(
                    "taskDone() was called more often than items were put. Call it once for each item that was taken.");
        }
    }

    /// Waits until each item that was put has been reported done.
    ///
    /// @throws InterruptedException  if this thread is interrupted
    /// @throws IllegalStateException if the rest will never be: it had been taken by processes that have ended, or closed
    ///                               the queue, before [#taskDone()]
    public void awaitDone() throws InterruptedException {
        isDone(core.awaitDone(Limits.NONE));
    }

    /// Waits until each item that was put has been reported done, or until a limit.
    ///
    /// @param limit how long to wait at the most
    /// @return whether all are done
    /// @throws InterruptedException  if this thread is interrupted
    /// @throws IllegalStateException if the rest will never be: it had been taken by processes that have ended, or closed
    ///                               the queue, before [#taskDone()]
    public boolean awaitDone(Duration limit) throws InterruptedException {
        return isDone(core.awaitDone(Limits.deadline(limit)));
    }

    private boolean isDone(QueueCore.Work work) {
        if (work == QueueCore.Work.LOST) {
            throw new IllegalStateException(
                    "%d items will never be done: the processes that had taken them have ended, or closed the queue, before taskDone(). Put them again if they matter."
                            .formatted(core.outstanding()));
        }
        return work == QueueCore.Work.DONE;
    }

    // ---- as a collection -------------------------------------------------------------------------------------------

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

    /// Goes over copies of the items that are there now, first to last, and takes none. Others may take them meanwhile.
    ///
    /// @return an iterator that removes nothing
    @Override
    public Iterator<E> iterator() {
        return Collections.unmodifiableList(items()).iterator();
    }

    @SuppressWarnings("unchecked")
    private List<E> items() {
        return (List<E>) core.snapshot();
    }

    @Override
    public Object[] toArray() {
        return items().toArray();
    }

    @Override
    public <T> T[] toArray(T[] array) {
        return items().toArray(array);
    }

    /// Takes all items out and throws them away.
    @Override
    public void clear() {
        for (var item = core.poll(); item != null; item = core.poll()) {
            item.drop();
        }
    }

    /// Not supported: items can only be taken in their order.
    ///
    /// @throws UnsupportedOperationException always
    @Override
    public boolean remove(Object item) {
        throw new UnsupportedOperationException("Items of a SharedQueue can only be taken in their order: use poll()");
    }

    /// Not supported: see [#remove(Object)].
    ///
    /// @throws UnsupportedOperationException always
    @Override
    public boolean removeAll(Collection<?> items) {
        throw new UnsupportedOperationException("Items of a SharedQueue can only be taken in their order: use poll()");
    }

    /// Not supported: see [#remove(Object)].
    ///
    /// @throws UnsupportedOperationException always
    @Override
    public boolean retainAll(Collection<?> items) {
        throw new UnsupportedOperationException("Items of a SharedQueue can only be taken in their order: use poll()");
    }

    /// Not supported: see [#remove(Object)].
    ///
    /// @throws UnsupportedOperationException always
    @Override
    public boolean removeIf(Predicate<? super E> filter) {
        throw new UnsupportedOperationException("Items of a SharedQueue can only be taken in their order: use poll()");
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
    Handle handle() {
        return new Handle(Handle.Kind.QUEUE, core.openId());
    }

    /// What travels instead where Java's serialization writes.
    ///
    /// @return a handle
    private Object writeReplace() {
        return handle();
    }

    /// Refuses what is not a handle.
    ///
    /// @param in ignored
    /// @throws InvalidObjectException always
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a SharedQueue travels as a handle");
    }
}
