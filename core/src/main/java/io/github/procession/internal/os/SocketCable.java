package io.github.procession.internal.os;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A local socket in the tree's directory, which is its user's alone.
final class SocketCable extends Cable {
    /*
     * The thread that reads waits for the other side first. What is said before is kept until then.
     *
     * An interrupt of a thread that writes to a socket closes the socket; so a thread of its own writes, which nobody
     * interrupts, and whoever said something waits until it has. It is there from the beginning, so that a lack of threads
     * is told to whoever makes the cable.
     *
     * The descriptor is closed when this side neither reads nor writes any more.
     */
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final int SLICE = 64 << 10; // the JDK keeps native memory of that size for each thread
    private static final int LONGEST_NAME = Os.isSupported() ? 107 : 103; // sun_path, without the zero

    private final @Nullable Offered offered; // by this side
    private final ArrayDeque<byte[]> unsaid = new ArrayDeque<>(); // guarded by this, like all below
    private @Nullable SocketChannel channel;
    private long taken; // how many have been given to say
    private long said; // how many of them have been
    private boolean reads = true;
    private boolean otherSideGone;
    private boolean writes = true; // may be told more
    private boolean hasWriter;
    private boolean over; // nothing can be said any more

    private SocketCable(@Nullable Offered offered, @Nullable SocketChannel channel) {
        this.offered = offered;
        this.channel = channel;
    }

    static SocketCable opened(String address) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(
                    UnixDomainSocketAddress.of(DirectoryFiles.directory().resolve(address)));
            var cable = new SocketCable(null, channel);
            cable.startWriter();
            return cable;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    static Offered offered() throws IOException {
        String name = ProcessHandle.current().pid() + ".s" + NUMBERS.incrementAndGet();
        var path = DirectoryFiles.directory().resolve(name);
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            throw new IllegalStateException(
                    "Cannot make a socket for a child process: the name %s has more than %d bytes. Choose a shorter folder for temporary files (-Djava.io.tmpdir)."
                            .formatted(path, LONGEST_NAME));
        }
        Files.deleteIfExists(path); // of an earlier process with this one's id
        var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path), 1);
            var offered = new Offered(server, path);
            offered.cable.startWriter();
            return offered;
        } catch (IOException | RuntimeException e) {
            server.close();
            Files.deleteIfExists(path);
            throw e;
        }
    }

    // ---- reading ---------------------------------------------------------------------------------------------------

    @Override
    public InputStream in() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int at, int length) throws IOException {
                var from = connected();
                try {
                    int count = from.read(ByteBuffer.wrap(into, at, Math.min(length, SLICE)));
                    return count < 0 ? ended(from) : count;
                } catch (IOException e) {
                    return ended(from); // reset, when the other side ended with something unread
                }
            }
        };
    }

    /// Nothing more comes: if nobody here has called the reader away, or interrupted somebody, the other side's descriptor is
    /// closed.
    private synchronized int ended(SocketChannel from) {
        otherSideGone = reads && from.isOpen();
        return -1;
    }

    @Override
    public synchronized boolean isOtherSideGone() {
        return otherSideGone;
    }

    private static IOException closed() {
        return new IOException("the other side is gone");
    }

    private SocketChannel connected() throws IOException {
        synchronized (this) {
            if (channel != null) {
                return channel;
            }
        }
        if (offered == null) {
            throw new EOFException();
        }
        var accepted = offered.accept();
        synchronized (this) {
            channel = accepted;
            if (!reads) { // race: called away meanwhile
                accepted.shutdownInput();
            }
            notifyAll();
            closeIfIdle();
        }
        return accepted;
    }

    @Override
    public synchronized void endReading() {
        reads = false;
        if (channel == null) {
            over = true; // nobody will come
            notifyAll();
            if (offered != null) {
                offered.withdraw();
            }
        } else if (channel.isOpen()) {
            try {
                channel.shutdownInput();
            } catch (IOException _) {
                // it is over anyway
            }
        }
        closeIfIdle();
    }

    // ---- writing ---------------------------------------------------------------------------------------------------

    @Override
    public synchronized void write(byte[] bytes) throws IOException {
        if (over || !writes) {
            throw closed();
        }
        unsaid.add(bytes);
        long mine = ++taken;
        notifyAll();
        boolean interrupted = false;
        while (channel != null && !over && said < mine) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // a message half said cannot be given up
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (over && said < mine) {
            throw closed();
        }
    }

    @Override
    public synchronized void endWriting() {
        writes = false;
        notifyAll();
        closeIfIdle();
    }

    private synchronized void startWriter() {
        hasWriter = true;
        try {
            Threads.daemon("procession-link-writer", this::say);
        } catch (RuntimeException e) {
            hasWriter = false;
            throw e;
        }
    }

    private void say() {
        boolean through = false;
        try {
            for (var next = next(); next != null; next = next()) {
                var buffer = ByteBuffer.wrap(next.bytes());
                while (buffer.hasRemaining()) {
                    buffer.limit(Math.min(buffer.position() + SLICE, buffer.capacity()));
                    next.to().write(buffer);
                    buffer.limit(buffer.capacity());
                }
                hasSaid();
            }
            through = true;
        } catch (IOException e) {
            // the other side is gone
        } finally {
            if (!through) {
                giveUp();
            }
        }
    }

    private record Next(SocketChannel to, byte[] bytes) {}

    /// @return null if there will be none
    private synchronized @Nullable Next next() {
        while (!over && (unsaid.isEmpty() ? writes : channel == null)) {
            try {
                wait();
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt this thread; it goes on
            }
        }
        var to = channel;
        var bytes = unsaid.poll();
        if (over || bytes == null || to == null) {
            hasWriter = false;
            closeIfIdle();
            return null;
        }
        return new Next(to, bytes);
    }

    private synchronized void hasSaid() {
        said++;
        notifyAll();
    }

    private synchronized void giveUp() {
        over = true;
        hasWriter = false;
        notifyAll();
        closeIfIdle();
    }

    /// Ends the writing when everything has been said, and closes the channel if nothing is read from it either.
    private void closeIfIdle() {
        var there = channel;
        if (there == null || hasWriter || writes && !over || !over && !unsaid.isEmpty()) {
            return;
        }
        try {
            if (reads) {
                there.shutdownOutput();
            } else {
                there.close();
            }
        } catch (IOException _) {
            // closed is closed
        }
    }

    /// Waits for the other side at a name in the tree's directory, which goes as soon as that has come.
    static final class Offered implements Offer {
        private final ServerSocketChannel server;
        private final Path path;
        private final SocketCable cable;

        private Offered(ServerSocketChannel server, Path path) {
            this.server = server;
            this.path = path;
            this.cable = new SocketCable(this, null);
        }

        private SocketChannel accept() throws IOException {
            var accepted = server.accept();
            withdraw();
            return accepted;
        }

        @Override
        public Cable cable() {
            return cable;
        }

        @Override
        public String address() {
            return String.valueOf(path.getFileName());
        }

        @Override
        public void withdraw() {
            try {
                server.close();
                Files.deleteIfExists(path);
            } catch (IOException _) {
                // it goes with the directory
            }
        }
    }
}
