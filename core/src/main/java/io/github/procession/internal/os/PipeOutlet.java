package io.github.procession.internal.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.File;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A pipe that does not block.
final class PipeOutlet extends Outlet {
    private static final int CHUNK = 64 << 10;
    private static final byte[] NOTHING = new byte[0];
    private static final MemorySegment BUFFER = Arena.global().allocate(CHUNK); // of the thread that reads all of them

    private final Os.Pipe pipe = Os.pipe();

    int descriptor() {
        return pipe.readEnd();
    }

    @Override
    public ProcessBuilder.Redirect redirect() {
        Os.setNonBlocking(pipe.readEnd());
        return ProcessBuilder.Redirect.to(new File("/proc/self/fd/" + pipe.writeEnd()));
    }

    @Override
    public void started(InputStream stream) {
        Os.close(pipe.writeEnd());
    }

    @Override
    public byte @Nullable [] read() {
        int count = Os.read(pipe.readEnd(), BUFFER);
        return count == 0
                ? null
                : count < 0 ? NOTHING : BUFFER.asSlice(0, count).toArray(JAVA_BYTE);
    }

    @Override
    public void processEnded() {
        // what it wrote is in the pipe
    }

    @Override
    public boolean isDrained() {
        return true;
    }

    @Override
    public void close() {
        Os.close(pipe.readEnd());
    }

    @Override
    public void abandon() {
        Os.close(pipe.readEnd());
        Os.close(pipe.writeEnd());
    }
}
