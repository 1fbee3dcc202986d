package io.github.procession;

import io.github.procession.internal.shared.ConnectionCore;
import io.github.procession.internal.shared.QueueCore.Arrived;
import java.io.EOFException;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/// One end of a [Pipe]: messages that are sent here are received at the other end, whole and in order.
///
/// A message is any serializable object, null too, handles of shared objects and connections among them. An end may be sent to
/// other processes, and is open as long as any process has it open, or it is on its way to one. When the other end is
/// gone, because its last process has closed it, has ended, or has no handle of it any more, what it had sent can still
/// be received; then comes [EOFException], and sending throws.
///
/// **Death.** A message that has been sent outlives its sender. One that a receiver had not yet copied out when it was killed
/// inside `receive` comes out again if others have that end open.
///
/// Safe for use by any thread and any number of processes at each end: every message is received once, by one of them.
public final class Connection implements AutoCloseable, Waitable, Serializable {
    private static final long serialVersionUID = 1L;

    private final transient ConnectionCore core;

    Connection(ConnectionCore core) {
        this.core = core;
    }

    ConnectionCore core() {
        return core;
    }

    // ---- objects ---------------------------------------------------------------------------------------------------

    /// Sends a message, waiting for room.
    ///
    /// @param message what to send; null is a message too
    /// @throws IOException              if this process has closed this end, the other end is gone, or this end only receives
    /// @throws InterruptedException     if this thread is interrupted; nothing was sent
    /// @throws IllegalArgumentException if it cannot be serialized, with the path to the culprit
    public void send(@Nullable Object message) throws IOException, InterruptedException {
        core.send(message);
    }

    /// Receives a message, waiting for one.
    ///
    /// @return what was sent
    /// @throws EOFException          if the other end is gone and nothing is left
    /// @throws IOException           if this process has closed this end, or it only sends
    /// @throws InterruptedException  if this thread is interrupted; nothing was received
    /// @throws IllegalStateException if the message cannot be rebuilt in this process; it is consumed then
    public @Nullable Object receive() throws IOException, InterruptedException {
        return next().rebuild();
    }

    /// Receives a message of a certain type, waiting for one.
    ///
    /// @param type the type; a message that is null fits any
    /// @param <T>  the type
    /// @return what was sent; null only if that was null
    /// @throws EOFException         if the other end is gone and nothing is left
    /// @throws IOException          if this process has closed this end, or it only sends
    /// @throws InterruptedException if this thread is interrupted; nothing was received
    /// @throws ClassCastException   if it is of another type; the message is not lost, and is the next to be received
    @NullUnmarked // who sends no null need not look for any
    public <T> T receive(Class<T> type) throws IOException, InterruptedException {
        Objects.requireNonNull(type, "type");
        var message = next();
        var value = message.rebuild();
        if (value != null && !type.isInstance(value)) {
            core.keep(message);
            throw new ClassCastException("The next message is a %s, not a %s; receive() takes it as it is"
                    .formatted(value.getClass().getName(), type.getName()));
        }
        return type.cast(value);
    }

    private Arrived next() throws IOException, InterruptedException {
        var message = core.receive();
        if (message == null) {
            throw new EOFException("The other end of the pipe is gone, and nothing is left to receive");
        }
        return message;
    }

    /// Whether a message, or the end, can be received at once.
    ///
    /// @return whether [#receive()] would not wait
    /// @throws IOException if this process has closed this end, or it only sends
    public boolean poll() throws IOException {
        return core.isReady();
    }

    /// Waits until a message, or the end, can be received, or until a limit.
    ///
    /// @param limit how long to wait at the most; zero or less for not at all
    /// @return whether [#receive()] would not wait
    /// @throws IOException          if this process has closed this end, or it only sends
    /// @throws InterruptedException if this thread is interrupted
    public boolean poll(Duration limit) throws IOException, InterruptedException {
        return core.awaitReady(Limits.deadline(limit));
    }

    // ---- bytes -----------------------------------------------------------------------------------------------------

    /// Sends bytes as one message, waiting for room.
    ///
    /// @param bytes what to send; an empty message is a message too
    /// @throws IOException          if this process has closed this end, the other end is gone, or this end only receives
    /// @throws InterruptedException if this thread is interrupted; nothing was sent
    public void sendBytes(byte[] bytes) throws IOException, InterruptedException {
        core.send(Objects.requireNonNull(bytes, "bytes"));
    }

    /// Sends the bytes of a segment as one message, waiting for room.
    ///
    /// @param bytes what to send, 2 GB at the most
    /// @throws IOException              if this process has closed this end, the other end is gone, or this end only
    ///                                  receives
    /// @throws InterruptedException     if this thread is interrupted; nothing was sent
    /// @throws IllegalArgumentException if it is larger than 2 GB
    public void sendBytes(MemorySegment bytes) throws IOException, InterruptedException {
        core.sendBytes(Objects.requireNonNull(bytes, "bytes"));
    }

    /// Receives a message of bytes, waiting for one.
    ///
    /// @return the bytes
    /// @throws EOFException          if the other end is gone and nothing is left
    /// @throws IOException           if this process has closed this end, or it only sends
    /// @throws InterruptedException  if this thread is interrupted; nothing was received
    /// @throws IllegalStateException if the next message is an object; it is not lost, and is the next to be received
    public byte[] receiveBytes() throws IOException, InterruptedException {
        var message = next();
        requireBytes(message);
        return (byte[]) Objects.requireNonNull(message.rebuild());
    }

    /// Receives a message of bytes into a segment, waiting for one.
    ///
    /// @param into where the bytes go, from its beginning
    /// @return how many they are
    /// @throws EOFException              if the other end is gone and nothing is left
    /// @throws IOException               if this process has closed this end, or it only sends
    /// @throws InterruptedException      if this thread is interrupted; nothing was received
    /// @throws IllegalStateException     if the next message is an object; it is not lost, and is the next to be received
    /// @throws IndexOutOfBoundsException if the message is larger than the segment, with its size; likewise
    public long receiveBytes(MemorySegment into) throws IOException, InterruptedException {
        Objects.requireNonNull(into, "into");
        var message = next();
        var bytes = requireBytes(message);
        if (bytes.byteSize() > into.byteSize()) {
            core.keep(message);
            throw new IndexOutOfBoundsException(
                    "The next message has %d bytes, and the segment %d; receive it into one that is large enough"
                            .formatted(bytes.byteSize(), into.byteSize()));
        }
        try {
            MemorySegment.copy(bytes, 0, into, 0, bytes.byteSize());
        } catch (RuntimeException e) { // it is read-only, or closed, or another thread's
            core.keep(message);
            throw e;
        }
        return bytes.byteSize();
    }

    private MemorySegment requireBytes(Arrived message) {
        var bytes = message.bytes();
        if (bytes == null) {
            core.keep(message);
            throw new IllegalStateException(
                    "The next message is not one of bytes: receive() takes it. What is sent with sendBytes is received with receiveBytes.");
        }
        return bytes;
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    /// Whether this end can receive.
    ///
    /// @return false for the sending end of a one-way pipe
    public boolean readable() {
        return core.receivesFrom() != 0;
    }

    /// Whether this end can send.
    ///
    /// @return false for the receiving end of a one-way pipe
    public boolean writable() {
        return core.sendsTo() != 0;
    }

    /// Whether this process has this end open.
    ///
    /// @return false after [#close()]
    public boolean isOpen() {
        return core.isOpen();
    }

    /// Closes this end for this process: its further use here throws, also in threads that wait; others go on. When no
    /// process has it open the other end receives the end of file. Idempotent.
    @Override
    public void close() {
        core.close();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Connection that && that.core.id() == core.id();
    }

    @Override
    public int hashCode() {
        return Long.hashCode(core.id());
    }

    @Override
    public String toString() {
        return "Connection["
                + (!isOpen() ? "closed" : !writable() ? "receives" : !readable() ? "sends" : "sends and receives")
                + "]";
    }

    /// What a receiver needs to know besides the number of the end.
    ///
    /// @param sends    the queue that it sends to, 0 for none
    /// @param receives the queue that it receives from, 0 for none
    record Queues(long sends, long receives) implements Serializable {}

    static Connection attach(long id, Queues queues) {
        return new Connection(ConnectionCore.attach(id, queues.sends(), queues.receives()));
    }

    /// What travels instead.
    Handle handle() {
        return new Handle(Handle.Kind.CONNECTION, core.openId(), new Queues(core.sendsTo(), core.receivesFrom()));
    }

    /// What travels instead where Java's serialization writes.
    ///
    /// @return a handle
    private Object writeReplace() {
        return handle();
    }

    /// Refuses what is not a handle.
    ///
    /// @param in ignored
    /// @throws InvalidObjectException always
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a Connection travels as a handle");
    }
}
