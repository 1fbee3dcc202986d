package io.github.procession.internal.supervise;

import io.github.procession.internal.launch.JavaCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The file in which a JVM describes its own crash (`hs_err`).
///
/// @param path   where it is
/// @param signal the signal that it reports; SIGABRT if it reports an error of another kind
record ErrorReport(String path, int signal) {
    private static final Pattern SIGNAL = Pattern.compile("SIG[A-Z0-9]+ \\(0x([0-9a-f]+)\\)");
    private static final int HEAD = 4096;
    private static final int ABORTED = 6;

    /// The report of a process that has ended; null if it wrote none since an instant.
    static @Nullable ErrorReport of(long pid, Instant since) {
        var path = JavaCommand.errorFile(Long.toString(pid));
        try {
            if (!Files.exists(path)
                    || Files.getLastModifiedTime(path).toInstant().isBefore(since)) {
                return null; // or one of an earlier process with this id
            }
            return new ErrorReport(path.toString(), signal(path));
        } catch (IOException e) {
            return new ErrorReport(path.toString(), ABORTED);
        }
    }

    private static int signal(Path path) throws IOException {
        try (var in = Files.newInputStream(path)) {
            var found = SIGNAL.matcher(new String(in.readNBytes(HEAD), StandardCharsets.UTF_8));
            return found.find() ? Integer.parseInt(found.group(1), 16) : ABORTED;
        }
    }
}
