package io.github.procession.internal.supervise;

import io.github.procession.internal.launch.CrashFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The report in which a JVM describes its own crash (`hs_err`).
///
/// @param path   where it is kept; null if it cannot be
/// @param signal the signal that it reports; SIGABRT if it reports an error of another kind
record ErrorReport(@Nullable String path, int signal) {
    private static final Pattern SIGNAL = Pattern.compile("SIG[A-Z0-9]+ \\(0x([0-9a-f]+)\\)");
    private static final int HEAD = 4096;
    private static final int ABORTED = 6;

    /// Keeps the report of a process that has ended; null if it wrote none.
    static @Nullable ErrorReport of(long pid, CrashFile written) {
        int signal = ABORTED;
        try {
            if (!written.isWritten()) {
                return null;
            }
            signal = signal(written.head(HEAD));
            return new ErrorReport(written.keep(pid).toString(), signal);
        } catch (IOException e) {
            return new ErrorReport(null, signal); // no descriptor is left to read it with, or no room to keep it
        }
    }

    private static int signal(byte[] head) {
        var found = SIGNAL.matcher(new String(head, StandardCharsets.UTF_8));
        return found.find() ? Integer.parseInt(found.group(1), 16) : ABORTED;
    }
}
