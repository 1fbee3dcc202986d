package io.github.procession;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.SharedBlock;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Objects;
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
public final class SharedIntArray implements AutoCloseable, Serializable {
    /*
     *   128: guard | 512: length:8 | 640: elements
     */
    private static final long serialVersionUID = 1L;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final long AT_LENGTH = BlockLayout.VALUES;
    private static final long AT_DATA = BlockLayout.VALUES + 128;
    private static final long MAX_LENGTH = Long.MAX_VALUE / 2 / Integer.BYTES;

    private final transient SharedBlock block;
    private final transient long length;

    private SharedIntArray(SharedBlock block) {
        this.block = block;
        this.length = block.memory().get(ValueLayout.JAVA_LONG, AT_LENGTH);
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
        if (length < 0 || length > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "ofLength(%d): a length is between 0 and %d".formatted(length, MAX_LENGTH));
        }
        var block = SharedBlock.create(ObjectKind.VALUES, AT_DATA - BlockLayout.HEADER + length * Integer.BYTES);
        block.memory().set(ValueLayout.JAVA_LONG, AT_LENGTH, length);
        return new SharedIntArray(block);
    }

    static SharedIntArray attach(long id) {
        return new SharedIntArray(SharedBlock.attach(id));
    }

    /// How many elements it has.
    ///
    /// @return 0 or more
    public long length() {
        return length;
    }

    /// Reads an element.
    ///
    /// @param index which
    /// @return the last value that any process has set
    public int get(long index) {
        return (int) INT.getVolatile(block.memory(), at(index));
    }

    /// Sets an element.
    ///
    /// @param index which
    /// @param value the new value
    public void set(long index, int value) {
        INT.setVolatile(block.memory(), at(index), value);
    }

    /// Sets an element and returns its old value.
    ///
    /// @param index which
    /// @param value the new value
    /// @return the one before
    public int getAndSet(long index, int value) {
        return (int) INT.getAndSet(block.memory(), at(index), value);
    }

    /// Sets an element if it is what is expected.
    ///
    /// @param index    which
    /// @param expected what it must be
    /// @param value    the new value
    /// @return whether it was, and has been set
    public boolean compareAndSet(long index, int expected, int value) {
        return INT.compareAndSet(block.memory(), at(index), expected, value);
    }

    /// Adds to an element.
    ///
    /// @param index which
    /// @param delta how much
    /// @return the value before
    public int getAndAdd(long index, int delta) {
        return (int) INT.getAndAdd(block.memory(), at(index), delta);
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
        if (length > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException(
                    "%d elements do not fit into an int[]; use segment() or stream()".formatted(length));
        }
        int[] copy = new int[(int) length];
        MemorySegment.copy(block.memory(), ValueLayout.JAVA_INT, AT_DATA, copy, 0, copy.length);
        return copy;
    }

    /// Copies values in, from index 0 on.
    ///
    /// @param values at most [#length()]
    /// @throws IndexOutOfBoundsException if there are more; nothing is copied then
    public void copyFrom(int... values) {
        Objects.checkFromIndexSize(0L, values.length, length);
        MemorySegment.copy(values, 0, block.memory(), ValueLayout.JAVA_INT, AT_DATA, values.length);
    }

    /// Sets all elements to one value.
    ///
    /// @param value the value
    public void fill(int value) {
        if (value == 0) {
            segment().fill((byte) 0);
            return;
        }
        var memory = block.memory();
        for (long i = 0; i < length; i++) {
            INT.set(memory, AT_DATA + i * Integer.BYTES, value);
        }
    }

    /// The elements in order, each read when its turn comes.
    ///
    /// @return a stream that may run in parallel
    public IntStream stream() {
        return LongStream.range(0, length).mapToInt(this::get);
    }

    /// The memory of the elements, without a copy.
    ///
    /// @return `length() * 4` bytes, in the machine's byte order; gone with [#close()]
    public MemorySegment segment() {
        return block.memory().asSlice(AT_DATA, length * Integer.BYTES);
    }

    private long at(long index) {
        return AT_DATA + Objects.checkIndex(index, length) * Integer.BYTES;
    }

    /// Detaches this process: its further use here throws, others go on. Idempotent.
    @Override
    public void close() {
        block.close();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SharedIntArray that && that.block.id() == block.id();
    }

    @Override
    public int hashCode() {
        return Long.hashCode(block.id());
    }

    @Override
    public String toString() {
        return "SharedIntArray[length " + length + (block.isOpen() ? "]" : ", closed]");
    }

    /// What travels instead.
    ///
    /// @return a handle
    private Object writeReplace() {
        return new Handle(Handle.Kind.INT_ARRAY, block.openId());
    }

    /// Refuses what is not a handle.
    ///
    /// @param in ignored
    /// @throws InvalidObjectException always
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a SharedIntArray travels as a handle");
    }
}
