package io.github.procession.internal.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where a process finds its side of a cable of pipes: descriptors of the process that offers it, and which pipes these are.
///
/// @param read      descriptor of the offering process to read from
/// @param readPipe  the kernel's number of its pipe
/// @param write     descriptor of the offering process to write to
/// @param writePipe the kernel's number of its pipe
record PipeAddress(int read, long readPipe, int write, long writePipe) {
    /*
     * A process id is used again once its process is gone, and a descriptor once it is closed; a pipe's number is not, for
     * as long as a machine runs. So whoever opens /proc/PID/fd/N knows by the number whether it is what was meant.
     */
    private static final String PIPE = "pipe:[";

    /// The address of two pipe ends of this process.
    static PipeAddress of(int read, int write) throws IOException {
        long self = ProcessHandle.current().pid();
        return new PipeAddress(read, pipe(descriptor(self, read)), write, pipe(descriptor(self, write)));
    }

    @Override
    public String toString() {
        return read + ":" + readPipe + ":" + write + ":" + writePipe;
    }

    /// Reads what [#toString()] wrote.
    static PipeAddress parse(String text) {
        String[] parts = text.split(":", -1);
        return new PipeAddress(
                Integer.parseInt(parts[0]),
                Long.parseLong(parts[1]),
                Integer.parseInt(parts[2]),
                Long.parseLong(parts[3]));
    }

    Path readPath(long pid) {
        return descriptor(pid, read);
    }

    Path writePath(long pid) {
        return descriptor(pid, write);
    }

    private static Path descriptor(long pid, int descriptor) {
        return Path.of("/proc/" + pid + "/fd/" + descriptor);
    }

    /// Checks that the descriptors of that process are the pipes that are meant. Checked before opening them, it keeps a
    /// stranger's file from being opened; checked after, it proves that what was opened is what was meant: the process
    /// that has them now has had them all the time.
    ///
    /// @throws IOException if they are not: that process is gone, and another has its number
    void verify(long pid) throws IOException {
        if (pipe(readPath(pid)) != readPipe || pipe(writePath(pid)) != writePipe) {
            throw new IOException("process %d is not the one that offered this link".formatted(pid));
        }
    }

    private static long pipe(Path descriptor) throws IOException {
        String target = Files.readSymbolicLink(descriptor).toString();
        if (!target.startsWith(PIPE) || !target.endsWith("]")) {
            throw new IOException(descriptor + " is no pipe but " + target);
        }
        return Long.parseLong(target, PIPE.length(), target.length() - 1, 10);
    }
}
