package io.github.procession.internal.sync;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// Who owns a lock, and whether its last owner died with it.
///
/// ```text
///   0        8        16                128
///   +--------+--------+-----------------+
///   | owner  | count  | pid of the last |      owner: | thread: 50 | slot: 12 | abandoned: 1 | held: 1 |
///   +--------+--------+-----------------+
/// ```
///
/// The thread is told by its number in its process, so that a virtual thread may own a lock. The count is the owner's
/// alone. A lock that was abandoned keeps the mark while its next owner mends what it guards, so that it is abandoned
/// again if that one dies too.
public final class LockWord {
    /// Length.
    public static final long BYTES = 128;

    /// What an attempt came to.
    public enum Attempt {
        /// The lock is this thread's.
        TAKEN,
        /// It was this thread's before.
        OWNED,
        /// It is this thread's, and what it guards has to be mended: [#mended()] or [#giveUp()] must follow.
        ABANDONED,
        /// It is somebody else's.
        BUSY
    }

    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final long HELD = 1;
    private static final long MARK = 2;
    private static final int SLOT_SHIFT = 2;
    private static final int THREAD_SHIFT = 14;
    private static final long SLOT_MASK = (1 << 12) - 1;
    private static final long AT_COUNT = 8;
    private static final long AT_PID = 16;
    private static final long PID = ProcessHandle.current().pid();

    private final MemorySegment memory;
    private final long base;
    private final long slot;

    /// @param memory the block; zeros are a free lock
    /// @param base   where the word begins
    /// @param slot   the process
    public LockWord(MemorySegment memory, long base, int slot) {
        this.memory = memory;
        this.base = base;
        this.slot = (long) slot << SLOT_SHIFT;
    }

    private long me() {
        return Thread.currentThread().threadId() << THREAD_SHIFT | slot | HELD;
    }

    private long word() {
        return (long) LONG.getAcquire(memory, base);
    }

    /// Tries to take the lock for the current thread.
    ///
    /// @param mend whether to take an abandoned one too
    public Attempt take(boolean mend) {
        long me = me();
        if (LONG.compareAndSet(memory, base, 0L, me)) {
            SyncPoint.LOCK_TAKEN.pass();
            noteOwner();
            return Attempt.TAKEN;
        }
        long word = word();
        if ((word & ~MARK) == me) {
            return Attempt.OWNED;
        }
        if (mend && word == MARK && LONG.compareAndSet(memory, base, MARK, me | MARK)) {
            SyncPoint.LOCK_TAKEN.pass();
            noteOwner();
            return Attempt.ABANDONED;
        }
        return Attempt.BUSY;
    }

    private void noteOwner() {
        LONG.setOpaque(memory, base + AT_PID, PID);
    }

    /// Whether it is nobody's, and its last owner died with it.
    public boolean isAbandoned() {
        return word() == MARK;
    }

    /// The process id of its last owner.
    public long lastOwner() {
        return (long) LONG.getOpaque(memory, base + AT_PID);
    }

    /// Whether it is the current thread's.
    public boolean isMine() {
        return (word() & ~MARK) == me();
    }

    /// Whether it is anybody's.
    public boolean isHeld() {
        return (word() & HELD) != 0;
    }

    /// What it guards has been mended: takes away the mark. The lock stays the current thread's.
    public void mended() {
        LONG.setRelease(memory, base, me());
        SyncPoint.LOCK_MENDED.pass();
    }

    /// What it guards could not be mended: the lock is abandoned as before.
    public void giveUp() {
        LONG.setRelease(memory, base, MARK);
        SyncPoint.LOCK_FREED.pass();
    }

    /// Frees it. Afterwards signal.
    ///
    /// @return false if it is not the current thread's
    public boolean free() {
        if (!isMine()) {
            return false;
        }
        LONG.setRelease(memory, base, 0L);
        SyncPoint.LOCK_FREED.pass();
        return true;
    }

    /// How often its owner has taken it; the owner's to read and write.
    public long count() {
        return (long) LONG.get(memory, base + AT_COUNT);
    }

    /// Sets how often its owner has taken it.
    public void count(long times) {
        LONG.setOpaque(memory, base + AT_COUNT, times);
        SyncPoint.LOCK_COUNTED.pass();
    }

    /// The root: a lock that the process owned is abandoned.
    ///
    /// @return whether it is abandoned now
    public boolean bury(int dead) {
        long word = word();
        if ((word & HELD) != 0 && (word >>> SLOT_SHIFT & SLOT_MASK) == dead) {
            LONG.setRelease(memory, base, MARK);
            SyncPoint.LOCK_ABANDONED.pass();
        }
        return isAbandoned();
    }
}
