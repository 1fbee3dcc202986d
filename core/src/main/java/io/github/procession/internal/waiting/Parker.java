package io.github.procession.internal.waiting;

import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.os.Sleeping;
import io.github.procession.internal.os.Threads;
import io.github.procession.internal.os.Vigil;
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
     * When the JVM ends it wakes, as it would hold the end up, and lets everybody go. Who still waits then
     * looks every millisecond by itself.
     */

    static final long LOOK_EVERY_NANOS = 1_000_000;

    /// Guarded by the class, which is held when it becomes true that the JVM is ending.
    private static final List<Parker> PARKERS = new ArrayList<>();

    private static volatile boolean ending;

    private final Vigil vigil = Sleeping.here().vigil();

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
        Threads.start(Thread.ofPlatform()
                .daemon()
                .name("procession-parker")
                .inheritInheritableThreadLocals(false)
                .unstarted(parker));
        PARKERS.add(parker);
        return parker;
    }

    private static synchronized void endAll() {
        ending = true;
        PARKERS.forEach(parker -> parker.vigil.ring());
    }

    static boolean isEnding() {
        return ending;
    }

    private synchronized boolean accept(Watch watch) {
        if (assigned == Vigil.MOST) {
            return false;
        }
        assigned++;
        newcomers.add(watch);
        vigil.ring();
        return true;
    }

    @Override
    public void run() {
        int bell = vigil.bell();
        while (!ending) {
            takeNewcomers();
            watched.removeIf(watch -> !watch.look());
            countAssigned();
            sleep(bell);
            bell = vigil.bell();
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
        int count = 0;
        for (Watch watch : watched) {
            vigil.place(count++, watch.word(), watch.known());
        }
        vigil.sleep(bell, count);
    }
}
