package io.github.procession.internal.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Files of anonymous memory, opened through their maker's descriptors: they have no name, and are gone with the last
/// process that has them.
final class MemoryFiles extends TreeFiles {
    private static final String OURS = "procession";

    @Override
    public int make(String label) {
        return Os.memfd(OURS + label);
    }

    @Override
    public void reserve(int file, long offset, long bytes) {
        Os.allocate(file, offset, bytes);
    }

    @Override
    public void fix(int file) {
        Os.seal(file);
    }

    @Override
    public void fixContents(int file) {
        Os.sealContents(file);
    }

    @Override
    public void close(int file) {
        Os.close(file);
    }

    @Override
    public Path path(long maker, int file) {
        return Path.of("/proc/" + maker + "/fd/" + file);
    }

    @Override
    public void verify(Path path) throws IOException {
        var target = Files.readSymbolicLink(path).toString();
        if (!target.startsWith("/memfd:" + OURS)) {
            throw new IOException(path + " is not shared memory of a process tree but " + target);
        }
    }
}
