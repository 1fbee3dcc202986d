package io.github.procession;

import io.github.procession.internal.shared.PackedCore;
import io.github.procession.internal.shared.SharedBlock;
import java.util.Objects;

/// An object that is put into shared memory once and read in every process: a model, a table, a dictionary.
///
/// ```java
/// try (var words = Shared.of(dictionary); var pool = Pool.open()) {
///     pool.map(texts, text -> spelling(text, words.get()));
/// }
/// ```
///
/// It is serialized by [#of], once. The first [#get()] in a process makes a copy of it there, which all threads, all tasks
/// and all handles of that process share, [#of]'s own too: so it must not be changed. A handle is small, whatever it leads to.
/// (A process may make another copy after it has run short of memory, or, if there are handles of shared objects in it,
/// after it had no handle of it for a while.)
///
/// Shared objects whose handles are in it live at least as long as it does. Large data that are read in place, without a copy
/// in each process, are better in a shared array.
///
/// A handle can be sent to any process of the tree; the object lives until each process has closed it, ended, or
/// no longer has a handle of it. All methods throw [IllegalStateException] after [#close()].
///
/// @param <T> the object's type; it must be serializable
public final class Shared<T> extends SharedObject {
    private static final long serialVersionUID = 1L;

    private final transient PackedCore core;

    private Shared(SharedBlock block) {
        super(block, Handle.Kind.PACKED);
        this.core = PackedCore.of(block);
    }

    /// Puts an object into shared memory.
    ///
    /// @param value the object, as it is at this moment
    /// @param <T>   its type
    /// @return a handle of it
    /// @throws IllegalArgumentException if it cannot be serialized, with the path to the culprit, or takes more than 2 GiB
    /// @throws IllegalStateException    if there is not enough memory left
    public static <T> Shared<T> of(T value) {
        return new Shared<>(PackedCore.create(Objects.requireNonNull(value, "value")));
    }

    static Shared<?> attach(long id) {
        return new Shared<>(SharedBlock.attach(id));
    }

    /// The object: in one process always the same.
    ///
    /// @return a copy of what was put
    /// @throws IllegalStateException if it cannot be rebuilt in this process
    @SuppressWarnings("unchecked")
    public T get() {
        return (T) core.value();
    }

    /// Detaches this process: its further use here throws, others go on, and what [#get()] has returned stays usable.
    /// Idempotent.
    @Override
    public void close() {
        core.close();
    }

    @Override
    public String toString() {
        return "Shared[object " + id() + (isOpen() ? "]" : ", closed]");
    }
}
