package io.github.procession.internal.supervise;

import io.github.procession.internal.launch.JavaCommand;
import io.github.procession.internal.launch.Scheduling;
import io.github.procession.internal.os.AtExit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// JVMs that have booted and wait for a use. Safe for use by any thread.
final class Spares {
    /*
     * Spares of one kind have one command line and one scheduling; who they are and what they do they are told when they
     * are taken. Each start of a kind is followed by the start of spares in the background: as many as there were starts of
     * that kind lately, at least one, at most one for each processor. One that nobody takes for a while leaves; if there are
     * too many of all kinds, the one that has waited longest does.
     */
    private static final long LATELY = TimeUnit.SECONDS.toNanos(10);
    private static final long IDLE_MILLIS = Long.getLong("io.github.procession.spareIdle", 30_000);
    private static final int OF_A_KIND = Runtime.getRuntime().availableProcessors();
    private static final int OF_ALL = 2 * OF_A_KIND + 2;

    private static final Map<Kind, Shelf> SHELVES = new HashMap<>(); // guarded by Spares.class
    private static final ArrayDeque<Spare> ALL = new ArrayDeque<>(); // the one that has waited longest first; likewise

    static {
        AtExit.first(Spares::discardAll);
    }

    private record Kind(JavaCommand command, Scheduling scheduling) {}

    private record Spare(Kind kind, Boot boot, CompletableFuture<Void> patience) {}

    /// Of one kind. Guarded by Spares.class.
    private static final class Shelf {
        final ArrayDeque<Long> starts = new ArrayDeque<>(); // lately
        int starting;

        boolean isForgotten(long now) {
            while (!starts.isEmpty() && now - starts.element() > LATELY) {
                starts.remove();
            }
            return starts.isEmpty() && starting == 0;
        }

        int wanted() {
            return Math.min(starts.size(), OF_A_KIND);
        }
    }

    private Spares() {}

    /// A spare that nobody else gets, one that is ready if possible; null if there is none.
    static @Nullable Boot take(JavaCommand command, Scheduling scheduling) {
        var kind = new Kind(command, scheduling);
        Spare best = null;
        synchronized (Spares.class) {
            for (var spare : ALL) {
                boolean fits = spare.kind.equals(kind) && spare.boot.process().isAlive();
                if (fits && (best == null || !best.boot.isReady() && spare.boot.isReady())) {
                    best = spare;
                }
            }
            if (best == null) {
                return null;
            }
            ALL.remove(best);
        }
        best.patience.cancel(false);
        return best.boot;
    }

    /// One of that kind has been started, or taken: others may be, soon. Never fails.
    static void refill(JavaCommand command, Scheduling scheduling) {
        var kind = new Kind(command, scheduling);
        Shelf shelf;
        synchronized (Spares.class) {
            long now = System.nanoTime();
            SHELVES.values().removeIf(other -> other.isForgotten(now));
            shelf = SHELVES.computeIfAbsent(kind, _ -> new Shelf());
            shelf.starts.add(now);
            if (shelf.starting + countOf(kind) >= shelf.wanted()) {
                return;
            }
            shelf.starting++;
        }
        try {
            Thread.ofVirtual().name("procession-spare").start(() -> add(kind, shelf));
        } catch (OutOfMemoryError e) { // no thread is left to carry it
            synchronized (Spares.class) {
                shelf.starting--;
            }
        }
    }

    private static synchronized long countOf(Kind kind) {
        return ALL.stream().filter(spare -> spare.kind.equals(kind)).count();
    }

    private static Spare spare(Kind kind, Boot boot) {
        try {
            var patience = new CompletableFuture<Void>().completeOnTimeout(null, IDLE_MILLIS, TimeUnit.MILLISECONDS);
            return new Spare(kind, boot, patience);
        } catch (RuntimeException | Error e) { // no thread is left to keep the time
            boot.discard();
            throw e;
        }
    }

    private static void add(Kind kind, Shelf shelf) {
        Spare spare = null;
        try {
            spare = spare(kind, Boot.startSpare(kind.command, kind.scheduling));
        } catch (RuntimeException | Error e) {
            // there is no room for one; who needs a process gets the reason when it starts one
        }
        var tooMany = new ArrayList<Spare>();
        synchronized (Spares.class) {
            shelf.starting--;
            if (spare != null) {
                ALL.add(spare);
            }
            while (ALL.size() > OF_ALL) {
                tooMany.add(ALL.remove());
            }
        }
        tooMany.forEach(Spares::end);
        if (spare != null) {
            var added = spare;
            added.patience.thenRun(() -> discard(added));
            Boot.afterExit(added.boot.process(), () -> discard(added)); // somebody has killed it
            if (AtExit.hasBegun()) {
                discard(added);
            }
        }
    }

    private static void discard(Spare spare) {
        boolean here;
        synchronized (Spares.class) {
            here = ALL.remove(spare);
        }
        if (here) {
            end(spare);
        }
    }

    private static void end(Spare spare) {
        spare.patience.cancel(false);
        spare.boot.discard();
    }

    private static void discardAll() {
        ArrayList<Spare> all;
        synchronized (Spares.class) {
            all = new ArrayList<>(ALL);
        }
        all.forEach(Spares::discard);
    }
}
