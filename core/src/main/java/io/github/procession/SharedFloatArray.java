package io.github.procession;

import io.github.procession.internal.shared.SharedBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/// An array of `float` in shared memory. Single elements are read and changed atomically between threads and between
/// processes, with the memory effects of [java.util.concurrent.atomic.AtomicIntegerArray]; [#toArray()], [#copyFrom],
/// [#fill] and [#segment()] touch elements plainly, as many at a time as the machine likes.
///
/// A function of an element computes in `double`; its result is rounded.
///
/// A handle can be sent to any process of the tree; the object lives until each process has closed it, ended, or
/// no longer has a handle or a segment of it. All methods throw [IllegalStateException] after [#close()], and
/// [IndexOutOfBoundsException] for an index below 0 or not below [#length()].
public final class SharedFloatArray extends SharedArray {
    private static final long serialVersionUID = 1L;
    private static final VarHandle FLOAT = ValueLayout.JAVA_FLOAT.varHandle();

    private SharedFloatArray(SharedBlock block) {
        super(block, Handle.Kind.FLOAT_ARRAY, Float.BYTES);
    }

    /// Makes a shared array with these values.
    ///
    /// @param values its elements
    /// @return a handle of it
    /// @throws IllegalStateException if there is not enough memory left
    public static SharedFloatArray of(float... values) {
        var made = ofLength(values.length);
        made.copyFrom(values);
        return made;
    }

    /// Makes a shared array of zeros.
    ///
    /// @param length how many elements, 0 or more
    /// @return a handle of it
    /// @throws IllegalArgumentException if the length is negative, or more than any machine holds
    /// @throws IllegalStateException    if there is not enough memory left
    public static SharedFloatArray ofLength(long length) {
        return new SharedFloatArray(allocate(length, Float.BYTES));
    }

    static SharedFloatArray attach(long id) {
        return new SharedFloatArray(SharedBlock.attach(id));
    }

    /// Reads an element.
    ///
    /// @param index which
    /// @return the last value that any process has set
    public float get(long index) {
        return (float) FLOAT.getVolatile(memory(), at(index));
    }

    /// Sets an element.
    ///
    /// @param index which
    /// @param value the new value
    public void set(long index, float value) {
        FLOAT.setVolatile(memory(), at(index), value);
    }

    /// Sets an element and returns its old value.
    ///
    /// @param index which
    /// @param value the new value
    /// @return the one before
    public float getAndSet(long index, float value) {
        return (float) FLOAT.getAndSet(memory(), at(index), value);
    }

    /// Sets an element if it is what is expected,
    /// comparing bits: a NaN equals a NaN of the same bits, and 0.0 does not equal -0.0.
    ///
    /// @param index    which
    /// @param expected what it must be
    /// @param value    the new value
    /// @return whether it was, and has been set
    public boolean compareAndSet(long index, float expected, float value) {
        return FLOAT.compareAndSet(memory(), at(index), expected, value);
    }

    /// Adds to an element.
    ///
    /// @param index which
    /// @param delta how much
    /// @return the value before
    public float getAndAdd(long index, float delta) {
        return getAndUpdate(index, before -> before + delta);
    }

    /// Adds to an element.
    ///
    /// @param index which
    /// @param delta how much
    /// @return the value after
    public float addAndGet(long index, float delta) {
        return updateAndGet(index, before -> before + delta);
    }

    /// Replaces an element by a function of it.
    ///
    /// @param index  which
    /// @param update without side effects: called again when another process was faster
    /// @return the value before
    public float getAndUpdate(long index, DoubleUnaryOperator update) {
        while (true) {
            float before = get(index);
            if (compareAndSet(index, before, (float) update.applyAsDouble(before))) {
                return before;
            }
        }
    }

    /// Replaces an element by a function of it.
    ///
    /// @param index  which
    /// @param update without side effects: called again when another process was faster
    /// @return the value after
    public float updateAndGet(long index, DoubleUnaryOperator update) {
        while (true) {
            float before = get(index);
            float after = (float) update.applyAsDouble(before);
            if (compareAndSet(index, before, after)) {
                return after;
            }
        }
    }

    /// Copies all elements out.
    ///
    /// @return a new array
    /// @throws IllegalStateException if it is too long for a Java array: use [#segment()]
    public float[] toArray() {
        var copy = new float[javaLength()];
        copyInto(MemorySegment.ofArray(copy));
        return copy;
    }

    /// Copies values in, from index 0 on.
    ///
    /// @param values at most [#length()]
    /// @throws IndexOutOfBoundsException if there are more; nothing is copied then
    public void copyFrom(float... values) {
        copyAll(MemorySegment.ofArray(values));
    }

    /// Sets all elements to one value.
    ///
    /// @param value the value
    public void fill(float value) {
        fillWith(MemorySegment.ofArray(new float[] {value}));
    }

    /// The elements in order, each read when its turn comes.
    ///
    /// @return a stream that may run in parallel
    public DoubleStream stream() {
        return LongStream.range(0, length()).mapToDouble(this::get);
    }

    private long at(long index) {
        return at(index, Float.BYTES);
    }
}
