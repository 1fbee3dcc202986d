package io.github.procession.internal.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Memory that a test shares with the JVMs it starts: a memory file without a name, which they find below `/proc`.
public final class SharedFile implements AutoCloseable {

    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;

    public SharedFile(long bytes) {
        fd = Os.memfd("procession-test");
        Os.resize(fd, bytes);
        memory = map(path(), arena);
    }

    public MemorySegment memory() {
        return memory;
    }

    /// Where other processes find it, as long as this one lives.
    public String path() {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + fd;
    }

    /// Maps the whole file at that path, for as long as the arena lives.
    public static MemorySegment map(String path, Arena arena) {
        try (FileChannel channel = FileChannel.open(Path.of(path), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(MapMode.READ_WRITE, 0, channel.size(), arena);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        arena.close();
        Os.close(fd);
    }
}
