package io.github.procession.internal.os;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;

/// Two pipes, opened by the other side through the offering process's descriptors in `/proc`. They have no name.
final class PipeCable extends Cable {
    private final FileChannel source; // a channel, since closing it calls a thread that reads from it away
    private final FileOutputStream out;

    private PipeCable(FileChannel source, FileOutputStream out) {
        this.source = source;
        this.out = out;
    }

    static PipeCable opened(long pid, String address) throws IOException {
        return opened(pid, PipeAddress.parse(address));
    }

    private static PipeCable opened(long pid, PipeAddress address) throws IOException {
        address.verify(pid);
        var in = FileChannel.open(address.readPath(pid), StandardOpenOption.READ);
        try {
            var out = new FileOutputStream(address.writePath(pid).toFile(), true); // appending empties no file
            try {
                address.verify(pid);
                return new PipeCable(in, out);
            } catch (IOException e) {
                out.close();
                throw e;
            }
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    static Offered offered() throws IOException {
        var incoming = Os.pipe();
        Os.Pipe outgoing;
        try {
            outgoing = Os.pipe();
        } catch (OsException e) {
            close(incoming);
            throw e;
        }
        try {
            var address = PipeAddress.of(outgoing.readEnd(), incoming.writeEnd());
            var own = PipeAddress.of(incoming.readEnd(), outgoing.writeEnd());
            var cable = opened(ProcessHandle.current().pid(), own);
            Os.close(incoming.readEnd());
            Os.close(outgoing.writeEnd());
            return new Offered(cable, address);
        } catch (IOException e) {
            close(incoming);
            close(outgoing);
            throw e;
        }
    }

    private static void close(Os.Pipe pipe) {
        Os.close(pipe.readEnd());
        Os.close(pipe.writeEnd());
    }

    @Override
    public InputStream in() {
        return Channels.newInputStream(source);
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    @Override
    public void endReading() {
        try {
            source.close();
        } catch (IOException _) {
            // nothing is left to lose
        }
    }

    @Override
    public void endWriting() {
        try {
            out.close();
        } catch (IOException _) {
            // closed is closed
        }
    }

    @Override
    public boolean isOtherSideGone() {
        return false; // a descriptor of the process says when it has ended
    }

    /// Keeps the other side's ends until they have been opened. While it does, end of file cannot be read.
    static final class Offered implements Offer {
        private final PipeCable cable;
        private final PipeAddress address;
        private final AtomicBoolean withdrawn = new AtomicBoolean();

        private Offered(PipeCable cable, PipeAddress address) {
            this.cable = cable;
            this.address = address;
        }

        @Override
        public Cable cable() {
            return cable;
        }

        @Override
        public String address() {
            return address.toString();
        }

        @Override
        public void withdraw() {
            if (withdrawn.compareAndSet(false, true)) {
                Os.close(address.read());
                Os.close(address.write());
            }
        }
    }
}
