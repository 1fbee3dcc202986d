package io.github.procession.internal.ring;

import io.github.procession.internal.os.Fuse;

/// A name for the instant after each shared store, at which a test lets the process die as if it were killed there: see
/// [Fuse].
enum CrashPoint {
    /// A producer owns its cell; nobody else knows more.
    OFFER_CLAIMED,
    /// The hint for the next producers points past it.
    OFFER_HINTED,
    /// Tag and length are written, the body is not.
    OFFER_HEADED,
    /// All is written, nothing is published.
    OFFER_WRITTEN,
    /// The item is published but the producer's caller does not know.
    OFFER_PUBLISHED,
    /// A claim that will not be published is counted as a tombstone, and is none yet.
    BURY_COUNTED,
    /// It is a tombstone but those who wait do not know.
    BURY_DONE,
    /// A consumer owns its cell; nobody else knows more.
    CLAIM_TAKEN,
    /// The hint for the next consumers points past it.
    CLAIM_HINTED,
    /// The body is copied out, the cell is still taken.
    CLAIM_COPIED,
    /// The cell is free but the consumer's caller does not know.
    CLAIM_RELEASED,
    /// In a ring that has had tombstones a producer has found no room, or a consumer has freed a cell, and will look for some.
    CLEARING,
    /// A tombstone is cleared away, the hint does not show it.
    TOMBSTONE_CLEARED,
    /// The rest of the lap is filled with padding, the tail does not show it.
    PIPE_PADDED,
    /// Length and type are written, the body is not.
    PIPE_HEADED,
    /// The record is written, the tail does not show it.
    PIPE_WRITTEN,
    /// The record is published but the producer's caller does not know.
    PIPE_PUBLISHED,
    /// The record is freed but the consumer's caller does not know.
    PIPE_FREED,
    /// A writer owns the twins; nobody else knows more.
    TWIN_CLAIMED,
    /// The copy that is not current is half the old one, half the new.
    TWIN_HALF_WRITTEN,
    /// It is written, the other one is still current.
    TWIN_WRITTEN,
    /// It is current but those who wait to write do not know.
    TWIN_PUBLISHED;

    /// Marks the instant: this thread has just made the store of that name.
    void pass() {
        if (Fuse.ARMED) {
            Fuse.burn(name());
        }
    }
}
