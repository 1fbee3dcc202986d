package io.github.procession.internal.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// What the body of a queue's cell says: where the item's bytes are, and what keeps the shared objects in it alive.
///
/// ```text
///   tag INLINE   bytes (up to 48)
///   tag PINNED   pin:8 | bytes (up to 40)
///   tag EXTENT   pin:8 | extent:8 | offset:8 | length:8
/// ```
///
/// @param pin    number of the pin, 0 for none
/// @param extent id of the extent that holds the bytes, 0 when they are in the cell
/// @param offset where they begin, in the extent or in the body
/// @param length how many they are
public record ItemCell(long pin, long extent, long offset, long length) {
    /// The longest body.
    public static final int BODY = 48;

    /// Bytes in the cell, no pin.
    public static final int INLINE = 1;

    /// Bytes in the cell, after a pin.
    public static final int PINNED = 2;

    /// Bytes in an extent.
    public static final int EXTENT = 3;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    /// Whether an item of so many bytes fits into a cell.
    public static boolean fits(int bytes, boolean pinned) {
        return bytes <= BODY - (pinned ? Long.BYTES : 0);
    }

    /// Reads a body.
    ///
    /// @param length how much of the body is used
    public static ItemCell read(int tag, byte[] body, int length) {
        return switch (tag) {
            case INLINE -> new ItemCell(0, 0, 0, length);
            case PINNED -> new ItemCell(at(body, 0), 0, Long.BYTES, length - Long.BYTES);
            case EXTENT -> new ItemCell(at(body, 0), at(body, 8), at(body, 16), at(body, 24));
            default -> throw new IllegalStateException("A queue cell with the unknown tag " + tag);
        };
    }

    /// The body of an item whose bytes are in an extent.
    public byte[] toBody() {
        byte[] body = new byte[4 * Long.BYTES];
        LONGS.set(body, 0, pin);
        LONGS.set(body, 8, extent);
        LONGS.set(body, 16, offset);
        LONGS.set(body, 24, length);
        return body;
    }

    /// The body of a small item with a pin.
    public static byte[] pinned(long pin, byte[] item) {
        byte[] body = new byte[Long.BYTES + item.length];
        LONGS.set(body, 0, pin);
        System.arraycopy(item, 0, body, Long.BYTES, item.length);
        return body;
    }

    private static long at(byte[] body, int index) {
        return (long) LONGS.get(body, index);
    }
}
