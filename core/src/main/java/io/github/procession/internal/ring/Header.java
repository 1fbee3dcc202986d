package io.github.procession.internal.ring;

import java.lang.foreign.MemorySegment;
import java.util.function.IntPredicate;
import java.util.function.IntToLongFunction;

/// What a process checks before it believes that a place in shared memory is what it was told.
final class Header {

    private Header() {}

    static void checkPlace(String what, MemorySegment segment, long offset, long bytes, long alignment) {
        if (offset < 0 || offset % alignment != 0) {
            throw new IllegalArgumentException(
                    "a " + what + " begins at a multiple of " + alignment + " bytes, not at " + offset);
        }
        if (offset > segment.byteSize() - bytes) {
            throw new IllegalArgumentException("a " + what + " of " + bytes + " bytes does not fit at " + offset
                    + " in a segment of " + segment.byteSize());
        }
    }

    static void check(String what, long expected, long magic) {
        if (magic != expected) {
            throw new IllegalStateException("there is no " + what + " at this place: expected the magic number 0x"
                    + Long.toHexString(expected) + ", found 0x" + Long.toHexString(magic)
                    + ". Either it was not made yet, or its memory was given to something else.");
        }
    }

    static void checkVersion(String what, int expected, int version) {
        if (version != expected) {
            throw new IllegalStateException("the " + what + " at this place has layout version " + version
                    + ", this library knows " + expected
                    + ". All processes of a program must use the same version of Procession.");
        }
    }

    /// Checks what the header of a place says of its size, before anything is reckoned from it.
    ///
    /// @param valid whether a place of that capacity can be
    /// @param bytes how many bytes it takes then
    static void checkCapacity(
            String what,
            MemorySegment segment,
            long offset,
            int capacity,
            IntPredicate valid,
            IntToLongFunction bytes) {
        if (!valid.test(capacity)) {
            throw new IllegalStateException("the " + what + " at this place says that its capacity is " + capacity
                    + ", which none can have: its memory was overwritten");
        }
        long needed = bytes.applyAsLong(capacity);
        if (offset > segment.byteSize() - needed) {
            throw new IllegalStateException("the " + what + " at this place takes " + needed + " bytes from " + offset
                    + " on, and the segment has only " + segment.byteSize() + ": it was cut off");
        }
    }
}
