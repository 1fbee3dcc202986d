package io.github.procession.internal.sync;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.procession.internal.waiting.WaitPoint;
import io.github.procession.internal.waiting.WaitPointLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// Several words changed as one: all of a section's changes happen or none, whoever dies in the middle. Sections exclude
/// each other, between threads and between processes, and are short: nothing in them waits or calls code of users.
///
/// ```java
/// journal.begin();
/// try {
///     …read words…
///     journal.set(offset, value);
///     journal.commit();
/// } finally {
///     journal.end();
/// }
/// ```
///
/// ```text
///   0        8        16                            128
///   +--------+--------+-----------------------------+---------------------------------+
///   | claim  | count  | offset, value  × 7          | where those sleep who may not in|
///   +--------+--------+-----------------------------+---------------------------------+
///   claim: 0 free | slot << 2 | 1 written to | slot << 2 | 2 counts
/// ```
final class Journal {
    /*
     * begin     CAS claim 0 → (slot, WRITING)
     * commit    the changes into the journal; claim := (slot, COUNTS); the changes into the words
     * end       claim := 0; wake
     *
     * Dead while WRITING: no word has changed, the root frees the claim. Dead while COUNTS: the root carries the changes out
     * once more, which is the same as once, and frees the claim. A single change needs no journal: its store is the
     * commit.
     */
    static final long BYTES = 128 + WaitPointLayout.BYTES;
    static final int ENTRIES = 7;

    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final long AT_COUNT = 8;
    private static final long AT_ENTRIES = 16;
    private static final long AT_POINT = 128;
    private static final long WRITING = 1;
    private static final long COUNTS = 2;
    private static final int STATE_BITS = 2;
    private static final int SPINS = 100;

    private final MemorySegment memory;
    private final long base;
    private final long slot;
    private final WaitPoint point;

    // Who has the claim alone touches these:
    private final long[] offsets = new long[ENTRIES];
    private final long[] values = new long[ENTRIES];
    private int count;

    /// @param memory the block; zeros are a free journal
    /// @param base   where the journal begins, a multiple of 128
    /// @param slot   the process
    Journal(MemorySegment memory, long base, int slot) {
        this.memory = memory;
        this.base = base;
        this.slot = slot;
        this.point = new WaitPoint(memory, base + AT_POINT);
    }

    /// Waits until nobody is in a section, which no living process is for long, and enters one.
    void begin() {
        if (tryBegin()) {
            return;
        }
        boolean interrupted = false;
        while (true) {
            try {
                point.await(this::claim, Long.MAX_VALUE);
                break;
            } catch (InterruptedException e) {
                interrupted = true; // a section is too short to be left for that
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Enters a section unless somebody stays in one, as a process does that is stopped there.
    boolean tryBegin() {
        for (int i = 0; i < SPINS; i++) {
            if (claim()) {
                return true;
            }
            SyncPoint.JOURNAL_BUSY.pass();
            Thread.onSpinWait();
        }
        return false;
    }

    private boolean claim() {
        if (!LONG.compareAndSet(memory, base, 0L, slot << STATE_BITS | WRITING)) {
            return false;
        }
        SyncPoint.JOURNAL_CLAIMED.pass();
        count = 0;
        return true;
    }

    /// Reads a word. What the section has set is not seen.
    long get(long offset) {
        return (long) LONG.getOpaque(memory, offset);
    }

    /// Changes a word when the section commits; at most once for each, and [#ENTRIES] in all.
    void set(long offset, long value) {
        offsets[count] = offset;
        values[count] = value;
        count++;
    }

    /// All changes of the section happen.
    void commit() {
        if (count == 1) {
            LONG.setRelease(memory, offsets[0], values[0]);
            SyncPoint.JOURNAL_SET.pass();
        } else {
            for (int i = 0; i < count; i++) {
                LONG.set(memory, base + AT_ENTRIES + 16L * i, offsets[i]);
                LONG.set(memory, base + AT_ENTRIES + 16L * i + 8, values[i]);
            }
            LONG.set(memory, base + AT_COUNT, (long) count);
            SyncPoint.JOURNAL_WRITTEN.pass();
            LONG.setRelease(memory, base, slot << STATE_BITS | COUNTS);
            SyncPoint.JOURNAL_COMMITTED.pass();
            for (int i = 0; i < count; i++) {
                LONG.setRelease(memory, offsets[i], values[i]);
                SyncPoint.JOURNAL_APPLIED.pass();
            }
        }
        count = 0;
    }

    /// Leaves the section; what was not committed has not happened.
    void end() {
        if (count != 0 && ((long) LONG.getOpaque(memory, base) & COUNTS) != 0) {
            redo(); // an error came between: once more is the same as once
        }
        LONG.setRelease(memory, base, 0L);
        SyncPoint.JOURNAL_FREED.pass();
        point.signal();
    }

    /// The root: ends the section that a dead process was in, if it was.
    void repair(int dead) {
        long claim = (long) LONG.getAcquire(memory, base);
        if (claim >>> STATE_BITS == dead) {
            if ((claim & COUNTS) != 0) {
                redo();
            }
            LONG.setRelease(memory, base, 0L);
            SyncPoint.JOURNAL_FREED.pass();
        }
        point.repair();
    }

    private void redo() {
        long changes = (long) LONG.get(memory, base + AT_COUNT);
        for (int i = 0; i < changes; i++) {
            long offset = (long) LONG.get(memory, base + AT_ENTRIES + 16L * i);
            LONG.setRelease(memory, offset, (long) LONG.get(memory, base + AT_ENTRIES + 16L * i + 8));
            SyncPoint.JOURNAL_APPLIED.pass();
        }
    }

    /// Wakes this process's threads that wait to enter, with an exception.
    void close() {
        point.close();
    }
}
