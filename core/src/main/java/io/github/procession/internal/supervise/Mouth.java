package io.github.procession.internal.supervise;

import io.github.procession.internal.os.Threads;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Writes what children say to one stream of this process, on a thread of its own: whoever speaks does not wait for the
/// stream. Safe for use by any thread.
///
/// A stream that fails is not an error here: this process sees it at its own writes, and nobody else need suffer.
final class Mouth {
    /// To whatever is `System.out` at the time.
    static final Mouth OUT = new Mouth("procession-stdout", () -> System.out, "stdout.encoding");

    /// To whatever is `System.err` at the time.
    static final Mouth ERR = new Mouth("procession-stderr", () -> System.err, "stderr.encoding");

    private static final int ROOM = 1 << 20;

    private final String name;
    private final Supplier<PrintStream> stream;
    private final Charset charset;
    private final ArrayDeque<Piece> waiting = new ArrayDeque<>(); // guarded by this, like all below
    private final Set<Runnable> heldUp = new HashSet<>();
    private long bytes; // said and not yet out
    private boolean speaking; // what was taken from waiting is not yet out
    private @Nullable Thread thread;

    private @Nullable Object inMidLine; // who spoke last, if it was not a whole line; touched by the thread alone

    /// @param out completes when it is
    private record Piece(Object speaker, byte[] bytes, CompletableFuture<Void> out) {}

    /// @param encoding the property that says in which charset a child writes
    Mouth(String name, Supplier<PrintStream> stream, String encoding) {
        this.name = name;
        this.stream = stream;
        this.charset = Charset.forName(System.getProperty(encoding, "UTF-8"), Charset.defaultCharset());
    }

    /// How children write.
    Charset charset() {
        return charset;
    }

    /// Makes sure that it can speak. Before anything is said; afterwards there may be no thread left to be had.
    synchronized void open() {
        if (thread == null) {
            thread = Threads.start(Thread.ofPlatform().daemon().name(name).unstarted(this::run));
        }
    }

    /// Says this after all that was said before.
    ///
    /// @param speaker whose bytes it is; the line of one is not continued by another
    synchronized void say(Object speaker, byte[] piece) {
        add(new Piece(speaker, piece, new CompletableFuture<>()));
    }

    /// Completes when all that was said so far is out.
    synchronized CompletableFuture<Void> said() {
        var end = new Piece(this, new byte[0], new CompletableFuture<>());
        if (waiting.isEmpty() && !speaking) {
            end.out.complete(null);
        } else {
            add(end);
        }
        return end.out;
    }

    /// Whether so much waits that nobody should add to it.
    ///
    /// @param freed if so, called once when that is over
    synchronized boolean isFull(Runnable freed) {
        if (bytes < ROOM) {
            return false;
        }
        heldUp.add(freed);
        return true;
    }

    private void add(Piece piece) {
        waiting.add(piece);
        bytes += piece.bytes.length;
        open();
        notifyAll();
    }

    private void run() {
        while (true) {
            var piece = next();
            if (piece.bytes.length > 0) {
                write(piece);
            }
            done(piece).forEach(Runnable::run);
            piece.out.complete(null);
        }
    }

    private synchronized Piece next() {
        while (waiting.isEmpty()) {
            try {
                wait();
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt this thread; it goes on
            }
        }
        speaking = true;
        return waiting.remove();
    }

    private synchronized List<Runnable> done(Piece piece) {
        speaking = false;
        bytes -= piece.bytes.length;
        if (bytes > ROOM / 2) {
            return List.of();
        }
        var freed = List.copyOf(heldUp);
        heldUp.clear();
        return freed;
    }

    private void write(Piece piece) {
        try {
            var out = stream.get();
            if (inMidLine != null && !inMidLine.equals(piece.speaker)) {
                out.write('\n');
            }
            out.write(piece.bytes, 0, piece.bytes.length);
            out.flush();
        } catch (RuntimeException | Error e) {
            // see above: a stream of the program's own may throw what it likes
        }
        inMidLine = piece.bytes[piece.bytes.length - 1] == '\n' ? null : piece.speaker;
    }
}
