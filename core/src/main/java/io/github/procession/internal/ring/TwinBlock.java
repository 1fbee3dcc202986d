package io.github.procession.internal.ring;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.waiting.WaitPoint;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// A few bytes that many read and some change, always whole: readers wait for nobody, writers for each other.
///
/// ```text
///   0        128     512       520      640       896      896 + n
///   +--------+-------+---------+--------+---------+--------+--------
///   | header | guard | version | length | writers | even … | odd …         n: length up to a multiple of 128
///   +--------+-------+---------+--------+---------+--------+--------
///
///   version:  | seq: 52 | owner slot: 12 |                                owner 0: nobody writes
/// ```
public final class TwinBlock {
    /*
     * Two copies; that of the parity of seq is current. A writer
     *   claims     CAS (seq, 0) → (seq, me)        the claim is the record of who writes
     *   writes     the other copy
     *   publishes  (seq, me) → (seq + 1, 0)        one store; that copy is current, and writing free
     *
     * A reader reads the current copy of seq. The writer of seq + 1 overwrites it, after its claim; so what was read is whole
     * if the version is still (seq, anybody) or (seq + 1, 0).
     *
     * A writer that gives up, or is dead, may have overwritten the copy that is not current, the one that a reader of seq - 1
     * is reading. Its claim becomes (seq + 2, 0): of the same parity, and that reader sees that too much has happened. Two
     * steps at once do no harm to a reader of seq, which merely reads again.
     *
     *   killed after      the root finds          and makes
     *   the claim         (seq, dead)             (seq + 2, 0): what was current still is
     *   a part, or all    (seq, dead)             the same: nothing was published
     *   the publishing    (seq + 1, 0 or other)   nothing; it wakes all who wait to write, as always
     */
    private static final long AT_VERSION = BlockLayout.VALUES;
    private static final long AT_LENGTH = AT_VERSION + Long.BYTES;
    private static final long AT_WRITERS = BlockLayout.VALUES + 128;
    private static final long AT_COPIES = AT_WRITERS + 256;
    private static final long LINE = 128;

    private static final int OWNER_BITS = 12;
    private static final long OWNER = (1L << OWNER_BITS) - 1;
    private static final long STEP = 1L << OWNER_BITS;
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment block;
    private final WaitPoint writers;
    private final int length;
    private final long distance;

    private TwinBlock(MemorySegment block, int length) {
        this.block = block;
        this.writers = new WaitPoint(block, AT_WRITERS);
        this.length = length;
        this.distance = stride(length);
    }

    /// Length of the block for so many bytes.
    public static long bytes(int length) {
        return AT_COPIES + 2 * stride(length);
    }

    private static long stride(int length) {
        return (length + LINE - 1) & -LINE;
    }

    /// Lays out a zeroed block, with these bytes in it.
    public static TwinBlock format(MemorySegment block, byte[] content) {
        block.set(ValueLayout.JAVA_LONG, AT_LENGTH, content.length);
        var made = new TwinBlock(block, content.length);
        MemorySegment.copy(content, 0, block, ValueLayout.JAVA_BYTE, made.copyOf(0), content.length);
        LONG.setRelease(block, AT_VERSION, 0L);
        return made;
    }

    /// What lies in a block.
    public static TwinBlock over(MemorySegment block) {
        return new TwinBlock(block, (int) block.get(ValueLayout.JAVA_LONG, AT_LENGTH));
    }

    /// How many bytes there are.
    public int length() {
        return length;
    }

    /// Where writers wait for each other.
    public WaitPoint writers() {
        return writers;
    }

    /// Copies the current bytes out.
    public byte[] read() {
        var content = new byte[length];
        while (true) {
            long version = (long) LONG.getAcquire(block, AT_VERSION);
            MemorySegment.copy(block, ValueLayout.JAVA_BYTE, copyOf(version), content, 0, length);
            VarHandle.acquireFence();
            long later = (long) LONG.getOpaque(block, AT_VERSION);
            if (isSame(version, later) || later == (version & ~OWNER) + STEP) {
                return content;
            }
            Thread.onSpinWait();
        }
    }

    /// Claims the writing, if nobody has it.
    public boolean tryClaim(int slot) {
        long version = (long) LONG.getVolatile(block, AT_VERSION);
        boolean claimed = (version & OWNER) == 0 && LONG.compareAndSet(block, AT_VERSION, version, version | slot);
        if (claimed) {
            CrashPoint.TWIN_CLAIMED.pass();
            VarHandle.fullFence(); // who sees what is written from here on sees the claim
        }
        return claimed;
    }

    /// Replaces the bytes and gives the claim back. Only for who has claimed.
    public void publish(byte[] content) {
        long version = (long) LONG.getOpaque(block, AT_VERSION);
        long next = (version & ~OWNER) + STEP;
        int half = length / 2;
        boolean published = false;
        try {
            MemorySegment.copy(content, 0, block, ValueLayout.JAVA_BYTE, copyOf(next), half);
            CrashPoint.TWIN_HALF_WRITTEN.pass();
            MemorySegment.copy(content, half, block, ValueLayout.JAVA_BYTE, copyOf(next) + half, length - half);
            CrashPoint.TWIN_WRITTEN.pass();
            LONG.setRelease(block, AT_VERSION, next);
            published = true;
            CrashPoint.TWIN_PUBLISHED.pass();
        } finally {
            if (!published) { // no stack is left, or a class is missing: a living process must not keep the claim
                release(version);
            }
            writers.signal();
        }
    }

    /// Gives the claim back and leaves all as it was. Only for who has claimed.
    public void giveUp() {
        release((long) LONG.getOpaque(block, AT_VERSION));
        writers.signal();
    }

    private void release(long version) {
        LONG.setRelease(block, AT_VERSION, (version & ~OWNER) + 2 * STEP);
    }

    /// Takes back the claim of a dead process, and wakes who waits: a wake that it consumed may be missing. Only the root
    /// calls it, once the kernel has said that the process is gone.
    public void repair(int deadSlot) {
        long version = (long) LONG.getVolatile(block, AT_VERSION);
        if ((version & OWNER) == deadSlot) {
            release(version);
        }
        writers.repair();
    }

    private long copyOf(long version) {
        return AT_COPIES + ((version >>> OWNER_BITS) & 1) * distance;
    }

    private static boolean isSame(long version, long later) {
        return (version | OWNER) == (later | OWNER);
    }
}
