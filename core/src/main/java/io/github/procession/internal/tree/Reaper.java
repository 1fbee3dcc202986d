package io.github.procession.internal.tree;

import io.github.procession.internal.os.Os;
import io.github.procession.internal.os.OsException;
import io.github.procession.internal.os.PollSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Watches every process of the tree through a descriptor of it (pidfd), and buries those that the kernel says are gone.
final class Reaper {
    private static final long RETRY_MILLIS = 5;
    private static final int NO_SUCH_PROCESS = 3; // ESRCH

    private final Registry registry;
    private final PollSet processes = new PollSet();
    private final Map<Integer, Integer> slotOf = new HashMap<>(); // by descriptor; guarded by this
    private final List<Integer> neverSeen = new ArrayList<>(); // guarded by this
    private final Set<Detachment> detaching = new HashSet<>(); // guarded by this
    private final Set<Integer> unsettled = new HashSet<>(); // touched by the reaper's thread alone

    Reaper(Registry registry) {
        this.registry = registry;
        Thread.ofPlatform().daemon().name("procession-reaper").start(this::run);
    }

    /// Watches a process. If it is gone already, it is buried like any other.
    ///
    /// @throws IllegalStateException if there is no descriptor left to watch it with
    void watch(int slot, long pid) {
        try {
            int descriptor = Os.pidfd(pid);
            synchronized (this) {
                slotOf.put(descriptor, slot);
            }
            processes.add(descriptor);
        } catch (OsException e) {
            if (e.errno() != NO_SUCH_PROCESS) {
                throw new IllegalStateException("Cannot watch process %d: %s".formatted(pid, e.getMessage()), e);
            }
            bury(slot);
        }
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
            return registry.detach(waiting.slot, waiting.id);
        } catch (RuntimeException | Error e) { // as below; at the latest it goes with its process
            return false;
        }
    }

    private void run() {
        while (processes.isOpen()) {
            for (int descriptor : processes.await()) {
                unsettled.add(closed(descriptor));
            }
            synchronized (this) {
                unsettled.addAll(neverSeen);
                neverSeen.clear();
            }
            unsettled.removeIf(this::canBury);
            boolean detached = detach();
            if (!detached || !unsettled.isEmpty()) {
                CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS)
                        .execute(processes::ring);
            }
        }
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

    private synchronized int closed(int descriptor) {
        int slot = Objects.requireNonNull(slotOf.remove(descriptor));
        processes.remove(descriptor);
        Os.close(descriptor);
        return slot;
    }
}
