package io.github.procession.internal.supervise;

import io.github.procession.internal.os.Os;
import io.github.procession.internal.os.PollSet;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// Passes the output of all children on, on one thread.
///
/// When a child has ended, what it wrote is in its pipes: they are read until they are empty, not until end of file,
/// which may be far away when a grandchild holds the other end.
final class OutputPump {
    private static final OutputPump INSTANCE = new OutputPump();
    private static final int CHUNK = 64 << 10;

    private final PollSet readable = new PollSet();
    private final Map<Integer, Source> sources = new ConcurrentHashMap<>(); // by descriptor
    private final MemorySegment buffer = Arena.global().allocate(CHUNK); // the pump thread's

    private OutputPump() {
        Thread.ofPlatform().daemon().name("procession-output").start(this::run);
    }

    static OutputPump instance() {
        return INSTANCE;
    }

    /// Takes over a descriptor and passes on what comes, in whole lines.
    Source add(int descriptor, LineSink sink) {
        var source = new Source(descriptor, sink);
        sources.put(descriptor, source);
        readable.add(descriptor);
        return source;
    }

    private void run() {
        while (readable.isOpen()) {
            for (int descriptor : readable.await()) {
                var source = sources.get(descriptor);
                if (source != null) {
                    source.readSome();
                }
            }
            sources.values().stream().filter(s -> s.ending).toList().forEach(Source::readRest);
        }
    }

    /// One stream of one child. Touched by the pump's thread but for what is said.
    final class Source {
        private final int descriptor;
        private final LineSink sink;
        private final CompletableFuture<Void> passedOn = new CompletableFuture<>();
        private volatile boolean ending;

        private Source(int descriptor, LineSink sink) {
            this.descriptor = descriptor;
            this.sink = sink;
        }

        /// The child has ended: completes when all that it wrote has been passed on. Called by any thread.
        CompletableFuture<Void> finish() {
            ending = true;
            readable.ring();
            return passedOn;
        }

        private boolean readSome() {
            int count;
            try {
                count = Os.read(descriptor, buffer);
            } catch (RuntimeException e) {
                count = 0; // a pipe that cannot be read has nothing more to say
            }
            if (count > 0) {
                sink.accept(buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE));
            } else if (count == 0) {
                end();
            }
            return count > 0;
        }

        private void readRest() {
            boolean more;
            do {
                more = readSome();
            } while (more);
            end();
        }

        private void end() {
            if (sources.remove(descriptor) != null) {
                readable.remove(descriptor);
                Os.close(descriptor);
                sink.end();
            }
            passedOn.complete(null);
        }
    }

    /// Cuts bytes into whole lines, keeps the last of them, and writes them to a stream of this process.
    static final class LineSink {
        private static final int LONGEST = 1 << 20;
        private static final int KEPT_LINES = 20;
        private static final int KEPT_BYTES = 512;

        private final OutputMode mode;
        private final byte[] prefix;
        private final Supplier<PrintStream> target;
        private final List<String> tail = new ArrayList<>(); // guarded by itself
        private byte[] partial = new byte[0];

        LineSink(OutputMode mode, String name, Supplier<PrintStream> target) {
            this.mode = mode;
            this.prefix =
                    mode == OutputMode.PREFIXED ? ("[" + name + "] ").getBytes(Charset.defaultCharset()) : new byte[0];
            this.target = target;
        }

        /// The last lines.
        List<String> tail() {
            synchronized (tail) {
                return List.copyOf(tail);
            }
        }

        private void accept(byte[] bytes) {
            var lines = new ByteArrayOutputStream();
            int from = 0;
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    line(lines, bytes, from, i + 1);
                    from = i + 1;
                }
            }
            partial = joined(partial, bytes, from, bytes.length);
            if (partial.length > LONGEST) {
                line(lines, new byte[0], 0, 0);
            }
            write(lines.toByteArray());
        }

        private void end() {
            if (partial.length > 0) {
                accept(new byte[] {'\n'});
            }
        }

        /// Ends the line that `partial` began.
        private void line(ByteArrayOutputStream lines, byte[] bytes, int from, int to) {
            byte[] whole = joined(partial, bytes, from, to);
            partial = new byte[0];
            lines.writeBytes(prefix);
            lines.writeBytes(whole);
            synchronized (tail) {
                tail.add(new String(whole, 0, Math.min(whole.length, KEPT_BYTES), Charset.defaultCharset())
                        .stripTrailing());
                if (tail.size() > KEPT_LINES) {
                    tail.removeFirst();
                }
            }
        }

        private void write(byte[] lines) {
            if (mode != OutputMode.DISCARD && lines.length > 0) {
                var out = target.get();
                out.write(lines, 0, lines.length);
                out.flush();
            }
        }

        private static byte[] joined(byte[] head, byte[] bytes, int from, int to) {
            byte[] all = Arrays.copyOf(head, head.length + to - from);
            System.arraycopy(bytes, from, all, head.length, to - from);
            return all;
        }
    }
}
