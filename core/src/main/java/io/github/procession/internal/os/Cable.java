package io.github.procession.internal.os;

import java.io.IOException;
import java.io.InputStream;

/// One side of a two-way stream of bytes between two processes of a tree. One of them offers it, the other opens it by its
/// address.
public abstract sealed class Cable permits PipeCable, SocketCable {
    Cable() {}

    /// Offers one to another process.
    ///
    /// @throws IOException if it cannot be made
    /// @throws OsException the same, in more words; nothing is kept then
    public static Offer offer() throws IOException {
        return Basis.isPortable() ? SocketCable.offered() : PipeCable.offered();
    }

    /// Opens one that a process has offered.
    ///
    /// @throws IOException if that process is gone, or belongs to somebody else, or has other things there than meant
    public static Cable open(long pid, String address) throws IOException {
        return Basis.isPortable() ? SocketCable.opened(address) : PipeCable.opened(pid, address);
    }

    /// What the other side says; end of file, or an error, when that has ended its writing or is gone. For one thread.
    public abstract InputStream in();

    /// Says something, and returns when the system has it all. Before the other side has opened its end, a few thousand bytes
    /// can be said without waiting for that. For one thread at a time; no interrupt disturbs it.
    ///
    /// @throws IOException if the other side is gone
    public abstract void write(byte[] bytes) throws IOException;

    /// Reads no more, and calls the thread that reads away. Idempotent.
    public abstract void endReading();

    /// Says no more: the other side reads end of file. Idempotent.
    public abstract void endWriting();

    /// Whether the system has said that the other process has closed its side, which no process does before its end; false
    /// where only the process itself can be watched for that.
    public abstract boolean isOtherSideGone();

    /// What the side that offers has of it.
    public sealed interface Offer permits PipeCable.Offered, SocketCable.Offered {
        /// Its side.
        Cable cable();

        /// Where the other side opens it, in words without blanks.
        String address();

        /// Nobody opens it any more: the other side has, or never will. The end of the other side is seen as end of file
        /// from here on. Idempotent.
        void withdraw();
    }
}
