package io.github.procession.internal.worker;

import io.github.procession.internal.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How much memory this process has resident.
final class Resident {
    private static final Path FILE = Path.of("/proc/self/statm");

    private Resident() {}

    /// @return 0 if the system does not say
    static long bytes() {
        try {
            return Long.parseLong(Files.readString(FILE).split(" ", -1)[1]) * Os.pageSize();
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}
