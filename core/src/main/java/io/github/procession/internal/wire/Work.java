package io.github.procession.internal.wire;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What a pool and its workers say to each other, over their channel.
///
/// ```text
///   to the worker                                     to the pool
///   FUNCTION  number:4 | function…                    DONE     task:8 | ticket:4 | pin:8 | outcome…
///   FORGET    number:4                                SKIPPED  task:8 | ticket:4
///   TASK      task:8 | ticket:4 | callable…
///   CHUNK     task:8 | ticket:4 | function:4 | items…
///   LEAVE
/// ```
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

    private static final byte WHOLE = 0;
    private static final byte EACH = 1;

    private Work() {}

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

    /// One callable.
    public static byte[] task(long task, int ticket, byte[] callable) {
        return ByteBuffer.allocate(12 + callable.length)
                .putLong(task)
                .putInt(ticket)
                .put(callable)
                .array();
    }

    /// Items for a function.
    public static byte[] chunk(long task, int ticket, int function, byte[] items) {
        return ByteBuffer.allocate(16 + items.length)
                .putLong(task)
                .putInt(ticket)
                .putInt(function)
                .put(items)
                .array();
    }

    /// A task has ended.
    public static byte[] done(long task, int ticket, long pin, byte[] outcome) {
        return ByteBuffer.allocate(20 + outcome.length)
                .putLong(task)
                .putInt(ticket)
                .putLong(pin)
                .put(outcome)
                .array();
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

    /// The outcome of a chunk in which no item failed.
    public static byte[] whole(byte[] results) {
        return ByteBuffer.allocate(1 + results.length).put(WHOLE).put(results).array();
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
    public static List<Outcome> outcomes(Codec codec, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        var outcomes = new ArrayList<Outcome>();
        if (buffer.get() == WHOLE) {
            var whole = Outcomes.read(codec, Outcomes.returned(rest(buffer)));
            if (whole instanceof Outcome.Returned(List<?> results)) {
                results.forEach(result -> outcomes.add(new Outcome.Returned(result)));
            } else {
                outcomes.add(whole);
            }
            return outcomes;
        }
        while (buffer.hasRemaining()) {
            byte[] outcome = new byte[buffer.getInt()];
            buffer.get(outcome);
            outcomes.add(Outcomes.read(codec, outcome));
        }
        return outcomes;
    }
}
