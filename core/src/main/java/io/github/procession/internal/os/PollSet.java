package io.github.procession.internal.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/// A set of descriptors that one thread watches until they become readable or reach their end, with a doorbell by
/// which the others call it away.
///
/// ```java
/// while (set.isOpen()) {
///     for (int fd : set.await()) {
///         // readable, or at its end
///     }
///     // look at what those who rang have left
/// }
/// ```
///
/// [#await()] belongs to one thread; everything else may be called by any. Close a descriptor only after removing it,
/// and on the awaiting thread: its number may otherwise come back as something else while it is still watched.
public final class PollSet implements AutoCloseable {

    /*
     * `members` is what is wanted, guarded by this; `pollfds` is what the kernel reads, owned by the awaiting thread,
     * which copies the one to the other before each poll. Element 0 is the doorbell, an eventfd that does not block.
     *
     * race: a close while the other thread is in poll. The number of the doorbell must not be given away while it is
     * polled or about to be rung, so the last of the two to leave closes it, under the monitor.
     */

    /// `struct pollfd`.
    ///
    /// ```text
    ///  0     4        6         8
    ///  | fd  | events | revents |
    /// ```
    public static final StructLayout POLLFD = MemoryLayout.structLayout(
            JAVA_INT.withName("fd"), JAVA_SHORT.withName("events"), JAVA_SHORT.withName("revents"));

    /// Offset of the descriptor in [#POLLFD].
    public static final long FD = POLLFD.byteOffset(PathElement.groupElement("fd"));

    /// Offset of what is asked for in [#POLLFD].
    public static final long EVENTS = POLLFD.byteOffset(PathElement.groupElement("events"));

    /// Offset of what the kernel answers in [#POLLFD].
    public static final long REVENTS = POLLFD.byteOffset(PathElement.groupElement("revents"));

    /// There is something to read.
    public static final short POLLIN = 1;

    private static final int EFD_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;

    private final int doorbell;
    private final MemorySegment doorbellBuffer = Arena.ofAuto().allocate(JAVA_LONG);

    private int[] members = new int[8];
    private int size;
    private boolean open = true;
    private boolean awaiting;
    private final Runnable atExit = this::close;

    private MemorySegment pollfds = Arena.ofAuto().allocate(POLLFD, 8);

    /// An empty set.
    public PollSet() {
        doorbell = Os.checked("eventfd", Os.attempt((errno, scratch) ->
                (int) Eventfd.EVENTFD.invokeExact(errno, 0, EFD_CLOEXEC | EFD_NONBLOCK)));
        doorbellBuffer.set(JAVA_LONG, 0, 1);
        AtExit.last(atExit);
    }

    /// Watches a descriptor from now on, or does nothing when it is watched already or the set is closed.
    public synchronized void add(int fd) {
        if (open && indexOf(fd) < 0) {
            if (size == members.length) {
                members = Arrays.copyOf(members, 2 * size);
            }
            members[size++] = fd;
            ring();
        }
    }

    /// Watches a descriptor no longer. Does nothing when it is not watched.
    public synchronized void remove(int fd) {
        int index = indexOf(fd);
        if (index >= 0) {
            members[index] = members[--size];
            ring();
        }
    }

    /// Makes the present or else the next [#await()] return.
    public synchronized void ring() {
        if (open) {
            writeDoorbell();
        }
    }

    /// Waits until a descriptor is ready, until someone rings, or until the set is closed.
    ///
    /// @return the descriptors that are readable, at their end or broken, and still in the set; empty when it was only
    ///     the bell
    public int[] await() {
        return await(-1);
    }

    /// The same, for so long at the most; negative for no limit.
    public int[] await(int timeoutMillis) {
        int count = prepare();
        if (count == 0) {
            return new int[0];
        }
        try {
            Os.poll(pollfds, count, timeoutMillis);
        } finally {
            leave();
        }
        return ready(count);
    }

    /// Whether [#close()] has not been called.
    public synchronized boolean isOpen() {
        return open;
    }

    /// Lets the awaiting thread go and forgets all descriptors, without closing them. Idempotent.
    @Override
    public synchronized void close() {
        if (open) {
            AtExit.forget(atExit);
            open = false;
            size = 0;
            if (awaiting) {
                writeDoorbell();
            } else {
                Os.close(doorbell);
            }
        }
    }

    private void writeDoorbell() {
        Os.write(doorbell, doorbellBuffer);
    }

    /// Copies what is wanted to where the kernel reads it; returns how many, or 0 when the set is closed.
    private synchronized int prepare() {
        if (!open) {
            return 0;
        }
        awaiting = true;
        int count = 1 + size;
        if (pollfds.byteSize() < count * POLLFD.byteSize()) {
            pollfds = Arena.ofAuto().allocate(POLLFD, 2L * count);
        }
        place(0, doorbell);
        for (int i = 0; i < size; i++) {
            place(1 + i, members[i]);
        }
        return count;
    }

    private void place(int index, int fd) {
        long at = index * POLLFD.byteSize();
        pollfds.set(JAVA_INT, at + FD, fd);
        pollfds.set(JAVA_SHORT, at + EVENTS, POLLIN);
        pollfds.set(JAVA_SHORT, at + REVENTS, (short) 0);
    }

    private synchronized void leave() {
        awaiting = false;
        if (!open) {
            Os.close(doorbell);
        }
    }

    private synchronized int[] ready(int count) {
        if (open && answer(0) != 0) {
            silenceDoorbell();
        }
        int[] ready = new int[count];
        int found = 0;
        for (int i = 1; i < count; i++) {
            int fd = pollfds.get(JAVA_INT, i * POLLFD.byteSize() + FD);
            if (answer(i) != 0 && indexOf(fd) >= 0) { // race: removed by another thread while it was being polled
                ready[found++] = fd;
            }
        }
        return Arrays.copyOf(ready, found);
    }

    private short answer(int index) {
        return pollfds.get(JAVA_SHORT, index * POLLFD.byteSize() + REVENTS);
    }

    private void silenceDoorbell() {
        try (Arena arena = Arena.ofConfined()) {
            Os.read(doorbell, arena.allocate(JAVA_LONG));
        }
    }

    private int indexOf(int fd) {
        for (int i = 0; i < size; i++) {
            if (members[i] == fd) {
                return i;
            }
        }
        return -1;
    }

    private static final class Eventfd {
        static final MethodHandle EVENTFD =
                Os.Native.failing("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    }
}
