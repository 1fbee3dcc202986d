package io.github.procession.internal.os;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/// Where one output of a process that this one starts comes out. It is read by one thread, which never waits for it: see
/// [Outlets].
public abstract sealed class Outlet permits PipeOutlet, StreamOutlet {
    private static final int SPARE = 8; // what the JDK and its helper open at once
    private static final int SPARE_WITH_STREAMS = 14; // with pipes for the output

    Outlet() {}

    /// One for a process that is to be started.
    ///
    /// @throws OsException if no descriptor is left
    public static Outlet make() {
        return Basis.isPortable() ? new StreamOutlet() : new PipeOutlet();
    }

    /// Makes sure that the JDK will find the descriptors that it needs to start a process.
    ///
    /// @implNote When it does not (25.0.3), it closes by mistake two that it does not own: whatever now has the numbers that
    ///     it used for the process before.
    /// @throws OsException if they are not there
    /// @throws IOException the same
    public static void requireDescriptors() throws IOException {
        if (Basis.isPortable()) {
            var spare = new ArrayList<FileChannel>();
            try {
                for (int i = 0; i < SPARE_WITH_STREAMS; i++) {
                    spare.add(FileChannel.open(Path.of("/dev/null")));
                }
            } finally {
                for (var channel : spare) {
                    channel.close();
                }
            }
        } else {
            var spare = new ArrayList<PipeOutlet>();
            try {
                for (int i = 0; i < SPARE / 2; i++) {
                    spare.add(new PipeOutlet());
                }
            } finally {
                spare.forEach(PipeOutlet::abandon);
            }
        }
    }

    /// Where the process writes to.
    public abstract ProcessBuilder.Redirect redirect();

    /// The process has been started.
    ///
    /// @param stream what the JDK has of this output
    public abstract void started(InputStream stream);

    /// What has come since it was last read.
    ///
    /// @return empty if nothing has, null at the end
    /// @throws OsException if it cannot be read
    public abstract byte @Nullable [] read();

    /// Its process has ended. Others may still hold it.
    public abstract void processEnded();

    /// If its process has ended and nothing more was there to be read: whether that was all that the process wrote. If this
    /// cannot be known yet, it announces itself again.
    public abstract boolean isDrained();

    /// Nobody reads it any more.
    public abstract void close();

    /// The process could not be started.
    public abstract void abandon();
}
