package io.github.procession.internal.os;

import static io.github.procession.internal.os.Errno.EAGAIN;
import static io.github.procession.internal.os.Errno.EINTR;
import static io.github.procession.internal.os.Errno.EINVAL;
import static io.github.procession.internal.os.Errno.EPERM;
import static io.github.procession.internal.os.Errno.ESRCH;
import static io.github.procession.internal.os.Errno.ETIMEDOUT;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What this library asks of Linux, as verbs: memory files, descriptors, processes, and sleeping on and waking by a word of
/// shared memory. On x86_64 and aarch64.
///
/// A refused call throws [OsException]. On any other system every verb throws [UnsupportedOperationException]; what the
/// other rooms need everywhere has two ways, of which [Basis] says one.
public final class Os {

    /*
     * libc's functions are called by name where glibc has had them for long; `syscall` serves futex (never wrapped),
     * futex_waitv and pidfd_open (wrapped only by new glibcs, if at all). All structures and constants below are equal
     * on x86_64 and aarch64 except the number of futex.
     *
     * Each group of handles is a holder class, so that loading Os links nothing (see package-info). Functions that can
     * fail capture errno; `attempt` turns that into the kernel's own convention, a result or a negative errno. The
     * futex pair captures none: its caller looks at the word again whatever the result, and that is cheaper.
     */

    public static final int SIGHUP = 1;
    public static final int SIGINT = 2;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;
    public static final int SIGCONT = 18;
    public static final int SIGSTOP = 19;

    /// Layout of `struct futex_waitv`, the elements of the array given to [#waitAny].
    ///
    /// ```text
    ///  0        8        16       20         24
    ///  | val    | uaddr  | flags  | reserved |
    /// ```
    public static final StructLayout FUTEX_WAITV = MemoryLayout.structLayout(
            JAVA_LONG.withName("val"),
            JAVA_LONG.withName("uaddr"),
            JAVA_INT.withName("flags"),
            JAVA_INT.withName("reserved"));

    /// The most words that one [#waitAny] may watch.
    public static final int FUTEX_WAITV_MAX = 128;

    /// The `flags` of every element of a [#waitAny]: a word of 32 bits, shared between processes.
    public static final int FUTEX_32 = 2;

    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int MFD_NOEXEC_SEAL = 8;

    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_SEAL_SEAL = 1;
    private static final int F_SEAL_SHRINK = 2;
    private static final int F_SEAL_GROW = 4;
    private static final int F_SEAL_WRITE = 8;
    private static final int OWNER_ALONE = 0600;

    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;

    private static final int PR_SET_PDEATHSIG = 1;
    private static final int PRIO_PROCESS = 0;
    private static final int CLOCK_MONOTONIC = 1;

    /// The numbers of processors that an affinity can name are below eight times this.
    private static final long AFFINITY_BYTES = 1024;

    private static final long FUTEX_WAIT = 0;
    private static final long FUTEX_WAKE = 1;

    private static final String CPUS_ALLOWED = "Cpus_allowed:\t";

    private static final StructLayout TIMESPEC =
            MemoryLayout.structLayout(JAVA_LONG.withName("tv_sec"), JAVA_LONG.withName("tv_nsec"));

    static {
        StandardStreams.occupy();
    }

    private Os() {}

    /// Whether this system is one that the verbs speak to.
    public static boolean isSupported() {
        return System.getProperty("os.name", "").equals("Linux")
                && switch (System.getProperty("os.arch", "")) {
                    case "amd64", "x86_64", "aarch64" -> true;
                    default -> false;
                };
    }

    /// How many processors the threads of this process may run on, whatever the JVM was told to assume.
    public static int processors() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(CPUS_ALLOWED))
                    .mapToInt(line -> bits(line.substring(CPUS_ALLOWED.length())))
                    .sum();
        } catch (IOException | UncheckedIOException unreadable) {
            return Runtime.getRuntime().availableProcessors();
        }
    }

    /// The ones in a hexadecimal mask that has commas in it.
    private static int bits(String mask) {
        return mask.chars()
                .filter(c -> c != ',')
                .map(c -> Integer.bitCount(Character.digit(c, 16) & 15))
                .sum();
    }

    // ---- memory files --------------------------------------------------------------------------------------------

    /// Makes an empty file of memory, without a name in any file system, closed on exec, that can be sealed and, where
    /// the kernel knows how, never be executed. Its mode is 0600, whatever the umask. `name` only labels it in `/proc`.
    public static int memfd(String name) {
        int plain = MFD_CLOEXEC | MFD_ALLOW_SEALING;
        int fd = memfd(name, plain | MFD_NOEXEC_SEAL);
        if (fd == -EINVAL) { // a kernel before 6.3 does not know the last flag
            fd = memfd(name, plain);
        }
        checked("memfd_create", fd);
        try {
            forOwnerAlone(fd);
        } catch (OsException e) {
            close(fd);
            throw e;
        }
        return fd;
    }

    private static void forOwnerAlone(int fd) {
        checked("fchmod", attempt((errno, scratch) -> (int) MemoryFiles.FCHMOD.invokeExact(errno, fd, OWNER_ALONE)));
    }

    private static int memfd(String name, int flags) {
        return attempt((errno, scratch) ->
                (int) MemoryFiles.MEMFD_CREATE.invokeExact(errno, scratch.allocateFrom(name), flags));
    }

    /// Sets the size of a file. Reserves nothing: see [#allocate].
    public static void resize(int fd, long bytes) {
        checked("ftruncate", attempt((errno, scratch) -> (int) MemoryFiles.FTRUNCATE.invokeExact(errno, fd, bytes)));
    }

    /// Reserves the memory of a range of a file, so that touching it later cannot fail.
    ///
    /// @apiNote On a memory file, asking for more than the machine has does not fail but calls the kernel's
    ///     out-of-memory killer. Compare with what is available first, and reserve in steps.
    public static void allocate(int fd, long offset, long bytes) {
        int result;
        do {
            result = attempt((errno, scratch) -> (int) MemoryFiles.FALLOCATE.invokeExact(errno, fd, 0, offset, bytes));
        } while (result == -EINTR);
        checked("fallocate", result);
    }

    /// Fixes the size of a memory file for ever, so that no process can make another one's access fail.
    public static void seal(int fd) {
        int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;
        checked("fcntl(F_ADD_SEALS)", fcntl(fd, F_ADD_SEALS, seals));
    }

    /// Fixes what is in a memory file for ever, and its size: from here on it can only be read.
    public static void sealContents(int fd) {
        int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
        checked("fcntl(F_ADD_SEALS)", fcntl(fd, F_ADD_SEALS, seals));
    }

    // ---- descriptors ---------------------------------------------------------------------------------------------

    /// The two ends of a pipe.
    public record Pipe(int readEnd, int writeEnd) {}

    /// Makes a pipe whose ends are closed on exec.
    public static Pipe pipe() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(JAVA_INT, 2);
            checked("pipe2", attempt((errno, scratch) -> (int) Descriptors.PIPE2.invokeExact(errno, ends, O_CLOEXEC)));
            return new Pipe(ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1));
        }
    }

    /// Closes a descriptor. Never repeated, as Linux frees the number even when it reports an interruption.
    public static void close(int fd) {
        int result = attempt((errno, scratch) -> (int) Descriptors.CLOSE.invokeExact(errno, fd));
        if (result != -EINTR) {
            checked("close", result);
        }
    }

    /// Makes reading from and writing to a descriptor return rather than wait.
    public static void setNonBlocking(int fd) {
        int flags = checked("fcntl(F_GETFL)", fcntl(fd, F_GETFL, 0));
        checked("fcntl(F_SETFL)", fcntl(fd, F_SETFL, flags | O_NONBLOCK));
    }

    /// Reads what is there into native memory.
    ///
    /// @return the number of bytes; 0 at the end of the file; -1 when it would have to wait
    public static int read(int fd, MemorySegment buffer) {
        long room = Math.min(buffer.byteSize(), 1 << 30);
        int result;
        do {
            result = attempt((errno, scratch) -> (int) (long) Descriptors.READ.invokeExact(errno, fd, buffer, room));
        } while (result == -EINTR);
        return result == -EAGAIN ? -1 : checked("read", result);
    }

    /// Writes bytes of native memory.
    ///
    /// @return how many were written; -1 when it would have to wait
    static int write(int fd, MemorySegment bytes) {
        int result;
        do {
            result = attempt(
                    (errno, scratch) -> (int) (long) Descriptors.WRITE.invokeExact(errno, fd, bytes, bytes.byteSize()));
        } while (result == -EINTR);
        return result == -EAGAIN ? -1 : checked("write", result);
    }

    /// Waits until one of the first `count` elements of an array of `struct pollfd` (see [PollSet]) has something to
    /// report.
    ///
    /// @param timeoutMillis at most so long; negative for no limit
    /// @return how many have; 0 at the limit or after a signal
    public static int poll(MemorySegment pollfds, int count, int timeoutMillis) {
        int result = attempt(
                (errno, scratch) -> (int) Descriptors.POLL.invokeExact(errno, pollfds, (long) count, timeoutMillis));
        return result == -EINTR ? 0 : checked("poll", result);
    }

    private static int fcntl(int fd, int command, int argument) {
        return attempt((errno, scratch) -> (int) Descriptors.FCNTL.invokeExact(errno, fd, command, argument));
    }

    // ---- processes -----------------------------------------------------------------------------------------------

    /// Opens a descriptor that stands for a process and becomes readable when it has ended. Closed on exec.
    ///
    /// @throws OsException ESRCH when there is no such process
    public static int pidfd(long pid) {
        long number = Processes.PIDFD_OPEN_NUMBER;
        return checked("pidfd_open", attempt((errno, scratch) ->
                (int) (long) Processes.SYSCALL.invokeExact(errno, number, pid, 0L)));
    }

    /// Sends a signal to a process, or with a negative number to a process group.
    ///
    /// @return whether there was such a process
    public static boolean kill(long pid, int signal) {
        int result = attempt((errno, scratch) -> (int) Processes.KILL.invokeExact(errno, (int) pid, signal));
        if (result == -ESRCH) {
            return false;
        }
        checked("kill", result);
        return true;
    }

    /// Has the kernel send this process a signal when the *thread* that started it ends, if the calling thread is still
    /// there then. Compare [#parentPid()] afterwards with the parent that was meant: it may have ended before.
    public static void dieWithParent(int signal) {
        checked("prctl(PR_SET_PDEATHSIG)", attempt((errno, scratch) ->
                (int) Processes.PRCTL.invokeExact(errno, PR_SET_PDEATHSIG, (long) signal)));
    }

    /// The process that would be told of this one's end: its parent, or whoever adopted it.
    public static long parentPid() {
        try {
            return (int) Processes.GETPPID.invokeExact();
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    /// Puts this process in a process group of its own, out of reach of the terminal's Ctrl-C, unless it leads a session
    /// and so has one.
    public static void newProcessGroup() {
        int result = attempt((errno, scratch) -> (int) Processes.SETPGID.invokeExact(errno, 0, 0));
        if (result != -EPERM) {
            checked("setpgid", result);
        }
    }

    /// The processors that the calling thread may run on, in ascending order. Threads and processes that it starts get
    /// the same.
    public static int[] affinity() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(AFFINITY_BYTES, Long.BYTES);
            checked("sched_getaffinity", attempt((errno, scratch) ->
                    (int) Scheduling.GETAFFINITY.invokeExact(errno, 0, AFFINITY_BYTES, mask)));
            return BitSet.valueOf(mask.asByteBuffer()).stream().toArray();
        }
    }

    /// Lets the calling thread, and what it starts from here on, run on those processors only. Numbers that this machine
    /// does not have are ignored.
    ///
    /// @throws OsException EINVAL when none of them is there, or allowed to this process
    public static void setAffinity(int... processors) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(AFFINITY_BYTES, Long.BYTES);
            for (int processor : processors) {
                byte bits = mask.get(JAVA_BYTE, processor / Byte.SIZE);
                mask.set(JAVA_BYTE, processor / Byte.SIZE, (byte) (bits | 1 << processor % Byte.SIZE));
            }
            checked("sched_setaffinity", attempt((errno, scratch) ->
                    (int) Scheduling.SETAFFINITY.invokeExact(errno, 0, AFFINITY_BYTES, mask)));
        }
    }

    /// Sets the nice value of the calling thread; threads and processes that it starts from here on get the same.
    ///
    /// @param nice -20 (is served first) to 19 (is served last)
    /// @throws OsException EACCES when it is lower than this process may ask for
    public static void setNice(int nice) {
        checked("setpriority", attempt((errno, scratch) ->
                (int) Scheduling.SETPRIORITY.invokeExact(errno, PRIO_PROCESS, 0, nice)));
    }

    /// Gives back to the system what the C library has kept of memory that this process has freed, which after the
    /// compilations of a JVM is some megabytes. Takes a few milliseconds. Does nothing where the C library keeps nothing,
    /// or is not one that can be asked.
    public static void trim() {
        var trim = isSupported() && !Basis.isPortable() ? Trimming.MALLOC_TRIM : null;
        if (trim != null) {
            try {
                var _ = (int) trim.invokeExact(0L);
            } catch (Throwable thrown) {
                throw unexpected(thrown);
            }
        }
    }

    /// How many bytes a page of memory has.
    public static int pageSize() {
        return PageSize.BYTES;
    }

    // ---- sleeping and waking -------------------------------------------------------------------------------------

    /// Sleeps while the aligned int at `address` has the value `expected`, until a [#wake], a signal or the limit.
    /// Returns for no reason too: look at the word again.
    ///
    /// @param nanos at most so long; negative for no limit
    /// @return 0 when woken, -1 otherwise
    public static int wait(long address, int expected, long nanos) {
        if (nanos < 0) {
            return futexWait(address, expected, 0);
        }
        try (Arena scratch = Arena.ofConfined()) {
            return futexWait(address, expected, timespec(scratch, 0, nanos).address());
        }
    }

    private static int futexWait(long address, int expected, long timespec) {
        try {
            return (int) (long) Futexes.WAIT.invokeExact(
                    Futexes.FUTEX_NUMBER, address, FUTEX_WAIT, (long) expected, timespec, 0L, 0L);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    /// Wakes at most `count` threads, of any process, that sleep on the word at `address`. Never waits.
    ///
    /// @return how many were woken
    public static int wake(long address, int count) {
        try {
            return (int) (long)
                    Futexes.WAKE.invokeExact(Futexes.FUTEX_NUMBER, address, FUTEX_WAKE, (long) count, 0L, 0L, 0L);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    /// Sleeps while each of the first `count` words of an array of [#FUTEX_WAITV] has its expected value, until one of
    /// them is woken, a signal or the limit.
    ///
    /// @param nanos at most so long; negative for no limit
    /// @return the index of a word that was woken, or -1: look at all of them
    /// @throws OsException ENOSYS before Linux 5.16, EPERM in some sandboxes
    public static int waitAny(MemorySegment waitv, int count, long nanos) {
        int result = attempt((errno, scratch) -> {
            long limit = nanos < 0 ? 0 : monotonicDeadline(scratch, nanos).address();
            return (int) (long) ManyFutexes.WAIT_ANY.invokeExact(
                    errno, ManyFutexes.FUTEX_WAITV_NUMBER, waitv, (long) count, 0L, limit, (long) CLOCK_MONOTONIC);
        });
        return switch (result) {
            case -EAGAIN, -EINTR, -ETIMEDOUT -> -1;
            default -> checked("futex_waitv", result);
        };
    }

    /// The present instant plus `nanos`, as futex_waitv wants its limit.
    private static MemorySegment monotonicDeadline(Arena scratch, long nanos) throws Throwable {
        MemorySegment now = scratch.allocate(TIMESPEC);
        int ignored = (int) ManyFutexes.CLOCK_GETTIME.invokeExact(CLOCK_MONOTONIC, now);
        return timespec(scratch, now.get(JAVA_LONG, 0), now.get(JAVA_LONG, 8) + Math.min(nanos, Long.MAX_VALUE / 2));
    }

    private static MemorySegment timespec(Arena scratch, long seconds, long nanos) {
        MemorySegment timespec = scratch.allocate(TIMESPEC);
        timespec.set(JAVA_LONG, 0, seconds + nanos / 1_000_000_000);
        timespec.set(JAVA_LONG, 8, nanos % 1_000_000_000);
        return timespec;
    }

    // ---- how a call is made --------------------------------------------------------------------------------------

    /// One call with what it needs: where errno goes, and memory that lives as long as the call.
    @FunctionalInterface
    interface Call {
        int run(MemorySegment errno, Arena scratch) throws Throwable;
    }

    /// Returns the result, or a negative errno, as the kernel itself does.
    static int attempt(Call call) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment errno = scratch.allocate(Native.CALL_STATE);
            int result = call.run(errno, scratch);
            return result >= 0 ? result : -(int) Native.ERRNO.get(errno, 0L);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    static int checked(String call, int result) {
        if (result < 0) {
            throw new OsException(call, -result);
        }
        return result;
    }

    /// A downcall declares Throwable but throws nothing of its own, except errors of the machine and our own mistakes.
    static RuntimeException unexpected(Throwable thrown) {
        return switch (thrown) {
            case RuntimeException exception -> exception;
            case Error error -> throw error;
            default -> new IllegalStateException(thrown);
        };
    }

    /// Finds and links functions of the C library.
    static final class Native {

        private static final Linker LINKER = linker();
        static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
        static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

        private static final Linker.Option CAPTURES_ERRNO = Linker.Option.captureCallState("errno");

        private Native() {}

        private static Linker linker() {
            if (!isSupported()) {
                throw new UnsupportedOperationException("This needs Linux on x86_64 or aarch64; this is "
                        + System.getProperty("os.name") + " on " + System.getProperty("os.arch") + ".");
            }
            return Linker.nativeLinker();
        }

        /// A function whose failure sets errno; the handle takes the place for it as its first argument.
        static MethodHandle failing(String name, FunctionDescriptor type) {
            return link(name, type, CAPTURES_ERRNO);
        }

        /// A function that names only `fixed` of its parameters and leaves the others to `...`.
        static MethodHandle failingVariadic(String name, int fixed, FunctionDescriptor type) {
            return link(name, type, CAPTURES_ERRNO, Linker.Option.firstVariadicArg(fixed));
        }

        /// A function that some C libraries lack; null if this one does.
        static @Nullable MethodHandle linkIfThere(String name, FunctionDescriptor type) {
            return LINKER.defaultLookup()
                    .find(name)
                    .map(function -> LINKER.downcallHandle(function, type))
                    .orElse(null);
        }

        static MethodHandle link(String name, FunctionDescriptor type, Linker.Option... options) {
            MemorySegment function = LINKER.defaultLookup().find(name).orElseThrow(() -> missing(name));
            return LINKER.downcallHandle(function, type, options);
        }

        /// The JDK opens a file to look a function up, and says only that it has not found it.
        private static RuntimeException missing(String name) {
            try (var _ = new FileInputStream("/dev/null")) {
                return new UnsupportedOperationException("the C library of this system has no function " + name
                        + "; Procession needs glibc 2.27 or newer, or musl 1.2");
            } catch (IOException e) {
                return new IllegalStateException(
                        "Cannot call the C library: " + Shortage.explained(String.valueOf(e.getMessage())), e);
            }
        }
    }

    private static final class MemoryFiles {
        static final MethodHandle MEMFD_CREATE =
                Native.failing("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
        static final MethodHandle FTRUNCATE =
                Native.failing("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
        static final MethodHandle FCHMOD =
                Native.failing("fchmod", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        static final MethodHandle FALLOCATE =
                Native.failing("fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    }

    private static final class Descriptors {
        static final MethodHandle PIPE2 = Native.failing("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
        static final MethodHandle CLOSE = Native.failing("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        static final MethodHandle READ =
                Native.failing("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
        static final MethodHandle WRITE =
                Native.failing("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
        static final MethodHandle POLL =
                Native.failing("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
        static final MethodHandle FCNTL =
                Native.failingVariadic("fcntl", 2, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    }

    private static final class Processes {
        static final long PIDFD_OPEN_NUMBER = 434;

        static final MethodHandle SYSCALL =
                Native.failingVariadic("syscall", 1, FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
        static final MethodHandle KILL = Native.failing("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        static final MethodHandle SETPGID =
                Native.failing("setpgid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        static final MethodHandle PRCTL =
                Native.failingVariadic("prctl", 1, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
        static final MethodHandle GETPPID = Native.link("getppid", FunctionDescriptor.of(JAVA_INT));
    }

    private static final class Scheduling {
        static final MethodHandle GETAFFINITY =
                Native.failing("sched_getaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
        static final MethodHandle SETAFFINITY =
                Native.failing("sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
        static final MethodHandle SETPRIORITY =
                Native.failing("setpriority", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    }

    private static final class Trimming {
        static final @Nullable MethodHandle MALLOC_TRIM = // glibc's
                Native.linkIfThere("malloc_trim", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
    }

    /// Read from what the kernel told this process at its start: that needs no linker.
    private static final class PageSize {
        private static final long AT_PAGESZ = 6;
        private static final int USUAL = 4096;

        static final int BYTES = find();

        private static int find() {
            try {
                var pairs = ByteBuffer.wrap(Files.readAllBytes(Path.of("/proc/self/auxv")))
                        .order(ByteOrder.nativeOrder())
                        .asLongBuffer();
                while (pairs.remaining() >= 2) {
                    long key = pairs.get();
                    long value = pairs.get();
                    if (key == AT_PAGESZ) {
                        return (int) value;
                    }
                }
            } catch (IOException e) {
                // not to be had here
            }
            return USUAL;
        }
    }

    private static final class Futexes {
        static final long FUTEX_NUMBER = System.getProperty("os.arch", "").equals("aarch64") ? 98 : 202;

        /// syscall(number, address, operation, value, timespec, second address, second value)
        private static final FunctionDescriptor FUTEX = FunctionDescriptor.of(
                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

        static final MethodHandle WAIT = Native.link("syscall", FUTEX, Linker.Option.firstVariadicArg(1));
        static final MethodHandle WAKE =
                Native.link("syscall", FUTEX, Linker.Option.firstVariadicArg(1), Linker.Option.critical(false));
    }

    private static final class ManyFutexes {
        static final long FUTEX_WAITV_NUMBER = 449;

        static final MethodHandle WAIT_ANY = Native.failingVariadic(
                "syscall",
                1,
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
        static final MethodHandle CLOCK_GETTIME =
                Native.link("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    }
}
