package io.github.procession.benchmarks.transport;

import io.aeron.Aeron;
import io.aeron.FragmentAssembler;
import io.aeron.Publication;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.logbuffer.FragmentHandler;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LargeRollCycles;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jspecify.annotations.Nullable;

/// What else there is. Each waits as its makers advise where processors are few: it spins, yields, and parks.
final class Peers {
    private static final int RING = 1 << 25;
    private static final int TERM = 1 << 26;
    private static final int BLOCK = 1 << 26;

    private Peers() {}

    private static IdleStrategy idle() {
        return new BackoffIdleStrategy(200, 50, 1_000, 50_000);
    }

    private static Path temporary() throws IOException {
        return Files.createTempDirectory(Path.of("/dev/shm"), "benchmark");
    }

    private static void delete(String folder) throws IOException {
        try (var files = Files.walk(Path.of(folder))) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /// Agrona's ring buffers over a mapped file.
    record Agrona(String folder, boolean many) implements Transport {
        static Transport oneToOne() throws IOException {
            return make(false);
        }

        static Transport manyToOne() throws IOException {
            return make(true);
        }

        private static Transport make(boolean many) throws IOException {
            var made = new Agrona(temporary().toString(), many);
            made.ring(StandardOpenOption.CREATE_NEW);
            return made;
        }

        private RingBuffer ring(StandardOpenOption how) throws IOException {
            try (var file =
                    FileChannel.open(Path.of(folder, "ring"), StandardOpenOption.READ, StandardOpenOption.WRITE, how)) {
                var buffer = new UnsafeBuffer(
                        file.map(FileChannel.MapMode.READ_WRITE, 0, RING + RingBufferDescriptor.TRAILER_LENGTH));
                return many ? new ManyToOneRingBuffer(buffer) : new OneToOneRingBuffer(buffer);
            }
        }

        @Override
        public Receiver receiver() throws IOException {
            var ring = ring(StandardOpenOption.READ);
            var idle = idle();
            var into = new byte[1 << 20];
            var length = new int[1];
            return () -> {
                length[0] = -1;
                while (ring.read(
                                (_, buffer, at, bytes) -> {
                                    buffer.getBytes(at, into, 0, bytes);
                                    length[0] = bytes;
                                },
                                1)
                        == 0) {
                    idle.idle();
                }
                idle.reset();
                return length[0];
            };
        }

        @Override
        public Sender sender() throws IOException {
            var ring = ring(StandardOpenOption.READ);
            var idle = idle();
            var buffer = new UnsafeBuffer(0, 0);
            return message -> {
                buffer.wrap(message);
                while (!ring.write(1, buffer, 0, message.length)) {
                    idle.idle();
                }
                idle.reset();
            };
        }

        @Override
        public void close() throws IOException {
            delete(folder);
        }
    }

    /// Aeron's IPC, with its media driver in the receiving process.
    static final class Ipc implements Transport {
        private static final long serialVersionUID = 1L;
        private static final String CHANNEL = "aeron:ipc?term-length=" + TERM;
        private static final int STREAM = 1;

        private final String folder;
        private final transient @Nullable MediaDriver driver; // where it was made

        private Ipc(String folder, MediaDriver driver) {
            this.folder = folder;
            this.driver = driver;
        }

        static Transport make() throws IOException {
            var folder = temporary().resolve("aeron").toString();
            return new Ipc(
                    folder,
                    MediaDriver.launch(new MediaDriver.Context()
                            .aeronDirectoryName(folder)
                            .threadingMode(ThreadingMode.SHARED)
                            .sharedIdleStrategy(new BackoffIdleStrategy(1, 1, 1_000_000, 1_000_000))
                            .termBufferSparseFile(true)
                            .dirDeleteOnShutdown(true)));
        }

        private Aeron connect() {
            return Aeron.connect(new Aeron.Context().aeronDirectoryName(folder));
        }

        @Override
        public Receiver receiver() {
            var aeron = connect();
            var subscription = aeron.addSubscription(CHANNEL, STREAM);
            var idle = idle();
            var into = new byte[1 << 20];
            var length = new int[1];
            FragmentHandler handler = new FragmentAssembler((buffer, at, bytes, _) -> {
                buffer.getBytes(at, into, 0, bytes);
                length[0] = bytes;
            });
            return new Receiver() {
                @Override
                public int receive() {
                    length[0] = -1;
                    while (length[0] < 0) {
                        if (subscription.poll(handler, 1) == 0) {
                            idle.idle();
                        }
                    }
                    idle.reset();
                    return length[0];
                }

                @Override
                public void close() {
                    aeron.close();
                }
            };
        }

        @Override
        public Sender sender() {
            var aeron = connect();
            Publication publication = aeron.addPublication(CHANNEL, STREAM);
            var idle = idle();
            var buffer = new UnsafeBuffer(0, 0);
            return new Sender() {
                @Override
                public void send(byte[] message) {
                    buffer.wrap(message);
                    while (publication.offer(buffer, 0, message.length) < 0) {
                        idle.idle();
                    }
                    idle.reset();
                }

                @Override
                public void close() {
                    aeron.close();
                }
            };
        }

        @Override
        public void close() throws IOException {
            if (driver != null) {
                driver.close();
            }
            delete(Path.of(folder).resolve("..").normalize().toString());
        }
    }

    /// Chronicle Queue, which keeps all that was sent.
    record Chronicle(String folder) implements Transport {
        static Transport make() throws IOException {
            return new Chronicle(temporary().toString());
        }

        private ChronicleQueue queue() {
            return SingleChronicleQueueBuilder.single(folder)
                    .blockSize(BLOCK)
                    .rollCycle(LargeRollCycles.LARGE_DAILY)
                    .build();
        }

        @Override
        public Receiver receiver() {
            var queue = queue();
            var tailer = queue.createTailer();
            var idle = idle();
            var into = Bytes.allocateElasticOnHeap(1 << 10);
            return new Receiver() {
                @Override
                public int receive() {
                    into.clear();
                    while (!tailer.readBytes(into)) {
                        idle.idle();
                    }
                    idle.reset();
                    return (int) into.readRemaining();
                }

                @Override
                public void close() {
                    queue.close();
                }
            };
        }

        @Override
        public Sender sender() {
            var queue = queue();
            var appender = queue.createAppender();
            return new Sender() {
                @Override
                public void send(byte[] message) {
                    appender.writeBytes(bytes -> bytes.write(message));
                }

                @Override
                public void close() {
                    queue.close();
                }
            };
        }

        @Override
        public void close() throws IOException {
            delete(folder);
        }
    }

    /// A Unix domain socket, with buffers and the length before each message.
    record Socket(String folder) implements Transport {
        private static final int BUFFER = 1 << 16;

        static Transport make() throws IOException {
            return new Socket(temporary().toString());
        }

        private UnixDomainSocketAddress address() {
            return UnixDomainSocketAddress.of(Path.of(folder, "socket"));
        }

        @Override
        public Receiver receiver() throws IOException {
            var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(address());
            var into = new byte[1 << 20];
            return new Receiver() {
                private @Nullable SocketChannel channel;
                private @Nullable DataInputStream in;

                @Override
                public int receive() throws IOException {
                    var from = in;
                    if (from == null) {
                        channel = server.accept();
                        from = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel), BUFFER));
                        in = from;
                    }
                    int length = from.readInt();
                    from.readFully(into, 0, length);
                    return length;
                }

                @Override
                public void close() throws IOException {
                    if (channel != null) {
                        channel.close();
                    }
                    server.close();
                }
            };
        }

        @Override
        public Sender sender() throws IOException {
            var channel = SocketChannel.open(address());
            var out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER));
            return new Sender() {
                @Override
                public void send(byte[] message) throws IOException {
                    out.writeInt(message.length);
                    out.write(message);
                }

                @Override
                public void flush() throws IOException {
                    out.flush();
                }

                @Override
                public void close() throws IOException {
                    channel.close();
                }
            };
        }

        @Override
        public void close() throws IOException {
            delete(folder);
        }
    }
}
