package io.github.procession.internal.supervise;

import io.github.procession.internal.os.Outlet;
import io.github.procession.internal.os.Outlets;
import io.github.procession.internal.os.Threads;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads the output of all children, on one thread, and hands it to the streams of this process as lines.
final class OutputPump {
    /*
     *   pipe ──► Source ──► Lines ──► Mouth of System.out ──► PrintStream
     *   pipe ──► Source ──► Lines ──► Mouth of System.err ──► PrintStream
     *   pipe ──► Source ──► Lines      (discarded; the last lines are kept)
     *
     * The pump's thread never writes: a mouth has a thread of its own, so that a stream that blocks holds up nothing but
     * what goes to it. What waits for a mouth is bounded: when it is full, the sources that lead there are not read until
     * it has room again, so that the children wait in their write calls, as they would at a terminal.
     *
     * When a child has ended, what it wrote is in its pipes, which have a bounded size: they are read once more, full
     * mouth or not, until they are empty or that much has come. They need not have reached their end: a process that the
     * child left behind may hold them, and is listened to for as long as it lives; nobody waits for it.
     */
    private static @Nullable OutputPump instance; // guarded by OutputPump.class
    private static final int LARGEST_PIPE = 1 << 20; // what an unprivileged process can make of a pipe

    private final Outlets readable = Outlets.make();
    private final Runnable ring = readable::ring;
    private final Map<Outlet, Source> sources = new ConcurrentHashMap<>();
    private final Set<Source> paused = new HashSet<>(); // the pump thread's

    private OutputPump() {
        Threads.daemon("procession-output", this::run);
    }

    /// Made when first needed. If there is no thread for it that is an error once, not for ever.
    static synchronized OutputPump instance() {
        var made = instance;
        if (made == null) {
            made = new OutputPump();
            instance = made;
        }
        return made;
    }

    /// Takes over an outlet and passes on what comes, in whole lines.
    Source add(Outlet outlet, Lines lines) {
        var source = new Source(outlet, lines);
        sources.put(outlet, source);
        readable.add(outlet);
        return source;
    }

    private void run() {
        while (readable.isOpen()) {
            for (var outlet : readable.await()) {
                var source = sources.get(outlet);
                if (source != null) {
                    unlessItFails(source, Source::readSome);
                }
            }
            sources.values().forEach(source -> unlessItFails(source, Source::drainIfEnded));
            paused.removeIf(Source::resume);
        }
    }

    /// A fault, a full heap for one, costs one child the rest of its output, and nobody else theirs.
    private static void unlessItFails(Source source, Consumer<Source> step) {
        try {
            step.accept(source);
        } catch (RuntimeException | Error e) {
            source.giveUp();
        }
    }

    /// One stream of one child. Touched by the pump's thread but for what is said.
    final class Source {
        private final Outlet outlet;
        private final Lines lines;
        private final CompletableFuture<Void> read = new CompletableFuture<>();
        private final CompletableFuture<Void> passedOn = new CompletableFuture<>();
        private volatile boolean ended; // the child has
        private int sinceEnded; // bytes; the pump thread's

        private Source(Outlet outlet, Lines lines) {
            this.outlet = outlet;
            this.lines = lines;
        }

        /// The child has ended. Called by any thread.
        void finish() {
            outlet.processEnded();
            ended = true;
            readable.ring();
        }

        /// Completes when all that the child wrote until its end has been read.
        CompletableFuture<Void> read() {
            return read;
        }

        /// Completes when all that the child wrote until its end has been written to this process's stream.
        CompletableFuture<Void> passedOn() {
            return passedOn;
        }

        private void readSome() {
            if (readChunk() < 0) {
                close();
            } else if (lines.isHeldUp(ring)) {
                readable.remove(outlet);
                paused.add(this);
            }
        }

        /// @return whether it is read again
        private boolean resume() {
            if (sources.containsKey(outlet)) {
                if (lines.isHeldUp(ring)) {
                    return false;
                }
                readable.add(outlet);
            }
            return true;
        }

        /// @return how much came, 0 if nothing is there, -1 at the end
        private int readChunk() {
            byte[] come;
            try {
                come = outlet.read();
            } catch (RuntimeException e) {
                return -1; // a pipe that cannot be read has nothing more to say
            }
            if (come == null) {
                return -1;
            }
            if (come.length > 0) {
                lines.accept(come);
            }
            return come.length;
        }

        private void drainIfEnded() {
            if (!ended || read.isDone()) {
                return;
            }
            int count;
            do {
                count = readChunk();
                sinceEnded += Math.max(0, count);
            } while (count > 0 && sinceEnded < LARGEST_PIPE);
            if (count < 0) {
                close();
            } else if (count > 0 || outlet.isDrained()) {
                complete();
            } else if (paused.remove(this)) {
                readable.add(outlet); // a full mouth is no reason to forget to look again
            }
        }

        private void close() {
            leave();
            complete();
        }

        private void giveUp() {
            leave();
            read.complete(null);
            passedOn.complete(null);
        }

        private void leave() {
            if (sources.remove(outlet, this)) {
                readable.remove(outlet);
                outlet.close();
            }
        }

        private void complete() {
            lines.end();
            read.complete(null);
            lines.said().thenRun(() -> passedOn.complete(null));
        }
    }
}
