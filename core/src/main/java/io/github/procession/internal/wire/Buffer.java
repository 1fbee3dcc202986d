package io.github.procession.internal.wire;

import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// A growing byte array with little-endian numbers. For one thread.
final class Buffer extends OutputStream {
    /// The most bytes that a value can have; those who send it add a few.
    static final int MOST = Integer.MAX_VALUE - 1024;

    static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();
    static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();
    static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    private static final int FIRST = 64;

    private final String what;
    private byte[] bytes = new byte[FIRST];
    private int count;

    /// @param what what it is to the user, for an error
    Buffer(String what) {
        this.what = what;
    }

    /// Says that this many bytes are coming.
    ///
    /// @throws IllegalArgumentException if they are too many
    void require(long more) {
        if (more > MOST - count) {
            throw new IllegalArgumentException(
                    "Cannot serialize the %s: it takes %,d bytes, and %,d (2 GiB) is the most. Send it in parts, or put large data into a shared array, which has no such limit and is not copied."
                            .formatted(what, count + more, MOST));
        }
    }

    private int room(int more) {
        int at = count;
        if (more > bytes.length - at) {
            require(more);
            bytes = Arrays.copyOf(bytes, (int) Math.min(MOST, Math.max(2L * bytes.length, (long) at + more)));
        }
        count = at + more;
        return at;
    }

    int size() {
        return count;
    }

    /// Forgets all that was written.
    void clear() {
        count = 0;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, count);
    }

    @Override
    public void write(int b) {
        int at = room(1);
        bytes[at] = (byte) b;
    }

    @Override
    public void write(byte[] source) {
        write(source, 0, source.length);
    }

    @Override
    public void write(byte[] source, int from, int length) {
        int at = room(length);
        System.arraycopy(source, from, bytes, at, length);
    }

    void write(MemorySegment source) {
        require(source.byteSize());
        int at = room((int) source.byteSize());
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, 0, bytes, at, (int) source.byteSize());
    }

    void writeShort(int value) {
        int at = room(Short.BYTES);
        SHORTS.set(bytes, at, (short) value);
    }

    void writeInt(int value) {
        int at = room(Integer.BYTES);
        INTS.set(bytes, at, value);
    }

    /// Writes a number over one that is there.
    void setInt(int at, int value) {
        INTS.set(bytes, at, value);
    }

    void writeLong(long value) {
        int at = room(Long.BYTES);
        LONGS.set(bytes, at, value);
    }

    void writeText(byte[] text) {
        writeInt(text.length);
        write(text, 0, text.length);
    }
}
