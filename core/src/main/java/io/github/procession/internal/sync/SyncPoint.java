package io.github.procession.internal.sync;

import io.github.procession.internal.os.Fuse;

/// A name for the instant after each shared store, at which a test lets the process die: see [Fuse].
enum SyncPoint {
    /// A lock is owned; its owner's caller does not know.
    LOCK_TAKEN,
    /// A reentrant lock is owned, how often is not written.
    LOCK_COUNTED,
    /// A lock is free, nobody is woken.
    LOCK_FREED,
    /// The repair of an abandoned lock is through, and its mark is gone.
    LOCK_MENDED,
    /// The root has said that a lock is abandoned, nobody is woken.
    LOCK_ABANDONED,
    /// Somebody else has the journal; nothing was stored.
    JOURNAL_BUSY,
    /// A journal is claimed, nothing is written.
    JOURNAL_CLAIMED,
    /// All changes are in the journal, it does not count yet.
    JOURNAL_WRITTEN,
    /// The journal counts, nothing is carried out.
    JOURNAL_COMMITTED,
    /// One change more is carried out.
    JOURNAL_APPLIED,
    /// A single change is carried out, the journal is claimed.
    JOURNAL_SET,
    /// The journal is free, nobody is woken.
    JOURNAL_FREED,
    /// An event or a latch has changed, nobody is woken.
    STATE_CHANGED;

    /// Marks the instant: this thread has just made the store of that name.
    void pass() {
        if (Fuse.ARMED) {
            Fuse.burn(name());
        }
    }
}
