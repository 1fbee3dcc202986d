package io.github.procession.internal.memory;

import io.github.procession.internal.os.OsException;
import io.github.procession.internal.os.TreeFiles;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The root's store of memory: blocks in, blocks out. Safe for use by any thread of the root.
public final class SegmentStore {
    /*
     * A block of more than SMALL bytes has a segment of its own, which is closed when the block is freed. Smaller ones
     * are cut from arenas by powers of two: a freed block waits in the list of its size, an arena without live blocks is
     * closed as soon as there is another. Blocks begin on a 128-byte line, so that no two objects share one.
     *
     * Fresh segments are zero by themselves; a block that is used again is cleared here, when nobody can see it.
     *
     * One thread at a time asks whether there is memory for a step and takes it: several that were told so at once would have
     * less together, and the kernel kills somebody then.
     */
    private static final long LINE = 128;
    private static final long PAGE = 4096;
    private static final long SMALL = 32 << 10;
    private static final long ARENA = 1 << 20;
    private static final long STEP = 64 << 20;

    private static final ReentrantLock TAKING = new ReentrantLock();

    private final List<Arena> arenas = new ArrayList<>(); // guarded by this
    private final Map<Long, Arena> arenaBySegment = new HashMap<>(); // guarded by this
    private final TreeFiles files = TreeFiles.here();
    private final Mappings mappings;
    private long nextSegment = 1; // guarded by this

    /// @param mappings the root's own view of the segments
    public SegmentStore(Mappings mappings) {
        this.mappings = mappings;
    }

    /// A block of at least so many bytes, all zero.
    ///
    /// @throws IllegalStateException if there is not enough memory or no file descriptor left; nothing is kept then
    public Place allocate(long bytes) {
        return bytes <= SMALL ? small(bytes) : segment(bytes, "");
    }

    /// Takes back a block that no process has mapped any more.
    public synchronized void free(Place place) {
        var arena = arenaBySegment.get(place.segment());
        if (arena == null) {
            files.close(place.file());
            return;
        }
        arena.free(place);
        if (arena.live == 0 && arenas.size() > 1) {
            arenas.remove(arena);
            arenaBySegment.remove(place.segment());
            files.close(arena.whole.file());
        }
    }

    private synchronized Place small(long bytes) {
        long size = Math.max(LINE, Long.highestOneBit(2 * bytes - 1));
        for (var arena : arenas) {
            var place = arena.take(size);
            if (place != null) {
                return cleared(place);
            }
        }
        var arena = new Arena(segment(ARENA, "-arena"));
        arenas.add(arena);
        arenaBySegment.put(arena.whole.segment(), arena);
        return Objects.requireNonNull(arena.take(size), "a fresh arena has room");
    }

    private Place cleared(Place place) {
        try (var view = mappings.attach(place)) {
            view.memory().fill((byte) 0);
        } catch (RuntimeException e) {
            free(place);
            throw e;
        }
        return place;
    }

    private Place segment(long bytes, String label) {
        if (bytes > Long.MAX_VALUE - PAGE) {
            throw new IllegalStateException("No machine has %,d bytes".formatted(bytes));
        }
        long size = (bytes + PAGE - 1) & -PAGE;
        MemoryBudget.require(size);
        int file = -1;
        try {
            file = files.make(label);
            for (long done = 0; done < size; done += STEP) {
                take(file, done, Math.min(STEP, size - done));
            }
            files.fix(file);
            return new Place(number(), file, size, 0, bytes);
        } catch (OsException e) {
            closeIfOpen(file);
            throw new IllegalStateException(
                    "Cannot make a shared segment of %,d bytes: %s".formatted(size, e.getMessage()), e);
        } catch (RuntimeException e) {
            closeIfOpen(file);
            throw e;
        }
    }

    private void take(int file, long offset, long bytes) {
        TAKING.lock();
        try {
            MemoryBudget.require(bytes);
            files.reserve(file, offset, bytes);
        } finally {
            TAKING.unlock();
        }
    }

    private void closeIfOpen(int file) {
        if (file >= 0) {
            files.close(file);
        }
    }

    private synchronized long number() {
        return nextSegment++;
    }

    /// One segment that small blocks are cut from. All fields guarded by the store.
    private static final class Arena {
        final Place whole;
        final Map<Long, ArrayDeque<Place>> freed = new HashMap<>();
        long used;
        int live;

        Arena(Place whole) {
            this.whole = whole;
        }

        @Nullable Place take(long size) {
            var again = freed.get(size);
            if (again != null && !again.isEmpty()) {
                live++;
                return again.removeLast();
            }
            if (used + size > whole.segmentBytes()) {
                return null;
            }
            var place = new Place(whole.segment(), whole.file(), whole.segmentBytes(), used, size);
            used += size;
            live++;
            return place;
        }

        void free(Place place) {
            freed.computeIfAbsent(place.bytes(), _ -> new ArrayDeque<>()).add(place);
            live--;
        }
    }
}
