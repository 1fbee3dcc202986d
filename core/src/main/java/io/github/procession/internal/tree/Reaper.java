package io.github.procession.internal.tree;

import io.github.procession.internal.os.Deathwatch;
import io.github.procession.internal.os.OsException;
import io.github.procession.internal.os.Threads;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/// Watches every process of the tree ([Deathwatch]), and buries those that the kernel says are gone.
final class Reaper {
    /*
     * Whatever fails here (there may be no memory, or no descriptor) is done again: a number leaves one place when it is in
     * the next, and the thread ends with the JVM alone.
     */
    private static final int RETRY_MILLIS = 5;
    private static final int[] NOBODY = {};

    private final Registry registry;
    private final Deathwatch processes;
    private final IntFunction<int[]> await;
    private final List<Integer> neverSeen = new ArrayList<>(); // guarded by this
    private final Set<Detachment> detaching = new HashSet<>(); // guarded by this
    private final Set<Integer> unsettled = new HashSet<>(); // touched by the reaper's thread alone, like all below
    private int[] ended = NOBODY; // and perhaps not among those yet
    private boolean again; // something is to be tried once more, soon

    Reaper(Registry registry) {
        this(registry, Deathwatch.make());
    }

    private Reaper(Registry registry, Deathwatch processes) {
        this(registry, processes, processes::await);
    }

    /// @param await how that is awaited, as [Deathwatch#await]
    Reaper(Registry registry, Deathwatch processes, IntFunction<int[]> await) {
        this.registry = registry;
        this.processes = processes;
        this.await = await;
        Threads.daemon("procession-reaper", this::run);
    }

    /// Watches a process. If it is gone already, it is buried like any other.
    ///
    /// @throws IllegalStateException if there is no descriptor left to watch it with
    void watch(int slot, long pid) {
        try {
            if (!processes.watch(slot, pid)) {
                bury(slot);
            }
        } catch (OsException e) {
            throw new IllegalStateException("Cannot watch process %d: %s".formatted(pid, e.getMessage()), e);
        }
    }

    /// The system has said over a link that a process is gone.
    void isGone(int slot, long pid) {
        processes.isGone(slot, pid);
    }

    /// The JDK has said that a child of this process is gone.
    void isGone(int slot) {
        processes.isGone(slot);
    }

    /// Buries a slot whose process never came to be.
    void bury(int slot) {
        synchronized (this) {
            neverSeen.add(slot);
        }
        processes.ring();
    }

    private record Detachment(int slot, long id) {}

    /// Lets a process detach as soon as what it holds can be taken back.
    void detachLater(int slot, long id) {
        synchronized (this) {
            detaching.add(new Detachment(slot, id));
        }
        processes.ring();
    }

    private synchronized boolean detach() {
        detaching.removeIf(this::canDetach);
        return detaching.isEmpty();
    }

    private boolean canDetach(Detachment waiting) {
        try {
            return registry.detachLate(waiting.slot, waiting.id);
        } catch (RuntimeException | Error e) { // as below; at the latest it goes with its process
            return false;
        }
    }

    private void run() {
        while (processes.isOpen()) {
            try {
                round();
            } catch (RuntimeException | Error e) {
                again = true;
                LockSupport.parkNanos(
                        TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS)); // memory does not say that it is back
            }
        }
    }

    private void round() {
        if (ended.length == 0) {
            ended = await.apply(again ? RETRY_MILLIS : -1);
        }
        for (int slot : ended) {
            unsettled.add(slot);
        }
        ended = NOBODY;
        synchronized (this) {
            unsettled.addAll(neverSeen);
            neverSeen.clear();
        }
        unsettled.removeIf(this::canBury);
        boolean detached = detach();
        again = !detached || !unsettled.isEmpty();
    }

    /// Not yet if a redo lane is full, until takers have made room; nor if there is no descriptor left to map what is to be
    /// repaired.
    private boolean canBury(int slot) {
        try {
            return registry.bury(slot);
        } catch (RuntimeException | Error e) {
            return false;
        }
    }
}
