package io.github.procession;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.SharedBlock;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.function.IntUnaryOperator;

/// An `int` in shared memory. Its methods are atomic between threads and between processes, with the memory effects of
/// [java.util.concurrent.atomic.AtomicInteger].
///
/// A handle can be sent to any process of the tree; the object lives until each process has closed it, ended, or
/// no longer has a handle of it. All methods throw [IllegalStateException] after [#close()].
public final class SharedInt implements AutoCloseable, Serializable {
    private static final long serialVersionUID = 1L;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final long AT = BlockLayout.VALUES;

    private final transient SharedBlock block;

    private SharedInt(SharedBlock block) {
        this.block = block;
    }

    /// Makes a shared int.
    ///
    /// @param value its first value
    /// @return a handle of it
    /// @throws IllegalStateException if there is no memory left
    public static SharedInt of(int value) {
        var made = new SharedInt(SharedBlock.create(ObjectKind.VALUES, AT - BlockLayout.HEADER + Integer.BYTES));
        made.set(value);
        return made;
    }

    static SharedInt attach(long id) {
        return new SharedInt(SharedBlock.attach(id));
    }

    /// Reads the value.
    ///
    /// @return the last value that any process has set
    public int get() {
        return (int) INT.getVolatile(block.memory(), AT);
    }

    /// Sets the value.
    ///
    /// @param value the new one
    public void set(int value) {
        INT.setVolatile(block.memory(), AT, value);
    }

    /// Sets the value and returns the old one.
    ///
    /// @param value the new one
    /// @return the one before
    public int getAndSet(int value) {
        return (int) INT.getAndSet(block.memory(), AT, value);
    }

    /// Sets the value if it is what is expected.
    ///
    /// @param expected what it must be
    /// @param value    the new one
    /// @return whether it was, and has been set
    public boolean compareAndSet(int expected, int value) {
        return INT.compareAndSet(block.memory(), AT, expected, value);
    }

    /// Adds to the value.
    ///
    /// @param delta how much
    /// @return the value before
    public int getAndAdd(int delta) {
        return (int) INT.getAndAdd(block.memory(), AT, delta);
    }

    /// Adds to the value.
    ///
    /// @param delta how much
    /// @return the value after
    public int addAndGet(int delta) {
        return getAndAdd(delta) + delta;
    }

    /// Adds one.
    ///
    /// @return the value before
    public int getAndIncrement() {
        return getAndAdd(1);
    }

    /// Adds one.
    ///
    /// @return the value after
    public int incrementAndGet() {
        return getAndAdd(1) + 1;
    }

    /// Subtracts one.
    ///
    /// @return the value before
    public int getAndDecrement() {
        return getAndAdd(-1);
    }

    /// Subtracts one.
    ///
    /// @return the value after
    public int decrementAndGet() {
        return getAndAdd(-1) - 1;
    }

    /// Replaces the value by a function of it.
    ///
    /// @param update without side effects: called again when another process was faster
    /// @return the value before
    public int getAndUpdate(IntUnaryOperator update) {
        while (true) {
            int before = get();
            if (compareAndSet(before, update.applyAsInt(before))) {
                return before;
            }
        }
    }

    /// Replaces the value by a function of it.
    ///
    /// @param update without side effects: called again when another process was faster
    /// @return the value after
    public int updateAndGet(IntUnaryOperator update) {
        while (true) {
            int before = get();
            int after = update.applyAsInt(before);
            if (compareAndSet(before, after)) {
                return after;
            }
        }
    }

    /// Detaches this process: its further use here throws, others go on. Idempotent.
    @Override
    public void close() {
        block.close();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SharedInt that && that.block.id() == block.id();
    }

    @Override
    public int hashCode() {
        return Long.hashCode(block.id());
    }

    @Override
    public String toString() {
        return block.isOpen() ? "SharedInt[" + get() + "]" : "SharedInt[closed]";
    }

    /// What travels instead.
    ///
    /// @return a handle
    private Object writeReplace() {
        return new Handle(Handle.Kind.INT, block.openId());
    }

    /// Refuses what is not a handle.
    ///
    /// @param in ignored
    /// @throws InvalidObjectException always
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a SharedInt travels as a handle");
    }
}
