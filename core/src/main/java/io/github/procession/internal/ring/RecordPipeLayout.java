package io.github.procession.internal.ring;

/// The bytes of a [RecordPipe].
///
/// ```text
///  0    magic      8 bytes
///  8    version    4
///  12   capacity   4          of the data, a power of two
///  128  tail       8          bytes ever published, stored by the producer
///  256  head       8          bytes ever freed, stored by the consumer
///  384  data       capacity   byte n of the stream is at n mod capacity
///
///  record, at a multiple of 8                  padding, to the end of the data
///  0         4        8                        0         4
///  | length  | type   | body, to the next 8    | -bytes  | …
/// ```
///
/// A record never wraps: what does not fit before the end of the data begins at its start, and a padding of 8 bytes or
/// more fills the gap. Tail and head are alone in 128 bytes each.
public final class RecordPipeLayout {

    /// "PrcsPipe" in ASCII, read as a little-endian number.
    public static final long MAGIC = 0x6570695073637250L;
    public static final int VERSION = 1;

    public static final long MAGIC_AT = 0;
    public static final long VERSION_AT = 8;
    public static final long CAPACITY_AT = 12;
    public static final long TAIL_AT = 128;
    public static final long HEAD_AT = 256;
    public static final long DATA_AT = 384;

    public static final long LENGTH_AT = 0;
    public static final long TYPE_AT = 4;
    public static final long BODY_AT = 8;
    public static final int RECORD_HEADER_BYTES = 8;
    public static final int RECORD_ALIGNMENT = 8;

    /// Every pipe begins at a multiple of this.
    public static final long ALIGNMENT = 128;

    private static final int MIN_CAPACITY = 64;
    private static final int MAX_CAPACITY = 1 << 30;

    private RecordPipeLayout() {}

    static boolean isCapacity(int capacity) {
        return capacity >= MIN_CAPACITY && capacity <= MAX_CAPACITY && Integer.bitCount(capacity) == 1;
    }

    static long bytes(int capacity) {
        if (!isCapacity(capacity)) {
            throw new IllegalArgumentException("the capacity of a pipe is a power of two between " + MIN_CAPACITY
                    + " and " + MAX_CAPACITY + " bytes, not " + capacity);
        }
        return DATA_AT + capacity;
    }

    /// The bytes that a record with a body of that length takes.
    static int recordBytes(int length) {
        return (length + RECORD_HEADER_BYTES + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT;
    }
}
