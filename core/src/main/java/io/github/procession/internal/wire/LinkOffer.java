package io.github.procession.internal.wire;

import io.github.procession.internal.os.Os;
import io.github.procession.internal.os.OsException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/// A link whose other side has yet to open it: two pipes, this side open, the other side's ends kept until they are
/// opened through `/proc`. While the other side's ends are kept here, end of file cannot be read; see [#withdraw()].
public final class LinkOffer {
    private final Link link;
    private final LinkAddress address;
    private final AtomicBoolean withdrawn = new AtomicBoolean();

    private LinkOffer(Link link, LinkAddress address) {
        this.link = link;
        this.address = address;
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
                var address = LinkAddress.of(outgoing.readEnd(), incoming.writeEnd());
                var own = LinkAddress.of(incoming.readEnd(), outgoing.writeEnd());
                var link = Link.open(name, ProcessHandle.current().pid(), own);
                Os.close(incoming.readEnd());
                Os.close(outgoing.writeEnd());
                return new LinkOffer(link, address);
            } catch (IOException e) {
                close(incoming);
                close(outgoing);
                throw new IllegalStateException(
                        "Cannot open a pipe to a child process: %s%s"
                                .formatted(
                                        e.getMessage(),
                                        String.valueOf(e.getMessage()).contains("Too many open files")
                                                ? ". Raise the limit of open files (`ulimit -n`), or close what is no longer used."
                                                : ""),
                        e);
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

    /// Where the other side opens it.
    public LinkAddress address() {
        return address;
    }

    /// Closes the ends that were kept for the other side, because it has opened them or never will: from here on its end
    /// is seen as end of file. Idempotent.
    public void withdraw() {
        if (withdrawn.compareAndSet(false, true)) {
            Os.close(address.read());
            Os.close(address.write());
        }
    }
}
