package io.github.procession.internal.launch;

import io.github.procession.internal.os.TreeFiles;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/// The argument file of one child, kept by this process until the child has booted or is gone.
public final class FlagFile implements AutoCloseable {
    private final int file;
    private final AtomicBoolean closed = new AtomicBoolean();

    private FlagFile(int file) {
        this.file = file;
    }

    /// @throws IllegalStateException if there is no descriptor left
    static FlagFile of(byte[] flags) {
        int file = TreeFiles.here().make("-flags");
        try (var out = new FileOutputStream(TreeFiles.here().path(file).toFile())) {
            out.write(flags);
        } catch (IOException e) {
            TreeFiles.here().close(file);
            throw new IllegalStateException("Cannot write the flags of a child process: " + Spawner.explain(e), e);
        }
        TreeFiles.here().fixContents(file);
        return new FlagFile(file);
    }

    /// Where a child finds it.
    String path() {
        return TreeFiles.here().path(file).toString();
    }

    /// Nobody will read it any more. Idempotent.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            TreeFiles.here().close(file);
        }
    }
}
