package io.github.procession;

import io.github.procession.internal.shared.SharedBlock;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.function.IntUnaryOperator;

/// An `int` in shared memory. Its methods are atomic between threads and between processes, with the memory effects of
/// [java.util.concurrent.atomic.AtomicInteger].
///
/// A handle can be sent to any process of the tree; the object lives until each process has closed it, ended, or
/// no longer has a handle of it. All methods throw [IllegalStateException] after [#close()].
public final class SharedInt extends SharedScalar {
    private static final long serialVersionUID = 1L;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private SharedInt(SharedBlock block) {
        super(block, Handle.Kind.INT);
    }

    /// Makes a shared int.
    ///
    /// @param value its first value
    /// @return a handle of it
    /// @throws IllegalStateException if there is no memory left
    public static SharedInt of(int value) {
        var made = new SharedInt(allocate());
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
        return (int) INT.getVolatile(memory(), AT);
    }

    /// Sets the value.
    ///
    /// @param value the new one
    public void set(int value) {
        INT.setVolatile(memory(), AT, value);
    }

    /// Sets the value and returns the old one.
    ///
    /// @param value the new one
    /// @return the one before
    public int getAndSet(int value) {
        return (int) INT.getAndSet(memory(), AT, value);
    }

    /// Sets the value if it is what is expected.
    ///
    /// @param expected what it must be
    /// @param value    the new one
    /// @return whether it was, and has been set
    public boolean compareAndSet(int expected, int value) {
        return INT.compareAndSet(memory(), AT, expected, value);
    }

    /// Adds to the value.
    ///
    /// @param delta how much
    /// @return the value before
    public int getAndAdd(int delta) {
        return (int) INT.getAndAdd(memory(), AT, delta);
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

    @Override
    String text() {
        return Integer.toString(get());
    }
}
