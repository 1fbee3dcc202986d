package io.github.procession.internal.ring;

/// The bytes of a [CellRing], two [Lane]s after a header.
///
/// ```text
/// ring                                            lane                              cell, 64 bytes
///  0    magic                        8 bytes       0    tail hint                    0   word     8 bytes
///  8    version                      4             128  head hint                    8   tag      4
///  12   capacity                     4             256  cells[], 64 bytes each       12  length   4
///  16   cells of the main lane       4                  a power of two of them       16  body     48
///  20   cells of the redo lane       4
///  24   1 once there was a tombstone 8
///  32   1 once the ring has ended    8
///  40   | tombstones: 24 | last: 40 | 8   how many ever, and the position of the last, modulo 2^40
///  128  main lane
///  …    redo lane
///
/// word of a cell
///  63                                              14 13          2 1     0
///  | position, modulo 2^50                           | owner: slot | state |
///
///  EMPTY    position it waits for      owner 0
///  CLAIMED  position of the item       slot of the producer that is writing it
///  READY    position of the item       0, or TOMBSTONE: nothing will ever be here, step over it
///  TAKEN    position of the item       slot of the consumer that is reading it
/// ```
///
/// Each hint is alone in 128 bytes, the reach of two neighbouring cache lines that are fetched together. The cells are
/// dense: producers and consumers walk them in order, so the neighbour fetched along is the next one needed.
public final class CellRingLayout {

    /// "PrcsRing" in ASCII, read as a little-endian number.
    public static final long MAGIC = 0x676E695273637250L;
    public static final int VERSION = 1;

    public static final long MAGIC_AT = 0;
    public static final long VERSION_AT = 8;
    public static final long CAPACITY_AT = 12;
    public static final long MAIN_CELLS_AT = 16;
    public static final long REDO_CELLS_AT = 20;
    public static final long TOMBSTONES_AT = 24;
    public static final long ENDED_AT = 32;
    public static final long BURIED_AT = 40;
    public static final long HEADER_BYTES = 128;

    public static final long TAIL_HINT_AT = 0;
    public static final long HEAD_HINT_AT = 128;
    public static final long CELLS_AT = 256;

    public static final int CELL_SHIFT = 6;
    public static final long CELL_BYTES = 1L << CELL_SHIFT;
    public static final long WORD_AT = 0;
    public static final long TAG_AT = 8;
    public static final long LENGTH_AT = 12;
    public static final long BODY_AT = 16;
    public static final int BODY_BYTES = 48;

    public static final int EMPTY = 0;
    public static final int CLAIMED = 1;
    public static final int READY = 2;
    public static final int TAKEN = 3;
    public static final int STATE_MASK = 3;

    public static final int OWNER_SHIFT = 2;
    public static final int OWNER_MASK = 0xFFF;
    public static final int NOBODY = 0;
    public static final int TOMBSTONE = 0xFFF;
    public static final int MIN_SLOT = 1;
    public static final int MAX_SLOT = 0xFFE;

    public static final int POSITION_SHIFT = 14;

    private static final int BURIED_SHIFT = 40;
    private static final long BURIED_MASK = (1L << BURIED_SHIFT) - 1;

    /// Every ring begins at a multiple of this.
    public static final long ALIGNMENT = 128;

    private static final int MAX_CAPACITY = 1 << 24;
    private static final int MIN_REDO_CELLS = 64;
    private static final int MAX_REDO_CELLS = 1024;

    private CellRingLayout() {}

    static boolean isCapacity(int capacity) {
        return capacity >= 1 && capacity <= MAX_CAPACITY;
    }

    /// The power of two that holds `capacity` items.
    static int mainCells(int capacity) {
        if (!isCapacity(capacity)) {
            throw new IllegalArgumentException(
                    "the capacity of a queue is between 1 and " + MAX_CAPACITY + ", not " + capacity);
        }
        return capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
    }

    /// Room for what dead consumers held: as much as was in the ring, within reason.
    static int redoCells(int capacity) {
        return Math.clamp(mainCells(capacity), MIN_REDO_CELLS, MAX_REDO_CELLS);
    }

    static long laneBytes(int cells) {
        return CELLS_AT + (cells == 1 ? 2 : cells) * CELL_BYTES;
    }

    static long bytes(int capacity) {
        return HEADER_BYTES + laneBytes(mainCells(capacity)) + laneBytes(redoCells(capacity));
    }

    static long word(long position, int owner, int state) {
        return position << POSITION_SHIFT | (long) owner << OWNER_SHIFT | state;
    }

    static int state(long word) {
        return (int) word & STATE_MASK;
    }

    static int owner(long word) {
        return (int) (word >>> OWNER_SHIFT) & OWNER_MASK;
    }

    /// The word for one tombstone more than in `last`, at that position.
    static long counted(long last, long position) {
        return tombstones(last) + 1 << BURIED_SHIFT | position & BURIED_MASK;
    }

    static long tombstones(long buried) {
        return buried >>> BURIED_SHIFT;
    }

    static boolean isLastBuried(long buried, long position) {
        return tombstones(buried) != 0 && ((buried ^ position) & BURIED_MASK) == 0;
    }

    /// How far the position of a cell's word is ahead of `position`, negative when behind. Exact across the wrap of
    /// the 50 bits as long as the two are less than 2^49 apart: the low bits of the word are never negative, so that
    /// the shift drops them without a borrow.
    static long ahead(long word, long position) {
        return (word - (position << POSITION_SHIFT)) >> POSITION_SHIFT;
    }
}
