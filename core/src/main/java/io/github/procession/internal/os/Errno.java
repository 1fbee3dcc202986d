package io.github.procession.internal.os;

/// The errors of Linux that this library meets, with what they usually mean here. The numbers are those of
/// `asm-generic/errno.h`, the same on x86_64 and aarch64.
final class Errno {

    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int ESRCH = 3;
    static final int EINTR = 4;
    static final int EIO = 5;
    static final int EBADF = 9;
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int EFAULT = 14;
    static final int EINVAL = 22;
    static final int ENFILE = 23;
    static final int EMFILE = 24;
    static final int EFBIG = 27;
    static final int ENOSPC = 28;
    static final int EPIPE = 32;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;
    static final int ETIMEDOUT = 110;

    private Errno() {}

    static String nameOf(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM";
            case ENOENT -> "ENOENT";
            case ESRCH -> "ESRCH";
            case EINTR -> "EINTR";
            case EIO -> "EIO";
            case EBADF -> "EBADF";
            case EAGAIN -> "EAGAIN";
            case ENOMEM -> "ENOMEM";
            case EACCES -> "EACCES";
            case EFAULT -> "EFAULT";
            case EINVAL -> "EINVAL";
            case ENFILE -> "ENFILE";
            case EMFILE -> "EMFILE";
            case EFBIG -> "EFBIG";
            case ENOSPC -> "ENOSPC";
            case EPIPE -> "EPIPE";
            case ENOSYS -> "ENOSYS";
            case EOPNOTSUPP -> "EOPNOTSUPP";
            case ETIMEDOUT -> "ETIMEDOUT";
            default -> "E" + errno;
        };
    }

    /// What happened and what to do, in a sentence or two.
    static String explain(int errno) {
        return switch (errno) {
            case EPERM ->
                "not permitted. Usually a process of another user, or a container whose seccomp profile or missing"
                        + " capability forbids the call; run both sides as the same user, or allow the call there.";
            case ENOENT -> "there is no such file.";
            case ESRCH -> "there is no such process; it has already ended and was waited for.";
            case EINTR -> "a signal interrupted the call.";
            case EIO -> "the device or file reported an input/output error.";
            case EBADF -> "the file descriptor is not open; something closed it earlier.";
            case EAGAIN ->
                "a resource is used up for the moment. When starting processes or threads this is the limit of"
                        + " processes: see `ulimit -u` and pids.max of the cgroup; start fewer, or raise it.";
            case ENOMEM ->
                "out of memory, of this machine or of its cgroup. Ask for less, close what is no longer used, or raise"
                        + " the limit (memory.max).";
            case EACCES -> "access denied";
            case EFAULT -> "an address given to the call is not mapped; most likely its memory was closed.";
            case EINVAL -> "an argument was refused; a kernel older than expected does the same.";
            case ENFILE ->
                "the whole machine is out of file descriptors. See `cat /proc/sys/fs/file-nr`; raise it with"
                        + " `sysctl fs.file-max`, or close what leaks.";
            case EMFILE ->
                "this process is out of file descriptors. Raise its limit (`ulimit -n`), or close what is no longer"
                        + " used: every child process and every large shared object needs a few.";
            case EFBIG -> "the size is beyond the limit for a file (`ulimit -f`).";
            case ENOSPC ->
                "no space is left for shared memory. Close shared objects that are no longer used, ask for less, or"
                        + " give the machine or container more memory.";
            case EPIPE -> "the other end of the pipe is closed.";
            case ENOSYS ->
                "this kernel does not have the call, or a sandbox hides it. Linux 5.16 or newer has every call that is"
                        + " used here.";
            case EOPNOTSUPP -> "this kind of file does not support the call.";
            case ETIMEDOUT -> "the time limit passed.";
            default -> "see `errno " + errno + "` or errno(3) for its meaning.";
        };
    }
}
