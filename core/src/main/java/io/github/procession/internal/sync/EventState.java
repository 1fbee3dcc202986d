package io.github.procession.internal.sync;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// Whether an event is set, and how often it has been: one word, `| times: 63 | set: 1 |`. Who waits remembers the times, so
/// that setting it and clearing it at once wakes everybody who waited. One word has no half: a death leaves nothing.
public final class EventState {
    /// Length.
    public static final long BYTES = 128;

    private static final VarHandle LONG = JAVA_LONG.varHandle();

    private final MemorySegment memory;
    private final long base;

    /// @param memory the block; zeros are an event that is not set
    /// @param base   where the word is
    public EventState(MemorySegment memory, long base) {
        this.memory = memory;
        this.base = base;
    }

    private long word() {
        return (long) LONG.getAcquire(memory, base);
    }

    /// Whether it is set.
    public boolean isSet() {
        return (word() & 1) != 0;
    }

    /// How often it has been set.
    public long times() {
        return word() >>> 1;
    }

    /// Whether it is set or has been since it had been so often.
    public boolean isSetSince(long times) {
        long word = word();
        return (word & 1) != 0 || word >>> 1 != times;
    }

    /// Sets it. Afterwards wake all.
    ///
    /// @return false if it was set
    public boolean set() {
        long word;
        do {
            word = word();
            if ((word & 1) != 0) {
                return false;
            }
        } while (!LONG.compareAndSet(memory, base, word, word + 3)); // once more, and set
        SyncPoint.STATE_CHANGED.pass();
        return true;
    }

    /// Clears it.
    public void clear() {
        long word;
        do {
            word = word();
        } while ((word & 1) != 0 && !LONG.compareAndSet(memory, base, word, word - 1));
        SyncPoint.STATE_CHANGED.pass();
    }
}
