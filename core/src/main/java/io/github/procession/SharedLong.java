package io.github.procession;

import io.github.procession.internal.shared.SharedBlock;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.function.LongUnaryOperator;

/// A `long` in shared memory. Its methods are atomic between threads and between processes, with the memory effects of
/// [java.util.concurrent.atomic.AtomicLong].
///
/// A handle can be sent to any process of the tree; the object lives until each process has closed it, ended, or
/// no longer has a handle of it. All methods throw [IllegalStateException] after [#close()].
public final class SharedLong extends SharedScalar {
    private static final long serialVersionUID = 1L;
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private SharedLong(SharedBlock block) {
        super(block, Handle.Kind.LONG);
    }

    /// Makes a shared long.
    ///
    /// @param value its first value
    /// @return a handle of it
    /// @throws IllegalStateException if there is no memory left
    public static SharedLong of(long value) {
        var made = new SharedLong(allocate());
        made.set(value);
        return made;
    }

    static SharedLong attach(long id) {
        return new SharedLong(SharedBlock.attach(id));
    }

    /// Reads the value.
    ///
    /// @return the last value that any process has set
    public long get() {
        return (long) LONG.getVolatile(memory(), AT);
    }

    /// Sets the value.
    ///
    /// @param value the new one
    public void set(long value) {
        LONG.setVolatile(memory(), AT, value);
    }

    /// Sets the value and returns the old one.
    ///
    /// @param value the new one
    /// @return the one before
    public long getAndSet(long value) {
        return (long) LONG.getAndSet(memory(), AT, value);
    }

    /// Sets the value if it is what is expected.
    ///
    /// @param expected what it must be
    /// @param value    the new one
    /// @return whether it was, and has been set
    public boolean compareAndSet(long expected, long value) {
        return LONG.compareAndSet(memory(), AT, expected, value);
    }

    /// Adds to the value.
    ///
    /// @param delta how much
    /// @return the value before
    public long getAndAdd(long delta) {
        return (long) LONG.getAndAdd(memory(), AT, delta);
    }

    /// Adds to the value.
    ///
    /// @param delta how much
    /// @return the value after
    public long addAndGet(long delta) {
        return getAndAdd(delta) + delta;
    }

    /// Adds one.
    ///
    /// @return the value before
    public long getAndIncrement() {
        return getAndAdd(1);
    }

    /// Adds one.
    ///
    /// @return the value after
    public long incrementAndGet() {
        return getAndAdd(1) + 1;
    }

    /// Subtracts one.
    ///
    /// @return the value before
    public long getAndDecrement() {
        return getAndAdd(-1);
    }

    /// Subtracts one.
    ///
    /// @return the value after
    public long decrementAndGet() {
        return getAndAdd(-1) - 1;
    }

    /// Replaces the value by a function of it.
    ///
    /// @param update without side effects: called again when another process was faster
    /// @return the value before
    public long getAndUpdate(LongUnaryOperator update) {
        while (true) {
            long before = get();
            if (compareAndSet(before, update.applyAsLong(before))) {
                return before;
            }
        }
    }

    /// Replaces the value by a function of it.
    ///
    /// @param update without side effects: called again when another process was faster
    /// @return the value after
    public long updateAndGet(LongUnaryOperator update) {
        while (true) {
            long before = get();
            long after = update.applyAsLong(before);
            if (compareAndSet(before, after)) {
                return after;
            }
        }
    }

    @Override
    String text() {
        return Long.toString(get());
    }
}
