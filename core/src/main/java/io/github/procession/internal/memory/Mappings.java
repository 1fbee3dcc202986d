package io.github.procession.internal.memory;

import io.github.procession.internal.os.Basis;
import io.github.procession.internal.os.OsException;
import io.github.procession.internal.os.Shortage;
import io.github.procession.internal.os.TreeFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/// The segments that this process has mapped. Each is mapped once, however many of its blocks are in use, and unmapped
/// with the last of them. Safe for use by any thread.
public final class Mappings {
    static {
        OsException.load();
    }

    private final long rootPid;
    private final Map<Long, Mapped> bySegment = new HashMap<>(); // guarded by this

    /// @param rootPid the process whose files the segments are
    public Mappings(long rootPid) {
        this.rootPid = rootPid;
    }

    /// The root's process id.
    public long rootPid() {
        return rootPid;
    }

    /// Maps a block. Its memory has a lifetime of its own: after [View#close()] every access throws, even while other
    /// blocks of the segment stay mapped.
    ///
    /// @throws UnmappableException if the segment cannot be opened or mapped
    public synchronized View attach(Place place) {
        var mapped = bySegment.get(place.segment());
        if (mapped == null) {
            mapped = map(place);
            bySegment.put(place.segment(), mapped);
        }
        mapped.blocks++;
        var lifetime = Arena.ofShared();
        var memory = mapped.memory.asSlice(place.offset(), place.bytes()).reinterpret(lifetime, null);
        return new View(place.segment(), memory, lifetime);
    }

    /// Works on a block for a moment, without a lifetime of its own.
    ///
    /// @throws UnmappableException if the segment cannot be opened or mapped
    public <T> T with(Place place, Function<MemorySegment, T> work) {
        Mapped mapped;
        synchronized (this) {
            mapped = bySegment.get(place.segment());
            if (mapped == null) {
                mapped = map(place);
                bySegment.put(place.segment(), mapped);
            }
            mapped.blocks++;
        }
        try {
            return work.apply(mapped.memory.asSlice(place.offset(), place.bytes()));
        } finally {
            release(place.segment());
        }
    }

    private synchronized void release(long segment) {
        var mapped = bySegment.get(segment);
        if (mapped != null && --mapped.blocks == 0) {
            bySegment.remove(segment);
            mapped.arena.close();
        }
    }

    private Mapped map(Place place) {
        var path = TreeFiles.here().path(rootPid, place.file());
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted(); // an interrupt would close the channel while it maps
                var arena = Arena.ofShared();
                try (var channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    TreeFiles.here().verify(path);
                    return new Mapped(
                            arena, channel.map(FileChannel.MapMode.READ_WRITE, 0, place.segmentBytes(), arena));
                } catch (ClosedByInterruptException e) {
                    arena.close(); // race: interrupted between the check and the call; once more
                } catch (IOException e) {
                    arena.close();
                    throw new UnmappableException(
                            "Cannot map shared memory of process %d (%s). %s".formatted(rootPid, e, advice(e)), e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static String advice(IOException e) {
        var shortage = Shortage.in(String.valueOf(e.getMessage()));
        if (shortage.isPresent()) {
            return shortage.get().advice();
        }
        return Basis.isPortable()
                ? "Nobody but that process may remove its files from the folder for temporary files."
                : "It must run as the same user and be readable below /proc.";
    }

    private static final class Mapped {
        final Arena arena;
        final MemorySegment memory;
        int blocks;

        Mapped(Arena arena, MemorySegment memory) {
            this.arena = arena;
            this.memory = memory;
        }
    }

    /// One mapped block.
    public final class View implements AutoCloseable {
        private final long segment;
        private final MemorySegment memory;
        private final Arena lifetime;

        private View(long segment, MemorySegment memory, Arena lifetime) {
            this.segment = segment;
            this.memory = memory;
            this.lifetime = lifetime;
        }

        /// The block's bytes.
        public MemorySegment memory() {
            return memory;
        }

        /// Does the second half of [#close()], for when nobody can reach the view: keeps neither it nor its memory reachable.
        public Runnable unmapping() {
            var mappings = Mappings.this;
            long number = segment;
            return () -> mappings.release(number);
        }

        /// Unmaps it; no thread is inside an access when this returns, and none can begin one. Call once.
        @Override
        public void close() {
            lifetime.close();
            release(segment);
        }
    }
}
