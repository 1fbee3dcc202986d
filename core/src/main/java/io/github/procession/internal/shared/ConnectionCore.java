package io.github.procession.internal.shared;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.QueueCore.Added;
import io.github.procession.internal.shared.QueueCore.Arrived;
import io.github.procession.internal.waiting.WaitPoint;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// One end of a pipe: a queue to send to, a queue to receive from, and an object whose life is that of the end. Safe for use
/// by any thread.
public final class ConnectionCore {
    /*
     *   left ── sends ──► queue ──► receives ── right         each end is an object of the root's: while any process is
     *     ◄── receives ── queue ◄── sends ──┘                 attached to it, or a handle is on its way, it lives
     *
     * When an end goes, by close, death, or because nobody can reach it any more, the root ends both queues: what was sent
     * can still be received, then comes the end of file; and nothing can be sent any more.
     *
     * Both ends may be in one process, so closing an end closes no queue there: who waits on its behalf gives up, and the
     * hold on the queues is released.
     *
     * A message that was taken and found not to be what was asked for is kept for the next who asks.
     */
    private final SharedBlock end;
    private final @Nullable QueueCore sends;
    private final @Nullable QueueCore receives;
    private final Turnstile users = new Turnstile();
    private final ArrayDeque<Arrived> kept = new ArrayDeque<>(); // guarded by this

    private ConnectionCore(SharedBlock end, @Nullable QueueCore sends, @Nullable QueueCore receives) {
        this.end = end;
        this.sends = sends;
        this.receives = receives;
    }

    /// Both ends of a pipe.
    public record Ends(ConnectionCore left, ConnectionCore right) {}

    /// Makes a pipe.
    ///
    /// @param capacity how many messages may be on their way in each direction
    /// @param oneWay   whether the left end only receives and the right end only sends
    public static Ends open(int capacity, boolean oneWay) {
        var made = new ArrayDeque<Runnable>();
        try {
            var toLeft = QueueCore.create(capacity);
            made.push(toLeft::release);
            var toRight = oneWay ? null : QueueCore.create(capacity, toLeft.id());
            if (toRight != null) {
                made.push(toRight::release);
            }
            var left = SharedBlock.create(ObjectKind.END, 0, toLeft.id());
            made.push(left::close);
            var right = toRight == null
                    ? SharedBlock.create(ObjectKind.SENDING_END, 0, toLeft.id())
                    : SharedBlock.create(ObjectKind.END, 0, toRight.id());
            made.push(right::close);
            return new Ends(
                    left.face(ConnectionCore.class, end -> new ConnectionCore(end, toRight, toLeft)),
                    right.face(ConnectionCore.class, end -> over(end, toLeft.id(), idOf(toRight))));
        } catch (RuntimeException | Error e) {
            made.forEach(Runnable::run);
            throw e;
        }
    }

    /// The end with that number.
    ///
    /// @param sends    the queue that it sends to, 0 for none
    /// @param receives the queue that it receives from, 0 for none
    public static ConnectionCore attach(long id, long sends, long receives) {
        return SharedBlock.attach(id).face(ConnectionCore.class, end -> over(end, sends, receives));
    }

    private static ConnectionCore over(SharedBlock end, long sends, long receives) {
        var out = sends == 0 ? null : QueueCore.enter(sends);
        try {
            return new ConnectionCore(end, out, receives == 0 ? null : QueueCore.enter(receives));
        } catch (RuntimeException | Error e) {
            if (out != null) {
                out.release();
            }
            throw e;
        }
    }

    private static long idOf(@Nullable QueueCore queue) {
        return queue == null ? 0 : queue.id();
    }

    /// Its number.
    public long id() {
        return end.id();
    }

    /// Its number, to be sent.
    ///
    /// @throws IllegalStateException if this process has closed it
    public long openId() {
        return end.openId();
    }

    /// The queue that it sends to, 0 for none.
    public long sendsTo() {
        return idOf(sends);
    }

    /// The queue that it receives from, 0 for none.
    public long receivesFrom() {
        return idOf(receives);
    }

    /// Whether this process is attached.
    public boolean isOpen() {
        return users.isOpen();
    }

    /// Sends a message, waiting for room.
    ///
    /// @throws IOException              if this process has closed this end, or the other end is gone
    /// @throws IllegalArgumentException if it cannot be serialized
    public void send(@Nullable Object message) throws IOException, InterruptedException {
        send(queue -> queue.put(message, Long.MAX_VALUE, this::isClosing));
    }

    /// Sends an array of bytes, from wherever they are, waiting for room.
    ///
    /// @throws IOException              if this process has closed this end, or the other end is gone
    /// @throws IllegalArgumentException if they are too many
    public void sendBytes(MemorySegment bytes) throws IOException, InterruptedException {
        send(queue -> queue.putBytes(bytes, this::isClosing));
    }

    private interface Putting {
        Added into(QueueCore queue) throws InterruptedException;
    }

    private void send(Putting putting) throws IOException, InterruptedException {
        var queue = sending();
        enter();
        try {
            if (putting.into(queue) != Added.YES) {
                requireOpen();
                throw new IOException("The other end of the pipe is closed, or its last process has ended");
            }
        } finally {
            users.leave();
        }
    }

    /// Receives a message, waiting for one.
    ///
    /// @return null at the end: the other end is gone and nothing is left
    /// @throws IOException if this process has closed this end
    public @Nullable Arrived receive() throws IOException, InterruptedException {
        var queue = receiving();
        enter();
        try {
            var message = takeKept();
            if (message == null) {
                message = queue.take(Long.MAX_VALUE, this::isClosing);
            }
            if (message == null) {
                requireOpen();
            }
            return message;
        } finally {
            users.leave();
        }
    }

    /// Gives a message back that was not what was asked for: it is the next to be received.
    public void keep(Arrived message) {
        try {
            users.enter();
        } catch (IllegalStateException closed) { // race: nobody here will receive it any more
            message.drop();
            return;
        }
        try {
            synchronized (this) {
                kept.addFirst(message);
            }
            if (receives != null) {
                receives.wakeAll();
            }
        } finally {
            users.leave();
        }
    }

    private synchronized @Nullable Arrived takeKept() {
        return kept.poll();
    }

    private synchronized boolean hasKept() {
        return !kept.isEmpty();
    }

    /// Waits until [#receive()] would not wait, or until the deadline.
    ///
    /// @return whether it would not
    /// @throws IOException if this process has closed this end
    public boolean awaitReady(long deadline) throws IOException, InterruptedException {
        var queue = receiving();
        enter();
        try {
            boolean ready = queue.awaitReady(deadline, () -> isClosing() || hasKept());
            requireOpen();
            return ready;
        } finally {
            users.leave();
        }
    }

    /// Whether [#receive()] would not wait.
    ///
    /// @throws IOException if this process has closed this end
    public boolean isReady() throws IOException {
        var queue = receiving();
        enter();
        try {
            return hasKept() || queue.isReady();
        } finally {
            users.leave();
        }
    }

    /// Keeps its queues attached until [#letGo()]; a thread that waits at [#notEmpty()] does so in between.
    ///
    /// @throws IOException if this process has closed this end
    public void hold() throws IOException {
        enter();
    }

    /// Takes back one [#hold()].
    public void letGo() {
        users.leave();
    }

    /// Where threads wait for [#isReady()].
    ///
    /// @throws IOException if this end cannot receive
    public WaitPoint notEmpty() throws IOException {
        return receiving().notEmpty();
    }

    private QueueCore sending() throws IOException {
        if (sends == null) {
            throw new IOException("This is the receiving end of a one-way pipe: send at the other");
        }
        return sends;
    }

    private QueueCore receiving() throws IOException {
        if (receives == null) {
            throw new IOException("This is the sending end of a one-way pipe: receive at the other");
        }
        return receives;
    }

    private boolean isClosing() {
        return !users.isOpen();
    }

    private void enter() throws IOException {
        try {
            users.enter();
        } catch (IllegalStateException e) {
            throw closed();
        }
    }

    private void requireOpen() throws IOException {
        if (isClosing()) {
            throw closed();
        }
    }

    private static IOException closed() {
        return new IOException("This process has closed the connection");
    }

    /// Detaches this process: its threads that wait here leave with an exception. Idempotent.
    public void close() {
        if (!users.close()) {
            return;
        }
        for (var queue : new QueueCore[] {sends, receives}) {
            if (queue != null) {
                queue.wakeAll();
            }
        }
        users.awaitEmpty();
        for (var message = takeKept(); message != null; message = takeKept()) {
            message.drop();
        }
        end.close();
        for (var queue : new QueueCore[] {sends, receives}) {
            if (queue != null) {
                queue.release();
            }
        }
    }
}
