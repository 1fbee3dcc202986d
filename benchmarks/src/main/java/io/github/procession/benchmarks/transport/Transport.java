package io.github.procession.benchmarks.transport;

import java.io.IOException;
import java.io.Serializable;

/// One way for bytes from any process to this one. Made by the receiver, and sent to the others.
interface Transport extends AutoCloseable, Serializable {
    /// For the one thread that receives, in the process that has made it.
    Receiver receiver() throws IOException;

    /// For a thread that sends, in any process.
    Sender sender() throws IOException;

    @Override
    void close() throws IOException;

    /// Where messages come out.
    interface Receiver extends AutoCloseable {
        /// Waits for the next message.
        ///
        /// @return its length
        int receive() throws IOException, InterruptedException;

        @Override
        default void close() throws IOException {}
    }

    /// Where messages go in.
    interface Sender extends AutoCloseable {
        /// Sends a message, waiting for room.
        void send(byte[] message) throws IOException, InterruptedException;

        /// What was sent can be received after that.
        default void flush() throws IOException {}

        @Override
        default void close() throws IOException {}
    }

    /// Makes one.
    interface Maker {
        Transport make() throws IOException;
    }
}
