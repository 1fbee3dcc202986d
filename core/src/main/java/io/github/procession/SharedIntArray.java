package io.github.procession;

import io.github.procession.internal.shared.SharedBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// An array of `int` in shared memory. Single elements are read and changed atomically between threads and between
/// processes, with the memory effects of [java.util.concurrent.atomic.AtomicIntegerArray]; [#toArray()], [#copyFrom],
/// [#fill] and [#segment()] touch elements plainly, as many at a time as the machine likes.
///
/// A handle can be sent to any process of the tree; the object lives until each process has closed it, ended, or
/// no longer has a handle or a segment of it. All methods throw [IllegalStateException] after [#close()], and
/// [IndexOutOfBoundsException] for an index below 0 or not below [#length()].
public final class SharedIntArray extends SharedArray {
    private static final long serialVersionUID = 1L;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private SharedIntArray(SharedBlock block) {
        super(block, Handle.Kind.INT_ARRAY, Integer.BYTES);
    }

    /// Makes a shared array with these values.
    ///
    /// @param values its elements
    /// @return a handle of it
    /// @throws IllegalStateException if there is not enough memory left
    public static SharedIntArray of(int... values) {
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
    public static SharedIntArray ofLength(long length) {
        return new SharedIntArray(allocate(length, Integer.BYTES));
    }

    static SharedIntArray attach(long id) {
        return new SharedIntArray(SharedBlock.attach(id));
    }

    /// Reads an element.
    ///
    /// @param index which
    /// @return the last value that any process has set
    public int get(long index) {
        return (int) INT.getVolatile(memory(), at(index));
    }

    /// Sets an element.
    ///
    /// @param index which
    /// @param value the new value
    public void set(long index, int value) {
        INT.setVolatile(memory(), at(index), value);
    }

    /// Sets an element and returns its old value.
    ///
    /// @param index which
    /// @param value the new value
    /// @return the one before
    public int getAndSet(long index, int value) {
        return (int) INT.getAndSet(memory(), at(index), value);
    }

    /// Sets an element if it is what is expected.
    ///
    /// @param index    which
    /// @param expected what it must be
    /// @param value    the new value
    /// @return whether it was, and has been set
    public boolean compareAndSet(long index, int expected, int value) {
        return INT.compareAndSet(memory(), at(index), expected, value);
    }

    /// Adds to an element.
    ///
    /// @param index which
    /// @param delta how much
    /// @return the value before
    public int getAndAdd(long index, int delta) {
        return (int) INT.getAndAdd(memory(), at(index), delta);
    }

    /// Adds to an element.
    ///
    /// @param index which
    /// @param delta how much
    /// @return the value after
    public int addAndGet(long index, int delta) {
        return getAndAdd(index, delta) + delta;
    }

    /// Adds one to an element.
    ///
    /// @param index which
    /// @return the value before
    public int getAndIncrement(long index) {
        return getAndAdd(index, 1);
    }

    /// Adds one to an element.
    ///
    /// @param index which
    /// @return the value after
    public int incrementAndGet(long index) {
        return getAndAdd(index, 1) + 1;
    }

    /// Subtracts one from an element.
    ///
    /// @param index which
    /// @return the value before
    public int getAndDecrement(long index) {
        return getAndAdd(index, -1);
    }

    /// Subtracts one from an element.
    ///
    /// @param index which
    /// @return the value after
    public int decrementAndGet(long index) {
        return getAndAdd(index, -1) - 1;
    }

    /// Replaces an element by a function of it.
    ///
    /// @param index  which
    /// @param update without side effects: called again when another process was faster
    /// @return the value before
    public int getAndUpdate(long index, IntUnaryOperator update) {
        while (true) {
            int before = get(index);
            if (compareAndSet(index, before, update.applyAsInt(before))) {
                return before;
            }
        }
    }

    /// Replaces an element by a function of it.
    ///
    /// @param index  which
    /// @param update without side effects: called again when another process was faster
    /// @return the value after
    public int updateAndGet(long index, IntUnaryOperator update) {
        while (true) {
            int before = get(index);
            int after = update.applyAsInt(before);
            if (compareAndSet(index, before, after)) {
                return after;
            }
        }
    }

    /// Copies all elements out.
    ///
    /// @return a new array
    /// @throws IllegalStateException if it is too long for a Java array: use [#segment()]
    public int[] toArray() {
        var copy = new int[javaLength()];
        copyInto(MemorySegment.ofArray(copy));
        return copy;
    }

    /// Copies values in, from index 0 on.
    ///
    /// @param values at most [#length()]
    /// @throws IndexOutOfBoundsException if there are more; nothing is copied then
    public void copyFrom(int... values) {
        copyAll(MemorySegment.ofArray(values));
    }

    /// Sets all elements to one value.
    ///
    /// @param value the value
    public void fill(int value) {
        fillWith(MemorySegment.ofArray(new int[] {value}));
    }

    /// The elements in order, each read when its turn comes.
    ///
    /// @return a stream that may run in parallel
    public IntStream stream() {
        return LongStream.range(0, length()).mapToInt(this::get);
    }

    private long at(long index) {
        return at(index, Integer.BYTES);
    }
}
