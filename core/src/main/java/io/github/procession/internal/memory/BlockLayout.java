package io.github.procession.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// The first line of every block, and the lock that travels with values.
///
/// ```text
///   0        8          12      16          24            32        36 … 127
///   +--------+----------+-------+-----------+-------------+---------+----------+
///   | magic  | version  | kind  | object id | block bytes | retired | reserved |
///   +--------+----------+-------+-----------+-------------+---------+----------+
///   128: the object's own data; of values: 128 their guard, 512 the data
/// ```
public final class BlockLayout {
    /// Length of the header; the object's data begin here.
    public static final long HEADER = 128;

    /// Where the guard of values begins, a lock: see `internal.sync`.
    public static final long GUARD = HEADER;

    /// Where values begin, behind their guard.
    public static final long VALUES = GUARD + 384;

    /// The version of all layouts behind the header; raised when any of them changes.
    public static final int VERSION = 1;

    static final long MAGIC = 0x50524F4345535349L; // "PROCESSI"
    private static final long AT_MAGIC = 0;
    private static final long AT_VERSION = 8;
    private static final long AT_KIND = 12;
    private static final long AT_ID = 16;
    private static final long AT_BYTES = 24;

    private static final long AT_RETIRED = 32;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private BlockLayout() {}

    /// Has the JDK make what it accesses shared memory with, which takes it milliseconds.
    public static void prepare() {
        try (var arena = Arena.ofConfined()) {
            var block = arena.allocate(HEADER, Long.BYTES);
            format(block, ObjectKind.QUEUE, 1);
            check(block, new ObjectRef(1, ObjectKind.QUEUE, new Place(0, 0, HEADER, 0, HEADER)));
            isRetired(block);
        }
    }

    /// Notes that the process that made the block has left it: who keeps it mapped for later need not.
    public static void retire(MemorySegment block) {
        INT.setRelease(block, AT_RETIRED, 1);
    }

    /// Whether the process that made the block has left it.
    public static boolean isRetired(MemorySegment block) {
        return (int) INT.getAcquire(block, AT_RETIRED) != 0;
    }

    /// Writes the header of a new block.
    public static void format(MemorySegment block, ObjectKind kind, long id) {
        block.set(ValueLayout.JAVA_INT, AT_VERSION, VERSION);
        block.set(ValueLayout.JAVA_INT, AT_KIND, kind.ordinal());
        block.set(ValueLayout.JAVA_LONG, AT_ID, id);
        block.set(ValueLayout.JAVA_LONG, AT_BYTES, block.byteSize());
        block.set(ValueLayout.JAVA_LONG, AT_MAGIC, MAGIC);
    }

    /// Makes sure that a mapped block is what the root said it is.
    ///
    /// @throws IllegalStateException if it is something else, of another version, or of another length
    public static void check(MemorySegment block, ObjectRef expected) {
        if (block.byteSize() < HEADER) {
            throw new IllegalStateException("%s has %d bytes at its place, less than the %d of a header: it was cut off"
                    .formatted(what(expected), block.byteSize(), HEADER));
        }
        long magic = block.get(ValueLayout.JAVA_LONG, AT_MAGIC);
        int version = block.get(ValueLayout.JAVA_INT, AT_VERSION);
        int kind = block.get(ValueLayout.JAVA_INT, AT_KIND);
        long id = block.get(ValueLayout.JAVA_LONG, AT_ID);
        long bytes = block.get(ValueLayout.JAVA_LONG, AT_BYTES);
        if (magic == MAGIC && version != VERSION) {
            throw new IllegalStateException(
                    "%s has layout version %d, and this process knows version %d. All processes of a tree need the same Procession: look for two of its jars on the class path or module path."
                            .formatted(what(expected), version, VERSION));
        }
        if (magic != MAGIC || kind != expected.kind().ordinal() || id != expected.id()) {
            throw new IllegalStateException(
                    "%s is not what lies at its place: magic %x instead of %x, version %d, kind %d, id %d. Either it is gone and its memory was given to something else, or the processes of this tree do not have the same Procession: this one knows version %d."
                            .formatted(what(expected), magic, MAGIC, version, kind, id, VERSION));
        }
        if (bytes != block.byteSize()) {
            throw new IllegalStateException("%s was made with %d bytes, and has %d here: it was cut off or is not whole"
                    .formatted(what(expected), bytes, block.byteSize()));
        }
    }

    private static String what(ObjectRef expected) {
        return "Shared object %d (%s)".formatted(expected.id(), expected.kind());
    }
}
