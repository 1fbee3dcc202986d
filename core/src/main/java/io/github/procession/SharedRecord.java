package io.github.procession;

import io.github.procession.internal.shared.Primitive;
import io.github.procession.internal.shared.RecordCore;
import io.github.procession.internal.shared.RecordShape;
import io.github.procession.internal.shared.SharedBlock;
import java.io.Serializable;
import java.util.Objects;
import java.util.function.UnaryOperator;

/// A record in shared memory: several values that belong together, read and changed as one.
///
/// ```java
/// record Position(double x, double y, long time) {}
/// var position = SharedRecord.of(new Position(0, 0, 0));
/// position.update(p -> new Position(p.x() + 1, p.y(), p.time() + 1));
/// ```
///
/// The components are primitives, or records of such. [#get()] never sees a mixture of two values, and never waits, whatever
/// becomes of those who write. Writers, threads or processes, take turns. Actions before a value is set happen before those
/// after it is read, in another process too.
///
/// **Death.** A writer that is killed has either set its value or changed nothing, and holds up nobody.
///
/// A handle can be sent to any process of the tree, and the record's class goes with it. The object lives until each process
/// has closed it, ended, or no longer has a handle of it. All methods throw [IllegalStateException] after [#close()].
///
/// @param <R> the record's type
public final class SharedRecord<R extends Record> extends SharedData {
    private static final long serialVersionUID = 1L;

    private final transient Class<R> type;
    private final transient RecordShape shape;
    private final transient RecordCore core;

    private SharedRecord(SharedBlock block, Class<R> type) {
        super(block, Handle.Kind.RECORD);
        this.type = type;
        this.shape = RecordShape.of(type);
        this.core = RecordCore.of(block);
        if (core.length() != shape.length()) {
            throw new IllegalStateException(
                    "A shared %s takes %d bytes, but %d here: this process has another version of the class"
                            .formatted(type.getName(), core.length(), shape.length()));
        }
    }

    /// Makes a shared record.
    ///
    /// @param value its first value
    /// @param <R>   the record's type
    /// @return a handle of it
    /// @throws IllegalArgumentException if a component is neither a primitive nor a record of such; it is named
    /// @throws NullPointerException     if the value, or a record in it, is null
    /// @throws IllegalStateException    if there is no memory left
    @SuppressWarnings("unchecked")
    public static <R extends Record> SharedRecord<R> of(R value) {
        Objects.requireNonNull(value, "value");
        var type = (Class<R>) value.getClass();
        return new SharedRecord<>(RecordCore.create(RecordShape.of(type).write(value)), type);
    }

    static SharedRecord<?> attach(long id, Class<? extends Record> type) {
        return new SharedRecord<>(SharedBlock.attach(id), type);
    }

    /// Reads the record, without ever waiting for who changes it.
    ///
    /// @return the last value that any process has set
    public R get() {
        return record(core.read());
    }

    /// Sets the record; waits while another thread or process is changing it. An interrupt does not end that, and stays set.
    ///
    /// @param value the new value
    /// @throws NullPointerException  if the value, or a record in it, is null
    /// @throws IllegalStateException if called by the function of an [#update] of this record
    public void set(R value) {
        byte[] bytes = shape.write(type.cast(Objects.requireNonNull(value, "value")));
        core.update(_ -> bytes);
    }

    /// Replaces the record by a function of it, while no other thread or process changes it. Waits until it is its turn; an
    /// interrupt does not end that, and stays set.
    ///
    /// The function is called once. If it throws, nothing has changed. While it runs, readers get the old value and other
    /// writers wait: let it be short, and let two of them not wait for each other.
    ///
    /// @param function makes the new value of the old one
    /// @return the new value
    /// @throws NullPointerException  if the new value, or a record in it, is null
    /// @throws IllegalStateException if called by the function of another update of this record
    public R update(UnaryOperator<R> function) {
        Objects.requireNonNull(function, "function");
        var updated = new Object() {
            byte[] bytes = {};
        };
        core.update(before -> updated.bytes =
                shape.write(type.cast(Objects.requireNonNull(function.apply(record(before)), "the new value"))));
        return record(updated.bytes);
    }

    private R record(byte[] bytes) {
        return type.cast(shape.read(bytes));
    }

    /// Detaches this process: its further use here throws, also in threads that wait; others go on. Idempotent.
    ///
    /// @throws IllegalStateException if called by the function of an [#update] of this record
    @Override
    public void close() {
        Primitive.endWaiting(block());
        core.close();
    }

    @Override
    Serializable detail() {
        return type;
    }

    @Override
    public String toString() {
        return "SharedRecord[" + (isOpen() ? get() : "closed") + "]";
    }
}
