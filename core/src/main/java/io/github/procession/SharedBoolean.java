package io.github.procession;

import io.github.procession.internal.shared.SharedBlock;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// A `boolean` in shared memory. Its methods are atomic between threads and between processes, with the memory effects of
/// [java.util.concurrent.atomic.AtomicBoolean].
///
/// A handle can be sent to any process of the tree; the object lives until each process has closed it, ended, or
/// no longer has a handle of it. All methods throw [IllegalStateException] after [#close()].
public final class SharedBoolean extends SharedScalar {
    /*
     *   an int: 0 is false, 1 is true
     */
    private static final long serialVersionUID = 1L;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private SharedBoolean(SharedBlock block) {
        super(block, Handle.Kind.BOOLEAN);
    }

    /// Makes a shared boolean.
    ///
    /// @param value its first value
    /// @return a handle of it
    /// @throws IllegalStateException if there is no memory left
    public static SharedBoolean of(boolean value) {
        var made = new SharedBoolean(allocate());
        made.set(value);
        return made;
    }

    static SharedBoolean attach(long id) {
        return new SharedBoolean(SharedBlock.attach(id));
    }

    /// Reads the value.
    ///
    /// @return the last value that any process has set
    public boolean get() {
        return (int) INT.getVolatile(memory(), AT) != 0;
    }

    /// Sets the value.
    ///
    /// @param value the new one
    public void set(boolean value) {
        INT.setVolatile(memory(), AT, number(value));
    }

    /// Sets the value and returns the old one.
    ///
    /// @param value the new one
    /// @return the one before
    public boolean getAndSet(boolean value) {
        return (int) INT.getAndSet(memory(), AT, number(value)) != 0;
    }

    /// Sets the value if it is what is expected.
    ///
    /// @param expected what it must be
    /// @param value    the new one
    /// @return whether it was, and has been set
    public boolean compareAndSet(boolean expected, boolean value) {
        return INT.compareAndSet(memory(), AT, number(expected), number(value));
    }

    private static int number(boolean value) {
        return value ? 1 : 0;
    }

    @Override
    String text() {
        return Boolean.toString(get());
    }
}
