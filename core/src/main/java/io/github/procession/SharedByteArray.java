package io.github.procession;

import io.github.procession.internal.shared.SharedBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// An array of `byte` in shared memory. Single elements are read and changed atomically between threads and between
/// processes, with the memory effects of [java.util.concurrent.atomic.AtomicIntegerArray]; [#toArray()], [#copyFrom],
/// [#fill] and [#segment()] touch elements plainly, as many at a time as the machine likes.
///
/// Values are given as `int`, of which the low eight bits are taken, and returned as `byte`, from -128 to 127.
///
/// A handle can be sent to any process of the tree; the object lives until each process has closed it, ended, or
/// no longer has a handle or a segment of it. All methods throw [IllegalStateException] after [#close()], and
/// [IndexOutOfBoundsException] for an index below 0 or not below [#length()].
public final class SharedByteArray extends SharedArray {
    private static final long serialVersionUID = 1L;
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private SharedByteArray(SharedBlock block) {
        super(block, Handle.Kind.BYTE_ARRAY, Byte.BYTES);
    }

    /// Makes a shared array with these values.
    ///
    /// @param values its elements
    /// @return a handle of it
    /// @throws IllegalStateException if there is not enough memory left
    public static SharedByteArray of(byte... values) {
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
    public static SharedByteArray ofLength(long length) {
        return new SharedByteArray(allocate(length, Byte.BYTES));
    }

    static SharedByteArray attach(long id) {
        return new SharedByteArray(SharedBlock.attach(id));
    }

    /// Reads an element.
    ///
    /// @param index which
    /// @return the last value that any process has set
    public byte get(long index) {
        return (byte) BYTE.getVolatile(memory(), at(index));
    }

    /// Sets an element.
    ///
    /// @param index which
    /// @param value the new value
    public void set(long index, int value) {
        BYTE.setVolatile(memory(), at(index), (byte) value);
    }

    /// Sets an element and returns its old value.
    ///
    /// @param index which
    /// @param value the new value
    /// @return the one before
    public byte getAndSet(long index, int value) {
        return getAndUpdate(index, _ -> value);
    }

    /// Sets an element if it is what is expected.
    ///
    /// @param index    which
    /// @param expected what it must be
    /// @param value    the new value
    /// @return whether it was, and has been set
    public boolean compareAndSet(long index, int expected, int value) {
        long word = at(index) & -Integer.BYTES;
        int shift = shift(index);
        int mask = 0xff << shift;
        while (true) {
            int before = (int) INT.getVolatile(memory(), word);
            if ((byte) (before >>> shift) != (byte) expected) {
                return false;
            }
            if (INT.compareAndSet(memory(), word, before, (before & ~mask) | ((value << shift) & mask))) {
                return true;
            } // else the byte, or only a neighbour, has changed
        }
    }

    /// Adds to an element.
    ///
    /// @param index which
    /// @param delta how much
    /// @return the value before
    public byte getAndAdd(long index, int delta) {
        return getAndUpdate(index, before -> before + delta);
    }

    /// Adds to an element.
    ///
    /// @param index which
    /// @param delta how much
    /// @return the value after
    public byte addAndGet(long index, int delta) {
        return updateAndGet(index, before -> before + delta);
    }

    /// Replaces an element by a function of it.
    ///
    /// @param index  which
    /// @param update without side effects: called again when another process was faster
    /// @return the value before
    public byte getAndUpdate(long index, IntUnaryOperator update) {
        while (true) {
            byte before = get(index);
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
    public byte updateAndGet(long index, IntUnaryOperator update) {
        while (true) {
            byte before = get(index);
            byte after = (byte) update.applyAsInt(before);
            if (compareAndSet(index, before, after)) {
                return after;
            }
        }
    }

    /// Copies all elements out.
    ///
    /// @return a new array
    /// @throws IllegalStateException if it is too long for a Java array: use [#segment()]
    public byte[] toArray() {
        var copy = new byte[javaLength()];
        copyInto(MemorySegment.ofArray(copy));
        return copy;
    }

    /// Copies values in, from index 0 on.
    ///
    /// @param values at most [#length()]
    /// @throws IndexOutOfBoundsException if there are more; nothing is copied then
    public void copyFrom(byte... values) {
        copyAll(MemorySegment.ofArray(values));
    }

    /// Sets all elements to one value.
    ///
    /// @param value the value
    public void fill(int value) {
        fillWith(MemorySegment.ofArray(new byte[] {(byte) value}));
    }

    /// The elements in order, each read when its turn comes.
    ///
    /// @return a stream that may run in parallel
    public IntStream stream() {
        return LongStream.range(0, length()).mapToInt(this::get);
    }

    private long at(long index) {
        return at(index, Byte.BYTES);
    }

    /// Where a byte is in its word: single bytes have no atomic operations but reading and writing.
    private static int shift(long index) {
        int place = (int) (index % Integer.BYTES);
        return Byte.SIZE * (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? place : Integer.BYTES - 1 - place);
    }
}
