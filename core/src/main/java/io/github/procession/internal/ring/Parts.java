package io.github.procession.internal.ring;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Messages of any length over a [RecordPipe]: a long one goes as a record with its size and several others, all but the last
/// marked.
public final class Parts {
    private static final int MORE = 1 << 16;
    private static final int SIZE = 1 << 17;
    private static final int SHARE = 4; // of the pipe, that a record may have: one is read while the next is written

    private static final byte[] NOTHING = {};

    private Parts() {}

    /// A message, in two parts to be sent, as one when it has been received.
    ///
    /// @param kind what it is
    /// @param head how it begins
    /// @param body how it goes on
    public record Message(int kind, byte[] head, byte[] body) {
        /// All of it.
        public byte[] bytes() {
            if (head.length == 0) {
                return body;
            }
            var bytes = new byte[head.length + body.length];
            System.arraycopy(head, 0, bytes, 0, head.length);
            System.arraycopy(body, 0, bytes, head.length, body.length);
            return bytes;
        }
    }

    /// Writes one message after the other without waiting. Used by one thread.
    public static final class Writer {
        private final RecordPipe pipe;
        private final int most;
        private Message message = new Message(0, NOTHING, NOTHING);
        private int written = -1; // bytes of the body; -1: nothing to write
        private boolean begun; // the size is written

        /// @param pipe where to
        public Writer(RecordPipe pipe) {
            this.pipe = pipe;
            this.most = pipe.maxRecord() * 2 / SHARE;
        }

        /// Takes a message to write; the one before must be done.
        public void begin(Message next) {
            message = next;
            written = 0;
            begun = false;
        }

        /// Writes as much as there is room for.
        ///
        /// @return whether the whole message is written
        public boolean push() {
            var head = message.head;
            var body = message.body;
            if (written == 0 && !begun && head.length + body.length > most) {
                byte[] size = ByteBuffer.allocate(Integer.BYTES)
                        .putInt(Math.addExact(head.length, body.length))
                        .array();
                if (!pipe.write(message.kind | SIZE | MORE, size, 0, size.length)) {
                    return false;
                }
                begun = true;
            }
            while (written >= 0) {
                byte[] front = written == 0 ? head : NOTHING;
                int length = Math.min(body.length - written, most - front.length);
                boolean last = written + length == body.length;
                if (!pipe.write(last ? message.kind : message.kind | MORE, front, body, written, length)) {
                    return false;
                }
                written = last ? -1 : written + length;
            }
            message = new Message(0, NOTHING, NOTHING);
            return true;
        }
    }

    /// Reads one message after the other without waiting. Used by one thread.
    public static final class Reader {
        private final RecordPipe pipe;
        private byte[] body = NOTHING;
        private int length;

        /// @param pipe where from
        public Reader(RecordPipe pipe) {
            this.pipe = pipe;
        }

        /// Whether there is something to read.
        public boolean isReady() {
            return !pipe.isEmpty();
        }

        /// Reads what is there; frees room whether a message is complete or not.
        ///
        /// @return the next complete message, or null
        public @Nullable Message poll() {
            while (pipe.next()) {
                int type = pipe.type();
                if ((type & SIZE) != 0) {
                    byte[] size = new byte[Integer.BYTES];
                    pipe.copy(size, 0);
                    body = new byte[Math.max(0, ByteBuffer.wrap(size).getInt())];
                    length = 0;
                    pipe.advance();
                    continue;
                }
                if (length == 0 && (type & MORE) == 0) {
                    body = new byte[pipe.length()];
                }
                if (pipe.length() > body.length - length) {
                    throw new IllegalStateException("A message of %d bytes has a part of %d bytes where %d are missing"
                            .formatted(body.length, pipe.length(), body.length - length));
                }
                pipe.copy(body, length);
                length += pipe.length();
                pipe.advance();
                if ((type & MORE) == 0) {
                    var message = new Message(type, NOTHING, body);
                    body = NOTHING;
                    length = 0;
                    return message;
                }
            }
            return null;
        }
    }
}
