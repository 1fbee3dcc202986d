package io.github.procession.internal.wire;

import io.github.procession.internal.wire.Outcome.Description;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The bytes of what a task returned or threw.
///
/// ```text
///   RETURNED value…                               (Codec)
///   THREW    where | description | n4 stream…     n = 0 when the throwable itself cannot be serialized
/// ```
public final class Outcomes {
    private static final byte RETURNED = 0;
    private static final byte THREW = 1;

    private Outcomes() {}

    /// The bytes of a result that the codec has written.
    public static byte[] returned(byte[] value) {
        byte[] bytes = new byte[value.length + 1];
        bytes[0] = RETURNED;
        System.arraycopy(value, 0, bytes, 1, value.length);
        return bytes;
    }

    /// What comes before a result.
    public static byte[] returned() {
        return new byte[] {RETURNED};
    }

    /// The bytes of a failure. Never fails itself: what cannot be serialized is described.
    ///
    /// @param where the process, for people
    public static byte[] threw(Codec codec, Throwable failure, String where) {
        byte[] stream;
        String why;
        try {
            var shipment = new Shipment();
            stream = codec.write(failure, "exception", shipment);
            why = "its class or something in it could not be rebuilt in the receiving process";
            if (!shipment.ids().isEmpty()) {
                stream = new byte[0];
                why = "it holds handles of shared objects";
            }
        } catch (Throwable t) { // user code runs in there (writeObject, getMessage)
            stream = new byte[0];
            why = "it cannot be serialized: " + safely(t, Throwable::toString);
        }
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(THREW);
            string(out, where);
            write(out, describe(failure, why, 0));
            out.writeInt(stream.length);
            out.write(stream);
        } catch (IOException e) {
            throw new AssertionError("in memory", e);
        }
        return bytes.toByteArray();
    }

    /// Reads either. Fails only for a result that cannot be rebuilt, and then as the outcome says.
    public static Outcome read(Codec codec, byte[] bytes) throws IOException {
        return read(codec, bytes, 0);
    }

    /// The same for one that begins at an index.
    public static Outcome read(Codec codec, byte[] bytes, int from) throws IOException {
        if (from >= bytes.length) {
            throw new IOException("An outcome of no bytes");
        }
        if (bytes[from] == RETURNED) {
            return result(codec, bytes, from + 1);
        }
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes, from + 1, bytes.length - from - 1))) {
            String where = string(in);
            var description = description(in);
            byte[] stream = bytes(in);
            if (stream.length > 0) {
                try {
                    if (codec.read(stream) instanceof Throwable failure) {
                        return new Outcome.Threw(failure, where);
                    }
                } catch (Exception | LinkageError | StackOverflowError e) {
                    return new Outcome.ThrewForeign(because(description, e), where);
                }
            }
            return new Outcome.ThrewForeign(description, where);
        }
    }

    /// Reads a result.
    static Outcome result(Codec codec, byte[] bytes, int from) {
        try {
            return new Outcome.Returned(codec.read(bytes, from));
        } catch (Exception | LinkageError | StackOverflowError e) {
            return new Outcome.Threw(
                    new IllegalStateException("The task returned, but its result cannot be rebuilt here: " + e, e),
                    "this process");
        }
    }

    private static Description because(Description d, Throwable e) {
        return new Description(d.className(), d.message(), d.trace(), d.causes(), safely(e, Throwable::toString));
    }

    private static Description describe(Throwable failure, String why, int depth) {
        List<Description> causes = new ArrayList<>();
        var cause = cause(failure);
        if (cause != null && depth < 20) {
            var described = describe(cause, "", depth + 1);
            causes.add(described);
            causes.addAll(described.causes());
        }
        return new Description(
                failure.getClass().getName(),
                safely(failure, Throwable::getMessage),
                depth == 0 ? safely(failure, Outcomes::trace) : "",
                causes,
                why);
    }

    /// The cause, as far as the class of the failure, which a user may have written badly, gives it away.
    private static @Nullable Throwable cause(Throwable failure) {
        try {
            return failure.getCause();
        } catch (Throwable _) {
            return null;
        }
    }

    private static String trace(Throwable failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /// Calls a method that a user may have overridden badly.
    private static String safely(Throwable failure, Function<Throwable, @Nullable String> method) {
        try {
            String text = method.apply(failure);
            return text == null ? "" : text;
        } catch (Throwable _) {
            return failure.getClass().getName();
        }
    }

    private static void write(DataOutputStream out, Description d) throws IOException {
        string(out, d.className());
        string(out, d.message() == null ? "" : d.message());
        string(out, d.trace());
        string(out, d.why());
        out.writeInt(d.causes().size());
        for (var cause : d.causes()) {
            string(out, cause.className());
            string(out, cause.message() == null ? "" : cause.message());
        }
    }

    private static Description description(DataInputStream in) throws IOException {
        String className = string(in);
        String message = string(in);
        String trace = string(in);
        String why = string(in);
        var causes = new ArrayList<Description>();
        for (int n = in.readInt(); n > 0; n--) {
            causes.add(new Description(string(in), string(in), "", List.of(), ""));
        }
        return new Description(className, message, trace, causes, why);
    }

    private static void string(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String string(DataInputStream in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) { // which is exact, of bytes in memory
            throw new IOException(
                    "A part of an outcome of %d bytes where %d are left".formatted(length, in.available()));
        }
        return in.readNBytes(length);
    }
}
