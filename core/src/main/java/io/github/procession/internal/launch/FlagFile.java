package io.github.procession.internal.launch;

import io.github.procession.internal.os.Os;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/// The argument file of one child: anonymous memory of this process, kept until the child has booted or is gone.
public final class FlagFile implements AutoCloseable {
    private final int descriptor;
    private final AtomicBoolean closed = new AtomicBoolean();

    private FlagFile(int descriptor) {
        this.descriptor = descriptor;
    }

    /// @throws IllegalStateException if there is no descriptor left
    static FlagFile of(byte[] flags) {
        int descriptor = Os.memfd("procession-flags");
        try (var out = new FileOutputStream("/proc/self/fd/" + descriptor)) {
            out.write(flags);
        } catch (IOException e) {
            Os.close(descriptor);
            throw new IllegalStateException("Cannot write the flags of a child process: " + e.getMessage(), e);
        }
        return new FlagFile(descriptor);
    }

    /// Where a child finds it.
    String path() {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + descriptor;
    }

    /// Nobody will read it any more. Idempotent.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            Os.close(descriptor);
        }
    }
}
