package io.github.procession.internal.launch;

import io.github.procession.internal.os.TreeFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/// Where the JVM of one child describes its own crash (`hs_err`): a file of the tree, kept until the child
/// is gone. Safe for use by any thread.
///
/// A crashing JVM would write to a file with a name that can be guessed, in a folder where everybody can write, and follow a
/// symbolic link there; and everybody could read what it wrote, of its memory too. So this process gives it the name, when
/// nothing crashes any more.
public final class CrashFile implements AutoCloseable {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final Set<StandardOpenOption> NEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ATTEMPTS = 100;

    private final int file;
    private final AtomicBoolean closed = new AtomicBoolean();

    private CrashFile(int file) {
        this.file = file;
    }

    static CrashFile make() {
        return new CrashFile(TreeFiles.here().make("-crash"));
    }

    /// What makes a JVM write there.
    String flag() {
        return "-XX:ErrorFile=" + path().toString().replace("%", "%%");
    }

    private Path path() {
        return TreeFiles.here().path(file);
    }

    /// Whether there is a report. Only before [#close()], as all below.
    public boolean isWritten() throws IOException {
        return Files.size(path()) > 0;
    }

    /// The beginning of the report.
    public byte[] head(int most) throws IOException {
        try (var in = Files.newInputStream(path())) {
            return in.readNBytes(most);
        }
    }

    /// Keeps it in the folder of temporary files, for this user alone to read: as `hs_err_pidN.log`, or, if somebody has that
    /// name already, as `hs_err_pidN-….log`.
    ///
    /// @throws IOException if it cannot be written there; nothing is left then
    public Path keep(long pid) throws IOException {
        var folder = folder();
        var name = "hs_err_pid" + pid;
        for (int attempt = 0; ; attempt++) {
            var file = folder.resolve(
                    attempt == 0 ? name + ".log" : name + "-" + RANDOM.nextLong(Long.MAX_VALUE) + ".log");
            try (var to =
                    FileChannel.open(file, NEW, OWNER_ALONE)) { // follows no link; what is written is what was made
                copy(file, to);
                return file;
            } catch (FileAlreadyExistsException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void copy(Path file, FileChannel to) throws IOException {
        try (var from = FileChannel.open(path(), StandardOpenOption.READ)) {
            from.transferTo(0, from.size(), to);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private static Path folder() throws IOException {
        try {
            return Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
        } catch (InvalidPathException e) { // a letter that this process's locale does not have
            throw new IOException(e.getMessage(), e);
        }
    }

    /// Nobody will write or read it any more. Idempotent.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            TreeFiles.here().close(file);
        }
    }
}
