package io.github.procession.internal.wire;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What a pool and its workers say to each other, over their channel.
///
/// ```text
///   to the worker                                          to the pool
///   SETUP     watch:1 | initializer…                       READY
///   FUNCTION  number:4 | function…                         UNFIT    outcome…
///   FORGET    number:4                                     DONE     task:8 | ticket:4 | pin:8 | tally:24 | outcome…
///   TASK      task:8 | ticket:4 | callable…                SKIPPED  task:8 | ticket:4
///   CHUNK     task:8 | ticket:4 | clock:1 | function:4 | items…
///   LEAVE
///
///   tally:    nanos:8 | resident:8 | done:4 | failed:4
/// ```
///
/// SETUP comes first; the worker answers with READY when the initializer, if there is one, has returned, with UNFIT and its end
/// when it has failed. `watch` asks for `resident` bytes of memory after each task, which are 0 otherwise; `clock` for
/// the time of begin of each item in the channel, and not only of the first.
///
/// The outcome of a chunk is a list of results as a whole, or, when one failed, an outcome for each item up to that one.
public final class Work {
    public static final int FUNCTION = 1;
    public static final int FORGET = 2;
    public static final int TASK = 3;
    public static final int CHUNK = 4;
    public static final int LEAVE = 5;
    public static final int DONE = 6;
    public static final int SKIPPED = 7;
    public static final int SETUP = 8;
    public static final int READY = 9;
    public static final int UNFIT = 10;

    private static final byte WHOLE = 0;
    private static final byte EACH = 1;

    private Work() {}

    /// How it went, in numbers.
    ///
    /// @param nanos    how long the worker has run it
    /// @param resident how many bytes the worker has resident, 0 if nobody has asked
    /// @param done     how many items returned
    /// @param failed   how many threw
    public record Tally(long nanos, long resident, int done, int failed) {
        private static final int BYTES = 24;

        private void put(ByteBuffer to) {
            to.putLong(nanos).putLong(resident).putInt(done).putInt(failed);
        }

        /// Reads one.
        public static Tally get(ByteBuffer from) {
            return new Tally(from.getLong(), from.getLong(), from.getInt(), from.getInt());
        }
    }

    /// What a worker does before its first task.
    ///
    /// @param initializer empty for nothing
    public static byte[] setup(boolean watchMemory, byte[] initializer) {
        return ByteBuffer.allocate(1 + initializer.length)
                .put((byte) (watchMemory ? 1 : 0))
                .put(initializer)
                .array();
    }

    /// A function for chunks to come.
    public static byte[] function(int number, byte[] function) {
        return ByteBuffer.allocate(4 + function.length)
                .putInt(number)
                .put(function)
                .array();
    }

    /// That function is not needed any more.
    public static byte[] forget(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    /// What comes before a callable.
    public static byte[] task(long task, int ticket) {
        return ByteBuffer.allocate(12).putLong(task).putInt(ticket).array();
    }

    /// What comes before items for a function.
    public static byte[] chunk(long task, int ticket, boolean clock, int function) {
        return ByteBuffer.allocate(17)
                .putLong(task)
                .putInt(ticket)
                .put((byte) (clock ? 1 : 0))
                .putInt(function)
                .array();
    }

    /// A task has ended: what comes before the rest of its outcome.
    ///
    /// @param outcome how the outcome begins
    public static byte[] done(long task, int ticket, long pin, Tally tally, byte[] outcome) {
        var buffer = ByteBuffer.allocate(20 + Tally.BYTES + outcome.length)
                .putLong(task)
                .putInt(ticket)
                .putLong(pin);
        tally.put(buffer);
        return buffer.put(outcome).array();
    }

    /// A task that the pool had taken back was passed over.
    public static byte[] skipped(long task, int ticket) {
        return ByteBuffer.allocate(12).putLong(task).putInt(ticket).array();
    }

    /// What is left of a buffer.
    public static byte[] rest(ByteBuffer buffer) {
        byte[] rest = new byte[buffer.remaining()];
        buffer.get(rest);
        return rest;
    }

    /// What comes before the results of a chunk in which no item failed.
    public static byte[] whole() {
        return new byte[] {WHOLE};
    }

    /// The outcome of a chunk in which the last of these failed.
    public static byte[] each(List<byte[]> outcomes) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(EACH);
            for (byte[] outcome : outcomes) {
                out.writeInt(outcome.length);
                out.write(outcome);
            }
        } catch (IOException e) {
            throw new AssertionError("in memory", e);
        }
        return bytes.toByteArray();
    }

    /// Reads the outcome of a chunk: one outcome for each item, fewer if the last of them failed.
    ///
    /// @param from where it begins
    /// @throws IOException if it is none
    public static List<Outcome> outcomes(Codec codec, byte[] bytes, int from) throws IOException {
        try {
            return outcomes(codec, bytes, ByteBuffer.wrap(bytes, from, bytes.length - from));
        } catch (BufferUnderflowException e) {
            throw new IOException("The outcome of a chunk is cut off", e);
        }
    }

    private static List<Outcome> outcomes(Codec codec, byte[] bytes, ByteBuffer buffer) throws IOException {
        var outcomes = new ArrayList<Outcome>();
        if (buffer.get() == WHOLE) {
            var whole = Outcomes.result(codec, bytes, buffer.position());
            if (whole instanceof Outcome.Returned(List<?> results)) {
                results.forEach(result -> outcomes.add(new Outcome.Returned(result)));
            } else {
                outcomes.add(whole);
            }
            return outcomes;
        }
        while (buffer.hasRemaining()) {
            int length = buffer.getInt();
            if (length < 0 || length > buffer.remaining()) {
                throw new IOException("An outcome of %d bytes where %d are left".formatted(length, buffer.remaining()));
            }
            byte[] outcome = new byte[length];
            buffer.get(outcome);
            outcomes.add(Outcomes.read(codec, outcome));
        }
        return outcomes;
    }
}
