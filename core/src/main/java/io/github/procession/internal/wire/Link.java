package io.github.procession.internal.wire;

import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.os.Cable;
import io.github.procession.internal.os.Shortage;
import io.github.procession.internal.os.Threads;
import io.github.procession.internal.wire.Message.Answer;
import io.github.procession.internal.wire.Message.Question;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;

/// A two-way stream of messages with one other process. Safe for use by any thread.
///
/// A thread of its own reads it. End of file, or any error, means that the other side is gone: [#closed()] completes,
/// and whoever waits for an answer gets a [LinkClosedException]. If what comes is no message, or one that the other side may not
/// send, or this process has not the means to take it, that is logged, and the other side reads end of file as well: a child
/// then ends.
public final class Link implements AutoCloseable {
    private static final int LEAST_PIPE = 4096; // is what a pipe has room for, however many there are

    private final String name;
    private final Cable cable;
    private final DataInputStream in;
    private final ReentrantLock writing = new ReentrantLock();
    private final AtomicInteger requests = new AtomicInteger();
    private final Map<Integer, CompletableFuture<Answer>> waiting = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private final Runnable atExit = this::leave;
    private volatile boolean leaving; // this JVM shuts down and reads no more

    Link(String name, Cable cable) {
        this.name = name;
        this.cable = cable;
        this.in = new DataInputStream(new BufferedInputStream(cable.in(), 16 << 10));
    }

    /// Opens a link that a process has offered.
    ///
    /// @throws IOException if that process is gone, or belongs to somebody else, or has other things there than meant
    public static Link open(String name, long pid, LinkAddress address) throws IOException {
        return new Link(name, Cable.open(pid, address.text()));
    }

    /// Reads one message in the calling thread; only before [#listen].
    public Message receive() throws IOException {
        return Frames.read(in);
    }

    /// Starts the reading thread. Answers go to those who asked, everything else to the handler, one after the other.
    ///
    /// @throws IllegalStateException if the system gives no more threads; to be abandoned then. It does not count as closed: a
    ///     child says what it lacks, and does not take itself for an orphan
    public void listen(Handler handler) {
        AtExit.last(atExit);
        try {
            Threads.daemon("procession-link-" + name, () -> read(handler));
        } catch (RuntimeException | Error e) {
            AtExit.forget(atExit);
            cable.endReading();
            throw e;
        }
    }

    /// Ends both directions of a link to which nobody listens.
    public void abandon() {
        end();
        close();
    }

    private void read(Handler handler) {
        try {
            while (true) {
                var message = Frames.read(in);
                if (message instanceof Answer answer) {
                    var question = waiting.remove(answer.request());
                    if (question != null) {
                        question.complete(answer);
                    }
                } else {
                    handler.accept(message);
                }
            }
        } catch (EOFException | ClosedChannelException e) {
            end();
        } catch (IOException | RuntimeException e) { // what was read makes no sense, nor would anything after it
            giveUp("for what came over it cannot be understood", e);
        } catch (Error e) { // a full heap must not leave askers waiting, on either side
            giveUp("for this process has not the means to go on with it", e);
        }
    }

    private void giveUp(String reason, Throwable e) {
        try {
            if (!leaving) {
                System.getLogger("io.github.procession")
                        .log(
                                System.Logger.Level.ERROR,
                                "The link to %s is given up, %s: %s"
                                        .formatted(
                                                name,
                                                reason,
                                                Shortage.explained(
                                                        e.getMessage() == null ? e.toString() : e.getMessage())));
            }
        } finally {
            end();
            close();
        }
    }

    private void end() {
        AtExit.forget(atExit);
        if (!leaving) {
            closed.complete(null);
        }
        waiting.values().forEach(question -> question.completeExceptionally(new LinkClosedException(name)));
        cable.endReading();
    }

    private void leave() {
        leaving = true;
        cable.endReading();
    }

    /// Says something.
    ///
    /// @throws LinkClosedException if the other side is gone
    public void send(Message message) {
        send(Frames.encode(message));
    }

    private void send(byte[] frame) {
        writing.lock();
        try {
            cable.write(frame);
        } catch (IOException e) {
            throw new LinkClosedException(name);
        } finally {
            writing.unlock();
        }
    }

    /// Says something to who does not read yet, if it is so short that this need not wait for that.
    ///
    /// @return whether it was
    public boolean tellAhead(Message message) {
        byte[] frame = Frames.encode(message);
        if (frame.length > LEAST_PIPE) {
            return false;
        }
        tell(frame);
        return true;
    }

    /// Says something that no longer matters when the other side is gone.
    public void tell(Message message) {
        tell(Frames.encode(message));
    }

    private void tell(byte[] frame) {
        try {
            send(frame);
        } catch (LinkClosedException _) {
            // the end of the link is reported to whoever listens
        }
    }

    /// Asks, and waits for the answer however long it takes: the other side answers or is gone. An interrupt stays set.
    ///
    /// @throws LinkClosedException   if the other side is gone
    /// @throws IllegalStateException if it refuses, with its reason
    public <A extends Answer> A ask(Class<A> type, IntFunction<? extends Question> question) {
        int request = requests.incrementAndGet();
        var answer = new CompletableFuture<Answer>();
        waiting.put(request, answer);
        if (leaving || closed.isDone()) { // race: the reader ended before it could see this question
            waiting.remove(request);
            throw new LinkClosedException(name);
        }
        try {
            send(question.apply(request));
            var said = answer.join();
            if (said instanceof Message.Refused refused) {
                throw new IllegalStateException(refused.why());
            }
            if (!type.isInstance(said)) {
                throw new IllegalStateException(
                        "The process at the other end (%s) has answered %s where %s was asked for"
                                .formatted(name, said, type.getSimpleName()));
            }
            return type.cast(said);
        } catch (CompletionException e) {
            throw new LinkClosedException(name);
        } finally {
            waiting.remove(request);
        }
    }

    /// Completes when the other side is gone.
    public CompletableFuture<Void> closed() {
        return closed;
    }

    /// Whether the system has said that the other process has closed its side: see [Cable#isOtherSideGone()].
    public boolean isOtherSideGone() {
        return cable.isOtherSideGone();
    }

    /// Ends this side's writing: the other side reads end of file. Reading ends with the other side.
    @Override
    public void close() {
        writing.lock();
        try {
            cable.endWriting();
        } finally {
            writing.unlock();
        }
    }

    /// Takes the messages of the other side. Must not wait for another message of the same link.
    @FunctionalInterface
    public interface Handler {
        /// Called by the link's thread, in the order of sending.
        void accept(Message message);
    }
}
