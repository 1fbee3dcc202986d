package io.github.procession;

import io.github.procession.internal.shared.SharedBlock;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.function.DoubleUnaryOperator;

/// A `double` in shared memory. Its methods are atomic between threads and between processes, with the memory effects of
/// [java.util.concurrent.atomic.AtomicLong].
///
/// A handle can be sent to any process of the tree; the object lives until each process has closed it, ended, or
/// no longer has a handle of it. All methods throw [IllegalStateException] after [#close()].
public final class SharedDouble extends SharedScalar {
    private static final long serialVersionUID = 1L;
    private static final VarHandle DOUBLE = ValueLayout.JAVA_DOUBLE.varHandle();

    private SharedDouble(SharedBlock block) {
        super(block, Handle.Kind.DOUBLE);
    }

    /// Makes a shared double.
    ///
    /// @param value its first value
    /// @return a handle of it
    /// @throws IllegalStateException if there is no memory left
    public static SharedDouble of(double value) {
        var made = new SharedDouble(allocate());
        made.set(value);
        return made;
    }

    static SharedDouble attach(long id) {
        return new SharedDouble(SharedBlock.attach(id));
    }

    /// Reads the value.
    ///
    /// @return the last value that any process has set
    public double get() {
        return (double) DOUBLE.getVolatile(memory(), AT);
    }

    /// Sets the value.
    ///
    /// @param value the new one
    public void set(double value) {
        DOUBLE.setVolatile(memory(), AT, value);
    }

    /// Sets the value and returns the old one.
    ///
    /// @param value the new one
    /// @return the one before
    public double getAndSet(double value) {
        return (double) DOUBLE.getAndSet(memory(), AT, value);
    }

    /// Sets the value if it is what is expected,
    /// comparing bits: a NaN equals a NaN of the same bits, and 0.0 does not equal -0.0.
    ///
    /// @param expected what it must be
    /// @param value    the new one
    /// @return whether it was, and has been set
    public boolean compareAndSet(double expected, double value) {
        return DOUBLE.compareAndSet(memory(), AT, expected, value);
    }

    /// Adds to the value.
    ///
    /// @param delta how much
    /// @return the value before
    public double getAndAdd(double delta) {
        return getAndUpdate(before -> before + delta);
    }

    /// Adds to the value.
    ///
    /// @param delta how much
    /// @return the value after
    public double addAndGet(double delta) {
        return updateAndGet(before -> before + delta);
    }

    /// Replaces the value by a function of it.
    ///
    /// @param update without side effects: called again when another process was faster
    /// @return the value before
    public double getAndUpdate(DoubleUnaryOperator update) {
        while (true) {
            double before = get();
            if (compareAndSet(before, update.applyAsDouble(before))) {
                return before;
            }
        }
    }

    /// Replaces the value by a function of it.
    ///
    /// @param update without side effects: called again when another process was faster
    /// @return the value after
    public double updateAndGet(DoubleUnaryOperator update) {
        while (true) {
            double before = get();
            double after = update.applyAsDouble(before);
            if (compareAndSet(before, after)) {
                return after;
            }
        }
    }

    @Override
    String text() {
        return Double.toString(get());
    }
}
