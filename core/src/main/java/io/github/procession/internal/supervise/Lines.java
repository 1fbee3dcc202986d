package io.github.procession.internal.supervise;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Cuts what comes from one stream of a child into whole lines, keeps the last of them, and gives them to a [Mouth].
///
/// Bytes stay what they are: a character may come in two pieces. Belongs to the pump's thread, but for [#tail()] and
/// [#say(String)].
final class Lines {
    private static final int LONGEST = 1 << 20; // a longer line goes on in pieces
    private static final String FRAME = "\tat ";
    private static final int KEPT_LINES = 20;
    private static final int KEPT_BYTES = 512;

    private final @Nullable Mouth mouth; // null: discarded
    private final Mouth loud; // for what must be said in any case
    private final byte[] prefix;
    private final Charset charset;
    private final ArrayDeque<String> tail = new ArrayDeque<>(); // guarded by itself
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private volatile boolean hasSpoken; // there is something that must get out
    private boolean midLine; // the beginning of this line has gone on already

    /// @param name the child's, for the prefix
    Lines(OutputMode mode, String name, Mouth mouth) {
        this.mouth = mode == OutputMode.DISCARD ? null : mouth;
        this.loud = mouth;
        this.charset = mouth.charset();
        this.prefix = mode == OutputMode.PREFIXED ? ("[" + name + "] ").getBytes(charset) : new byte[0];
    }

    /// Makes sure that they can be passed on.
    void open() {
        if (mouth != null) {
            mouth.open();
        }
    }

    /// The last lines.
    List<String> tail() {
        synchronized (tail) {
            return List.copyOf(tail);
        }
    }

    /// Says something about the child, whatever becomes of what it says itself. Called by any thread.
    void say(String line) {
        remember(line);
        hasSpoken = true;
        loud.say(this, (line + System.lineSeparator()).getBytes(charset));
    }

    /// Takes what came.
    void accept(byte[] bytes) {
        var whole = new ByteArrayOutputStream(bytes.length + 64);
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                partial.write(bytes, from, i + 1 - from);
                endLine(whole);
                from = i + 1;
            }
        }
        partial.write(bytes, from, bytes.length - from);
        if (partial.size() > LONGEST) {
            endLine(whole);
            midLine = true;
        }
        say(whole);
    }

    /// Nothing more comes from the child: what it left without a line's end gets one.
    void end() {
        if (partial.size() > 0 || midLine) {
            accept(new byte[] {'\n'});
        }
    }

    private void endLine(ByteArrayOutputStream whole) {
        byte[] line = partial.toByteArray();
        partial.reset();
        if (!midLine) {
            whole.writeBytes(prefix);
            remember(new String(line, 0, Math.min(line.length, KEPT_BYTES), charset).stripTrailing());
        }
        midLine = false;
        whole.writeBytes(line);
    }

    private void remember(String line) {
        synchronized (tail) {
            tail.add(line);
            if (tail.size() > KEPT_LINES) {
                var oldest = tail.removeFirst();
                if (!oldest.startsWith(FRAME) && tail.element().startsWith(FRAME)) {
                    tail.removeFirst(); // of a trace that is too long, what it is about stays for as long as any of it
                    tail.addFirst(oldest);
                }
            }
        }
    }

    private void say(ByteArrayOutputStream whole) {
        if (mouth != null && whole.size() > 0) {
            hasSpoken = true;
            mouth.say(this, whole.toByteArray());
        }
    }

    /// Whether what comes must wait.
    ///
    /// @param freed called once when it need not any more
    boolean isHeldUp(Runnable freed) {
        return mouth != null && mouth.isFull(freed);
    }

    /// Completes when all that was said so far is out.
    CompletableFuture<Void> said() {
        return hasSpoken ? loud.said() : CompletableFuture.completedFuture(null);
    }
}
