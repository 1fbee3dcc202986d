package io.github.procession.internal.ring;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Messages of any length over a [RecordPipe]: a long one goes as several records, all but the last marked.
public final class Parts {
    private static final int MORE = 1 << 16;

    private Parts() {}

    /// A received message.
    public record Message(int kind, byte[] body) {}

    /// Writes one message after the other without waiting. Used by one thread.
    public static final class Writer {
        private final RecordPipe pipe;
        private byte[] body = new byte[0];
        private int kind;
        private int written = -1; // -1: nothing to write

        /// @param pipe where to
        public Writer(RecordPipe pipe) {
            this.pipe = pipe;
        }

        /// Takes a message to write; the one before must be done.
        public void begin(int newKind, byte[] newBody) {
            kind = newKind;
            body = newBody;
            written = 0;
        }

        /// Writes as much as there is room for.
        ///
        /// @return whether the whole message is written
        public boolean push() {
            while (written >= 0) {
                int length = Math.min(body.length - written, pipe.maxRecord());
                boolean last = written + length == body.length;
                if (!pipe.write(last ? kind : kind | MORE, body, written, length)) {
                    return false;
                }
                written = last ? -1 : written + length;
            }
            body = new byte[0];
            return true;
        }
    }

    /// Reads one message after the other without waiting. Used by one thread.
    public static final class Reader {
        private final RecordPipe pipe;
        private byte[] body = new byte[0];
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
                int more = pipe.length();
                boolean last = (pipe.type() & MORE) == 0;
                int kind = pipe.type() & ~MORE;
                makeRoom(length + more, last);
                pipe.copy(body, length);
                length += more;
                pipe.advance();
                if (last) {
                    var message = new Message(kind, body);
                    body = new byte[0];
                    length = 0;
                    return message;
                }
            }
            return null;
        }

        private void makeRoom(int needed, boolean exactly) {
            if (exactly ? body.length != needed : body.length < needed) {
                body = Arrays.copyOf(body, exactly ? needed : Math.max(needed, 2 * body.length));
            }
        }
    }
}
