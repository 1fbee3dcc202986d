package io.github.procession.internal.waiting;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.os.Os;
import io.github.procession.internal.os.OsException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The platform thread that sleeps in the kernel for the virtual threads of this process, on up to 127 wait points at
/// once. A blocking call of a virtual thread would pin its carrier, silently and without compensation.
final class Parker implements Runnable {

    /*
     * One loop: read the doorbell; take in the watches that were left; look at all, dropping those without parked
     * threads; sleep until one of their words or the doorbell has changed since it was read. Everything that changes
     * after it was read ends the sleep at once, so nothing is missed.
     *
     * Where futex_waitv is missing (before Linux 5.16, some sandboxes), or refuses because memory went away under a
     * watch, it looks every millisecond instead: slower, never wrong.
     *
     * When the JVM ends it leaves the kernel, where it would hold the end up, and lets everybody go. Who still waits then
     * looks every millisecond by itself.
     */

    private static final int MOST = Os.FUTEX_WAITV_MAX - 1;
    static final long LOOK_EVERY_NANOS = 1_000_000;
    private static final boolean POLLING = Boolean.getBoolean("io.github.procession.parker.polling");

    private static final long VAL_AT = Os.FUTEX_WAITV.byteOffset(PathElement.groupElement("val"));
    private static final long ADDRESS_AT = Os.FUTEX_WAITV.byteOffset(PathElement.groupElement("uaddr"));
    private static final long FLAGS_AT = Os.FUTEX_WAITV.byteOffset(PathElement.groupElement("flags"));

    private static final VarHandle INT = JAVA_INT.varHandle();

    /// Guarded by the class, which is held when it becomes true that the JVM is ending.
    private static final List<Parker> PARKERS = new ArrayList<>();

    private static volatile boolean ending;

    private final MemorySegment doorbell = Arena.ofAuto().allocate(JAVA_INT);
    private final MemorySegment waitv = Arena.ofAuto().allocate(Os.FUTEX_WAITV, Os.FUTEX_WAITV_MAX);

    /// Guarded by this: watches that the thread has not seen yet, and how many it has in all.
    private final List<Watch> newcomers = new ArrayList<>();

    private int assigned;

    /// Owned by the thread.
    private final List<Watch> watched = new ArrayList<>();

    private Parker() {}

    /// Finds a parker for a watch, or starts one; null when the JVM is ending.
    static synchronized @Nullable Parker watch(Watch watch) {
        if (ending) {
            return null;
        }
        for (Parker parker : PARKERS) {
            if (parker.accept(watch)) {
                return parker;
            }
        }
        Parker parker = start();
        parker.accept(watch);
        return parker;
    }

    private static Parker start() {
        if (PARKERS.isEmpty()) {
            AtExit.last(Parker::endAll);
        }
        Parker parker = new Parker();
        Thread.ofPlatform()
                .daemon()
                .name("procession-parker")
                .inheritInheritableThreadLocals(false)
                .start(parker);
        PARKERS.add(parker);
        return parker;
    }

    private static synchronized void endAll() {
        ending = true;
        PARKERS.forEach(Parker::ring);
    }

    static boolean isEnding() {
        return ending;
    }

    private synchronized boolean accept(Watch watch) {
        if (assigned == MOST) {
            return false;
        }
        assigned++;
        newcomers.add(watch);
        ring();
        return true;
    }

    private int bell() {
        return (int) INT.getVolatile(doorbell, 0L);
    }

    private void ring() {
        INT.getAndAdd(doorbell, 0L, 1);
        Os.wake(doorbell.address(), 1);
    }

    @Override
    public void run() {
        int bell = bell();
        while (!ending) {
            takeNewcomers();
            watched.removeIf(watch -> !watch.look());
            countAssigned();
            sleep(bell);
            bell = bell();
        }
        takeNewcomers();
        watched.forEach(Watch::end);
    }

    private synchronized void takeNewcomers() {
        watched.addAll(newcomers);
        newcomers.clear();
    }

    private synchronized void countAssigned() {
        assigned = watched.size() + newcomers.size();
    }

    private void sleep(int bell) {
        place(0, doorbell.address(), bell);
        int count = 1;
        for (Watch watch : watched) {
            place(count++, watch.address(), watch.known());
        }
        try {
            if (!POLLING) {
                Os.waitAny(waitv, count, -1);
                return;
            }
        } catch (OsException refused) {
            // look again a little later
        }
        Os.wait(doorbell.address(), bell, watched.isEmpty() ? -1 : LOOK_EVERY_NANOS);
    }

    private void place(int index, long address, int expected) {
        long at = index * Os.FUTEX_WAITV.byteSize();
        waitv.set(JAVA_LONG, at + VAL_AT, Integer.toUnsignedLong(expected));
        waitv.set(JAVA_LONG, at + ADDRESS_AT, address);
        waitv.set(JAVA_INT, at + FLAGS_AT, Os.FUTEX_32);
    }
}
