package io.github.procession.internal.wire;

import io.github.procession.internal.os.Cable;
import io.github.procession.internal.os.OsException;
import io.github.procession.internal.os.Shortage;
import java.io.IOException;

/// A link whose other side has yet to open it. Until it is withdrawn, end of file cannot be read; see [#withdraw()].
public final class LinkOffer {
    private final Cable.Offer offer;
    private final Link link;

    private LinkOffer(Cable.Offer offer, Link link) {
        this.offer = offer;
        this.link = link;
    }

    /// Makes it and opens this side.
    ///
    /// @throws IllegalStateException if there is no descriptor left; nothing is kept then
    public static LinkOffer make(String name) {
        try {
            var offer = Cable.offer();
            return new LinkOffer(offer, new Link(name, offer.cable()));
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Cannot open a pipe to a child process: " + Shortage.explained(String.valueOf(e.getMessage())), e);
        } catch (OsException e) {
            throw new IllegalStateException("Cannot make a pipe to a child process: " + e.getMessage(), e);
        }
    }

    /// This side.
    public Link link() {
        return link;
    }

    /// Where the other side opens it.
    public LinkAddress address() {
        return new LinkAddress(offer.address());
    }

    /// The other side has opened it or never will: from here on its end is seen as end of file. Idempotent.
    public void withdraw() {
        offer.withdraw();
    }
}
