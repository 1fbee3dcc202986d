package io.github.procession.internal.ring;

import static io.github.procession.internal.ring.RecordPipeLayout.ALIGNMENT;
import static io.github.procession.internal.ring.RecordPipeLayout.BODY_AT;
import static io.github.procession.internal.ring.RecordPipeLayout.CAPACITY_AT;
import static io.github.procession.internal.ring.RecordPipeLayout.DATA_AT;
import static io.github.procession.internal.ring.RecordPipeLayout.HEAD_AT;
import static io.github.procession.internal.ring.RecordPipeLayout.LENGTH_AT;
import static io.github.procession.internal.ring.RecordPipeLayout.MAGIC;
import static io.github.procession.internal.ring.RecordPipeLayout.MAGIC_AT;
import static io.github.procession.internal.ring.RecordPipeLayout.RECORD_HEADER_BYTES;
import static io.github.procession.internal.ring.RecordPipeLayout.TAIL_AT;
import static io.github.procession.internal.ring.RecordPipeLayout.TYPE_AT;
import static io.github.procession.internal.ring.RecordPipeLayout.VERSION;
import static io.github.procession.internal.ring.RecordPipeLayout.VERSION_AT;
import static io.github.procession.internal.ring.RecordPipeLayout.recordBytes;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/// A one-way stream of records in shared memory, from one producer to one consumer. Nothing here waits.
///
/// Each end is used by one thread at a time; threads that share an end, of one process or of several, take turns under
/// a lock of theirs. A record becomes visible as a whole or not at all: what a killed producer had not finished does not
/// exist, and what a killed consumer had not freed is still there for the next.
///
/// ```java
/// while (pipe.next()) {
///     pipe.copy(buffer, 0);        // pipe.length() bytes
///     pipe.advance();
/// }
/// ```
///
/// For speed give each end an object of its own, even within one process: an object keeps notes of both ends.
public final class RecordPipe {

    /*
     * Tail and head count bytes and only grow. The producer writes a record (and the padding before it) into free space
     * that nobody reads, and makes both visible with one release store of the tail; the consumer gives space back with
     * one release store of the head. SIGKILL before a store: nothing happened. After it: all of it did.
     *
     * Each end reads its own counter from shared memory, where its own last store (or, under their lock, that of another
     * process on the same end) is, and remembers the other's: a remembered tail or head is only ever too old, which
     * errs towards "nothing there" and "no room", and then the true one is read. The ends touch each other's line no
     * more often than that.
     *
     * A padding is shorter than the record that did not fit, so an empty pipe has room for every record of up to half
     * of its capacity wherever it stands.
     */

    private static final byte[] NO_HEAD = {};
    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final VarHandle INT = JAVA_INT.varHandle();

    private final MemorySegment segment;
    private final long tailAt;
    private final long headAt;
    private final long data;
    private final int capacity;
    private final int mask;

    /// The producer's note of the head, never ahead of it.
    private long knownHead;

    /// The consumer's note of the tail, never ahead of it.
    private long knownTail;

    /// The record the consumer is at: where it is, how long its body is, and the head after it.
    private long record;

    private int length;
    private long headAfter;
    private boolean positioned;

    private RecordPipe(MemorySegment segment, long offset, int capacity) {
        this.segment = segment;
        this.tailAt = offset + TAIL_AT;
        this.headAt = offset + HEAD_AT;
        this.data = offset + DATA_AT;
        this.capacity = capacity;
        this.mask = capacity - 1;
        this.knownHead = (long) LONG.getAcquire(segment, headAt);
        this.knownTail = knownHead;
    }

    /// How many bytes a pipe takes whose records share `capacityBytes`, a power of two.
    public static long bytes(int capacityBytes) {
        return RecordPipeLayout.bytes(capacityBytes);
    }

    /// Makes an empty pipe at an offset, which must be a multiple of 128.
    public static RecordPipe format(MemorySegment segment, long offset, int capacityBytes) {
        checkPlace(segment, offset, bytes(capacityBytes));
        LONG.setRelease(segment, offset + MAGIC_AT, 0L);
        INT.set(segment, offset + VERSION_AT, VERSION);
        INT.set(segment, offset + CAPACITY_AT, capacityBytes);
        LONG.set(segment, offset + TAIL_AT, 0L);
        LONG.set(segment, offset + HEAD_AT, 0L);
        LONG.setRelease(segment, offset + MAGIC_AT, MAGIC);
        return new RecordPipe(segment, offset, capacityBytes);
    }

    /// The pipe that another process has made at that place.
    ///
    /// @throws IllegalStateException if there is none, one of another version, or one that does not fit
    public static RecordPipe over(MemorySegment segment, long offset) {
        checkPlace(segment, offset, DATA_AT);
        Header.check("pipe", MAGIC, (long) LONG.getAcquire(segment, offset + MAGIC_AT));
        Header.checkVersion("pipe", VERSION, (int) INT.get(segment, offset + VERSION_AT));
        int capacity = (int) INT.get(segment, offset + CAPACITY_AT);
        Header.checkCapacity("pipe", segment, offset, capacity, RecordPipeLayout::isCapacity, RecordPipeLayout::bytes);
        return new RecordPipe(segment, offset, capacity);
    }

    private static void checkPlace(MemorySegment segment, long offset, long bytes) {
        Header.checkPlace("pipe", segment, offset, bytes, ALIGNMENT);
    }

    /// The length of the longest body that a record may have.
    public int maxRecord() {
        return capacity / 2 - RECORD_HEADER_BYTES;
    }

    /// Whether there is no record. Anyone may ask.
    public boolean isEmpty() {
        long head = (long) LONG.getAcquire(segment, headAt);
        return (long) LONG.getAcquire(segment, tailAt) == head;
    }

    // ---- producer ------------------------------------------------------------------------------------------------

    /// Appends a record. Afterwards signal the consumer.
    ///
    /// @return false when there is no room for it now
    /// @throws IllegalArgumentException when it is longer than [#maxRecord()]
    public boolean write(int type, byte[] from, int offset, int length) {
        return write(type, NO_HEAD, from, offset, length);
    }

    /// The same with something in front.
    public boolean write(int type, byte[] head, byte[] from, int offset, int rest) {
        Objects.checkFromIndexSize(offset, rest, from.length);
        int length = Math.addExact(head.length, rest);
        if (length > maxRecord()) {
            throw new IllegalArgumentException("a record of this pipe has at most " + maxRecord() + " bytes, not "
                    + length + "; send it in parts or make a larger pipe");
        }
        long tail = (long) LONG.get(segment, tailAt);
        int bytes = recordBytes(length);
        int untilEnd = capacity - ((int) tail & mask);
        int padding = bytes <= untilEnd ? 0 : untilEnd;
        long after = tail + padding + bytes;
        if (after - knownHead > capacity && after - refreshHead() > capacity) {
            return false;
        }
        if (padding != 0) {
            INT.set(segment, at(tail) + LENGTH_AT, -padding);
            CrashPoint.PIPE_PADDED.pass();
        }
        long at = at(tail + padding);
        INT.set(segment, at + LENGTH_AT, length);
        INT.set(segment, at + TYPE_AT, type);
        CrashPoint.PIPE_HEADED.pass();
        MemorySegment.copy(head, 0, segment, JAVA_BYTE, at + BODY_AT, head.length);
        MemorySegment.copy(from, offset, segment, JAVA_BYTE, at + BODY_AT + head.length, rest);
        CrashPoint.PIPE_WRITTEN.pass();
        LONG.setRelease(segment, tailAt, after);
        CrashPoint.PIPE_PUBLISHED.pass();
        return true;
    }

    private long refreshHead() {
        knownHead = (long) LONG.getAcquire(segment, headAt);
        return knownHead;
    }

    // ---- consumer ------------------------------------------------------------------------------------------------

    /// Goes to the first record, if there is one; without [#advance()] in between, to the same again.
    ///
    /// @return whether there is one
    public boolean next() {
        long head = (long) LONG.get(segment, headAt);
        if (head - knownTail >= 0 && refreshTail() == head) {
            positioned = false;
            return false;
        }
        int size = (int) INT.get(segment, at(head) + LENGTH_AT);
        if (size < 0) { // padding; its record was published with it
            head -= size;
            size = (int) INT.get(segment, at(head) + LENGTH_AT);
        }
        record = at(head);
        length = size;
        headAfter = head + recordBytes(size);
        positioned = true;
        return true;
    }

    private long refreshTail() {
        knownTail = (long) LONG.getAcquire(segment, tailAt);
        return knownTail;
    }

    /// The type of the record.
    public int type() {
        checkPositioned();
        return (int) INT.get(segment, record + TYPE_AT);
    }

    /// The length of the body of the record.
    public int length() {
        checkPositioned();
        return length;
    }

    /// Copies the body of the record to a place in an array.
    public void copy(byte[] into, int at) {
        checkPositioned();
        MemorySegment.copy(segment, JAVA_BYTE, record + BODY_AT, into, at, length);
    }

    /// Frees the record: it is consumed. Afterwards signal the producer.
    public void advance() {
        checkPositioned();
        positioned = false;
        LONG.setRelease(segment, headAt, headAfter);
        CrashPoint.PIPE_FREED.pass();
    }

    private void checkPositioned() {
        if (!positioned) {
            throw new IllegalStateException("the pipe is not at a record; call next() first");
        }
    }

    // --------------------------------------------------------------------------------------------------------------

    private long at(long position) {
        return data + ((int) position & mask);
    }
}
