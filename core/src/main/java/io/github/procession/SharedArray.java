package io.github.procession;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.SharedBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// Elements of one size in a row.
abstract sealed class SharedArray extends SharedData
        permits SharedByteArray, SharedIntArray, SharedLongArray, SharedFloatArray, SharedDoubleArray {
    /*
     *   128: guard | 512: length:8 | 640: elements, up to a multiple of 8 bytes
     */
    private static final long serialVersionUID = 1L;
    private static final long AT_LENGTH = BlockLayout.VALUES;
    private static final long MOST_FILLED_AT_ONCE = 64 << 10; // what is copied again stays in the cache

    /// Where the elements begin.
    static final long AT_DATA = BlockLayout.VALUES + 128;

    private final transient long length;
    private final transient int elementBytes;

    SharedArray(SharedBlock block, Handle.Kind kind, int elementBytes) {
        super(block, kind);
        this.length = block.memory().get(ValueLayout.JAVA_LONG, AT_LENGTH);
        this.elementBytes = elementBytes;
    }

    static SharedBlock allocate(long length, int elementBytes) {
        long most = Long.MAX_VALUE / 2 / elementBytes;
        if (length < 0 || length > most) {
            throw new IllegalArgumentException("ofLength(%d): a length is between 0 and %d".formatted(length, most));
        }
        long data = (length * elementBytes + Long.BYTES - 1) & -Long.BYTES;
        var block = SharedBlock.create(ObjectKind.VALUES, AT_DATA - BlockLayout.HEADER + data);
        block.memory().set(ValueLayout.JAVA_LONG, AT_LENGTH, length);
        return block;
    }

    /// How many elements it has.
    ///
    /// @return 0 or more
    public final long length() {
        return length;
    }

    /// The memory of the elements, without a copy.
    ///
    /// @return all of it, in the machine's byte order; gone with [#close()]
    public final MemorySegment segment() {
        return openMemory().asSlice(AT_DATA, length * elementBytes);
    }

    /// Where an element is.
    final long at(long index, int bytes) {
        return AT_DATA + Objects.checkIndex(index, length) * bytes;
    }

    /// The length of a Java array of all elements.
    final int javaLength() {
        if (length > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException(
                    "%d elements do not fit into a Java array; use segment() or stream()".formatted(length));
        }
        return (int) length;
    }

    final void copyInto(MemorySegment javaArray) {
        javaArray.copyFrom(segment());
    }

    final void copyAll(MemorySegment javaArray) {
        Objects.checkFromIndexSize(0, javaArray.byteSize() / elementBytes, length);
        segment().copyFrom(javaArray);
    }

    /// Repeats an element: what has been filled is copied behind itself.
    final void fillWith(MemorySegment element) {
        var all = segment();
        long done = Math.min(elementBytes, all.byteSize());
        MemorySegment.copy(element, 0, all, 0, done);
        while (done < all.byteSize()) {
            long more = Math.min(Math.min(done, MOST_FILLED_AT_ONCE), all.byteSize() - done);
            MemorySegment.copy(all, 0, all, done, more);
            done += more;
        }
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[length " + length + (isOpen() ? "]" : ", closed]");
    }
}
