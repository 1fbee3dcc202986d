package io.github.procession.internal.wire;

import io.github.procession.internal.os.Os;
import io.github.procession.internal.os.OsException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/// A link whose other side has yet to open it: two pipes, this side open, the other side's ends kept until they are
/// opened through `/proc`. While the other side's ends are kept here, end of file cannot be read; see [#withdraw()].
public final class LinkOffer {
    private final Link link;
    private final int read;
    private final int write;
    private final AtomicBoolean withdrawn = new AtomicBoolean();

    private LinkOffer(Link link, int read, int write) {
        this.link = link;
        this.read = read;
        this.write = write;
    }

    /// Makes both pipes and opens this side.
    ///
    /// @throws IllegalStateException if there is no descriptor left; nothing is kept then
    public static LinkOffer make(String name) {
        try {
            var incoming = Os.pipe();
            Os.Pipe outgoing;
            try {
                outgoing = Os.pipe();
            } catch (OsException e) {
                close(incoming);
                throw e;
            }
            try {
                var link = Link.open(name, ProcessHandle.current().pid(), incoming.readEnd(), outgoing.writeEnd());
                Os.close(incoming.readEnd());
                Os.close(outgoing.writeEnd());
                return new LinkOffer(link, outgoing.readEnd(), incoming.writeEnd());
            } catch (IOException e) {
                close(incoming);
                close(outgoing);
                throw new IllegalStateException("Cannot open a pipe to a child process: " + e.getMessage(), e);
            }
        } catch (OsException e) {
            throw new IllegalStateException("Cannot make a pipe to a child process: " + e.getMessage(), e);
        }
    }

    private static void close(Os.Pipe pipe) {
        Os.close(pipe.readEnd());
        Os.close(pipe.writeEnd());
    }

    /// This side.
    public Link link() {
        return link;
    }

    /// This process's descriptor that the other side opens to read.
    public int read() {
        return read;
    }

    /// This process's descriptor that the other side opens to write.
    public int write() {
        return write;
    }

    /// Closes the ends that were kept for the other side, because it has opened them or never will: from here on its end
    /// is seen as end of file. Idempotent.
    public void withdraw() {
        if (withdrawn.compareAndSet(false, true)) {
            Os.close(read);
            Os.close(write);
        }
    }
}
