package io.github.procession.internal.os;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A stream of the JDK, read by a thread of its own.
final class StreamOutlet extends Outlet {
    /*
     * The thread keeps little, so that a process whose output nobody takes waits in its write calls.
     *
     * When the process has ended, nobody can know whether the thread is about to read more of it: except by the end of the
     * stream. That does not come while a process that was left behind holds it; then what was written is taken to be all
     * when nothing has come for a while, or after a longer one whatever comes.
     *
     * The JDK takes what is in the pipe when the process ends, and closes it: what was left behind would be cut off. It asks
     * for the stream's monitor first, which the thread keeps until the end of the stream.
     */
    private static final int CHUNK = 16 << 10;
    private static final int MOST = 64 << 10;
    private static final long SILENCE = TimeUnit.SECONDS.toNanos(2);
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
    private static final long NEVER = Long.MAX_VALUE;
    private static final byte[] NOTHING = new byte[0];

    private final ArrayDeque<byte[]> come = new ArrayDeque<>(); // guarded by this, like all below
    private int bytes;
    private boolean atEnd;
    private boolean closed;
    private long lastNews; // since the process has ended
    private long endedAt;
    private long lookAt = NEVER; // whether it is drained
    private Runnable announce = () -> {};

    @Override
    public ProcessBuilder.Redirect redirect() {
        return ProcessBuilder.Redirect.PIPE;
    }

    @Override
    public void started(InputStream stream) {
        Threads.daemon("procession-output-reader", () -> readAll(stream));
    }

    private void readAll(InputStream stream) {
        var buffer = new byte[CHUNK];
        synchronized (stream) {
            try {
                for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                    take(Arrays.copyOf(buffer, count));
                }
            } catch (IOException | RuntimeException | Error e) {
                close(stream); // whoever writes there must not wait for ever
            }
        }
        end();
    }

    private static void close(InputStream stream) {
        try {
            stream.close();
        } catch (IOException _) {
            // closed is closed
        }
    }

    private void take(byte[] chunk) {
        Runnable told;
        synchronized (this) {
            while (bytes >= MOST && !closed) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    // nobody has a reason to interrupt this thread; it goes on
                }
            }
            if (closed) {
                return;
            }
            come.add(chunk);
            bytes += chunk.length;
            lastNews = System.nanoTime();
            told = announce;
        }
        told.run();
    }

    private void end() {
        Runnable told;
        synchronized (this) {
            atEnd = true;
            told = announce;
        }
        told.run();
    }

    synchronized void announceTo(Runnable somebody) {
        announce = somebody;
    }

    synchronized boolean hasNews() {
        return atEnd || !come.isEmpty();
    }

    @Override
    public synchronized byte @Nullable [] read() {
        var next = come.poll();
        if (next == null) {
            return atEnd ? null : NOTHING;
        }
        bytes -= next.length;
        notifyAll();
        return next;
    }

    @Override
    public synchronized void processEnded() {
        endedAt = System.nanoTime();
        lastNews = endedAt;
    }

    @Override
    public synchronized boolean isDrained() {
        long now = System.nanoTime();
        long left = Math.min(lastNews + SILENCE - now, endedAt + PATIENCE - now);
        if (atEnd || left <= 0) {
            return true;
        }
        lookAt = now + left;
        return false;
    }

    /// How long it is until somebody must look whether it is drained; 0 once if that is now.
    synchronized long nanosToLook() {
        if (lookAt == NEVER) {
            return NEVER;
        }
        long left = Math.max(0, lookAt - System.nanoTime());
        if (left == 0) {
            lookAt = NEVER;
        }
        return left;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    @Override
    public void abandon() {
        // nothing was made
    }
}
