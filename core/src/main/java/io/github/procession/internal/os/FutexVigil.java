package io.github.procession.internal.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// Sleeping on many words in the kernel, by futex_waitv.
///
/// Where that is missing (before Linux 5.16, some sandboxes), or refuses because memory went away under a word, it lets the
/// thread look every millisecond instead: slower, never wrong.
final class FutexVigil extends Vigil {
    private static final long LOOK_EVERY_NANOS = 1_000_000;
    private static final boolean POLLING = Boolean.getBoolean("io.github.procession.parker.polling");

    private static final long VAL_AT = Os.FUTEX_WAITV.byteOffset(PathElement.groupElement("val"));
    private static final long ADDRESS_AT = Os.FUTEX_WAITV.byteOffset(PathElement.groupElement("uaddr"));
    private static final long FLAGS_AT = Os.FUTEX_WAITV.byteOffset(PathElement.groupElement("flags"));

    private static final VarHandle INT = JAVA_INT.varHandle();

    private final MemorySegment doorbell = Arena.ofAuto().allocate(JAVA_INT);
    private final MemorySegment waitv = Arena.ofAuto().allocate(Os.FUTEX_WAITV, 1 + MOST); // the doorbell comes first

    @Override
    public int bell() {
        return (int) INT.getVolatile(doorbell, 0L);
    }

    @Override
    public void ring() {
        INT.getAndAdd(doorbell, 0L, 1);
        Os.wake(doorbell.address(), 1);
    }

    @Override
    public void place(int index, MemorySegment word, int expected) {
        set(1 + index, word.address(), expected);
    }

    @Override
    public void sleep(int bell, int count) {
        set(0, doorbell.address(), bell);
        try {
            if (!POLLING) {
                Os.waitAny(waitv, 1 + count, -1);
                return;
            }
        } catch (OsException refused) {
            // look again a little later
        }
        Os.wait(doorbell.address(), bell, count == 0 ? -1 : LOOK_EVERY_NANOS);
    }

    private void set(int index, long address, int expected) {
        long at = index * Os.FUTEX_WAITV.byteSize();
        waitv.set(JAVA_LONG, at + VAL_AT, Integer.toUnsignedLong(expected));
        waitv.set(JAVA_LONG, at + ADDRESS_AT, address);
        waitv.set(JAVA_INT, at + FLAGS_AT, Os.FUTEX_32);
    }
}
