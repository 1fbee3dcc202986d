package io.github.procession;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.tree.Node;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Bytes that processes share, for whatever layout the program gives them.
///
/// Processes get at it by a handle, as at all shared objects, or by its name, which is known in the whole tree of processes
/// and nowhere else. Nothing but the program orders what processes do in it: use a lock, or the `VarHandle` of a
/// [java.lang.foreign.ValueLayout].
///
/// It lives until each process has closed it, ended, or no longer has a handle or a segment of it; then its name is free again.
/// All methods but [#name()] and [#close()] throw [IllegalStateException] after [#close()].
public final class SharedMemory extends SharedObject {
    /*
     *   128: size:8 | 256: the bytes
     */
    private static final long serialVersionUID = 1L;
    private static final long AT_SIZE = BlockLayout.HEADER;
    private static final long AT_BYTES = BlockLayout.HEADER + 128;
    private static final long MOST_BYTES = Long.MAX_VALUE / 2;
    private static final int LONGEST_NAME = 255;
    private static final String NUMBER = "#"; // begins the names of those that have been given none

    private final transient String name;

    private SharedMemory(SharedBlock block, String name) {
        super(block, Handle.Kind.MEMORY);
        this.name = name;
    }

    /// Makes zeroed memory with a name that no other has.
    ///
    /// @param bytes how many, 1 or more
    /// @return a handle of it
    /// @throws IllegalArgumentException if the number is out of range
    /// @throws IllegalStateException    if there is not enough memory left
    public static SharedMemory create(long bytes) {
        var block = allocate("create(%d)".formatted(bytes), bytes);
        return named(block, NUMBER + block.id());
    }

    /// Makes zeroed memory with a name.
    ///
    /// @param name  of 1 to 255 characters, without NUL, not beginning with `#`
    /// @param bytes how many, 1 or more
    /// @return a handle of it
    /// @throws IllegalArgumentException if the name cannot be one, or the number is out of range
    /// @throws IllegalStateException    if the name is taken, or there is not enough memory left
    public static SharedMemory create(String name, long bytes) {
        checkName("create", name);
        if (name.startsWith(NUMBER)) {
            throw new IllegalArgumentException(
                    "create(\"%s\", …): names with a # in front are given by create(long); choose another"
                            .formatted(name));
        }
        if (Node.self().root().find(name) != 0) { // before memory is taken; who names decides
            throw new IllegalStateException(
                    "create(\"%s\", %d): there is a shared memory with that name already. Open it, or choose another name; a name is free again when the last process has closed it."
                            .formatted(name, bytes));
        }
        return named(allocate("create(\"%s\", %d)".formatted(name, bytes), bytes), name);
    }

    /// The memory with that name.
    ///
    /// @param name as given to `create` by any process of the tree, or asked of [#name()]
    /// @return a handle of it
    /// @throws IllegalArgumentException if there can be no such name
    /// @throws IllegalStateException    if there is none of that name
    public static SharedMemory open(String name) {
        checkName("open", name);
        var root = Node.self().root();
        long id = root.find(name);
        while (id != 0) {
            try {
                return attach(id, name);
            } catch (IllegalStateException e) {
                long other = root.find(name);
                if (other == id) {
                    throw e;
                }
                id = other; // race: the last has detached in between, and the name may be another's
            }
        }
        throw new IllegalStateException(
                "open(\"%s\"): there is no shared memory with that name. Create it first; it is gone when the last process that has it open has closed it or ended."
                        .formatted(name));
    }

    static SharedMemory attach(long id, String name) {
        return new SharedMemory(SharedBlock.attach(id), name);
    }

    private static SharedBlock allocate(String call, long bytes) {
        if (bytes < 1 || bytes > MOST_BYTES) {
            throw new IllegalArgumentException("%s: a size is between 1 and %d bytes".formatted(call, MOST_BYTES));
        }
        var block = SharedBlock.create(ObjectKind.VALUES, AT_BYTES - BlockLayout.HEADER + bytes);
        block.memory().set(ValueLayout.JAVA_LONG, AT_SIZE, bytes);
        return block;
    }

    private static SharedMemory named(SharedBlock block, String name) {
        try {
            Node.self().root().name(block.id(), name);
        } catch (RuntimeException | Error e) {
            block.close();
            throw e;
        }
        return new SharedMemory(block, name);
    }

    private static void checkName(String method, String name) {
        if (name.isEmpty() || name.length() > LONGEST_NAME || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("%s(\"%s\"): a name has 1 to %d characters, and no NUL; this one has %d"
                    .formatted(method, name.replace("\0", "\\0"), LONGEST_NAME, name.length()));
        }
    }

    /// All of it. Slices of it keep it alive as well as a handle does.
    ///
    /// @return [#size()] bytes; gone with [#close()]
    public MemorySegment segment() {
        return openMemory().asSlice(AT_BYTES, size());
    }

    /// Its name.
    ///
    /// @return what [#open] takes, in any process of the tree
    public String name() {
        return name;
    }

    /// How large it is.
    ///
    /// @return the number of bytes that were asked for
    public long size() {
        return openMemory().get(ValueLayout.JAVA_LONG, AT_SIZE);
    }

    /// Detaches this process: its further use here throws, others go on. If this was the last, the name is free when the
    /// method returns. Idempotent.
    @Override
    public void close() {
        if (isOpen()) {
            super.close();
            awaitHeard();
        }
    }

    private void awaitHeard() {
        try {
            Node.self().root().find(name); // the answer comes after the root has heard that we have left
        } catch (IllegalStateException e) {
            // the tree ends, and all names with it
        }
    }

    @Override
    Serializable detail() {
        return name;
    }

    @Override
    public String toString() {
        return "SharedMemory[" + name + (isOpen() ? ", " + size() + " bytes]" : ", closed]");
    }
}
