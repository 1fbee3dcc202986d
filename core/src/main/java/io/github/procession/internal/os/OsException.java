package io.github.procession.internal.os;

import java.io.IOException;

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

    private OsException(String call, IOException refused) {
        super(call + " failed: " + refused, refused);
        this.call = call;
        this.errno = Errno.EIO;
    }

    /// What the JDK reports of a refusal in words.
    static OsException of(String call, IOException refused) {
        String words = String.valueOf(refused.getMessage());
        if (words.contains("No space left") || words.contains("Disk quota")) {
            return new OsException(call, Errno.ENOSPC);
        }
        if (words.contains("Too many open files")) {
            return new OsException(call, Errno.EMFILE);
        }
        if (words.contains("File too large")) {
            return new OsException(call, Errno.EFBIG);
        }
        return new OsException(call, refused);
    }

    /// Loads what it takes to explain a refusal: when no descriptor is left, no class can be loaded from a folder any more.
    public static void load() {
        var _ = new OsException("nothing", Errno.EMFILE);
        var _ = Shortage.explained("nothing");
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
