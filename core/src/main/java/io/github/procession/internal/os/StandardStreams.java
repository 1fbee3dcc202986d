package io.github.procession.internal.os;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The descriptors 0, 1 and 2 of this process.
final class StandardStreams {
    /*
     * Who starts a program may have closed them. The next thing that is opened then gets the number: were it shared memory
     * or a link, whatever the program prints would be written into it. So nothing of ours is made before all three are in
     * use; what is printed to one that was closed goes nowhere.
     */
    private static final int COUNT = 3;
    private static final List<RandomAccessFile> KEPT = new ArrayList<>(); // never closed

    private StandardStreams() {}

    /// Occupies those that are closed.
    static synchronized void occupy() {
        try {
            while (isAnyClosed()) { // another thread may get the number first: then it is in use as well
                KEPT.add(new RandomAccessFile(new File("/dev/null"), "rw"));
            }
        } catch (IOException e) {
            // no /dev/null, or no descriptor left, which the next call will say
        }
    }

    private static boolean isAnyClosed() {
        for (int descriptor = 0; descriptor < COUNT; descriptor++) {
            if (!Files.exists(Path.of("/proc/self/fd/" + descriptor), LinkOption.NOFOLLOW_LINKS)) {
                return Files.exists(Path.of("/proc/self/fd"));
            }
        }
        return false;
    }
}
