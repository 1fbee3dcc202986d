package io.github.procession.internal.os;

/// The operating system refused a call. Says which call, the errno by number and name, what that usually means, and
/// what to do about it.
public final class OsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    OsException(String call, int errno) {
        super(call + " failed with " + Errno.nameOf(errno) + " (errno " + errno + "): " + Errno.explain(errno));
        this.call = call;
        this.errno = errno;
    }

    /// Loads what it takes to explain a refusal: when no descriptor is left, no class can be loaded from a folder any more.
    public static void load() {
        var _ = new OsException("nothing", Errno.EMFILE);
    }

    /// The C function or system call that was refused.
    public String call() {
        return call;
    }

    /// The number of the error, as Linux counts them.
    public int errno() {
        return errno;
    }

    /// The name of the error, for instance `EMFILE`.
    public String errnoName() {
        return Errno.nameOf(errno);
    }
}
