package io.github.procession.tools;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The inputs of `procession map`, one after the other: arguments, and the lines of standard input where one is `-`. Used by
/// one thread.
final class Inputs {
    private static final String STANDARD_INPUT = "-";

    private final Iterator<String> arguments;
    private final OptionalLong total;
    private final InputStream in;
    private final Charset charset;
    private long lines;
    private boolean reading;

    /// @param arguments none means standard input
    Inputs(List<String> arguments, InputStream in, Charset charset) {
        var all = arguments.isEmpty() ? List.of(STANDARD_INPUT) : arguments;
        this.arguments = all.iterator();
        this.total = all.contains(STANDARD_INPUT) ? OptionalLong.empty() : OptionalLong.of(all.size());
        this.in = new BufferedInputStream(in);
        this.charset = charset;
    }

    /// How many there are, if that is known before they are read.
    OptionalLong total() {
        return total;
    }

    /// The next input, or null when there is none left.
    ///
    /// @throws IOException if standard input cannot be read, or not as text
    @Nullable String next() throws IOException {
        while (true) {
            if (reading) {
                var line = readLine();
                if (line != null) {
                    return line;
                }
                reading = false;
            }
            if (!arguments.hasNext()) {
                return null;
            }
            var argument = arguments.next();
            if (!argument.equals(STANDARD_INPUT)) {
                return argument;
            }
            reading = true;
        }
    }

    /// A line without its end; null at the end of the stream.
    private @Nullable String readLine() throws IOException {
        var bytes = new ByteArrayOutputStream();
        int next;
        while ((next = in.read()) >= 0 && next != '\n') {
            bytes.write(next);
        }
        if (next < 0 && bytes.size() == 0) {
            return null;
        }
        lines++;
        try {
            var line = charset.newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
            return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        } catch (CharacterCodingException e) {
            throw new IOException(
                    "line %d of standard input is not text in %s; if it is in UTF-8, set LC_ALL=C.UTF-8"
                            .formatted(lines, charset),
                    e);
        }
    }
}
