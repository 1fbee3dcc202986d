package io.github.procession.internal.os;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Files in the private directory of a tree; for systems without anonymous memory that others can open.
///
/// The directory is its user's alone, in the folder for temporary files; the root makes it, and removes it when it ends. A
/// root that is killed leaves it to the next root of this user: see [TreeDirectory].
final class DirectoryFiles extends TreeFiles {
    /*
     *   procession-12345-8301748392/     drwx------   12345: the root's process id
     *       lock                                      held by the root
     *       12345.1                      -rw-------   the first file of process 12345
     *
     * A file is written full of zeros before anybody maps it: that is the only way to have its blocks that every system knows.
     * It goes when its maker says so, whoever has it mapped. What a killed process had made goes with the directory.
     */
    private static final byte[] ZEROS = new byte[64 << 10];

    static final FileAttribute<?>[] PRIVATE = onlyOwner("rw-------");
    static final Set<StandardOpenOption> NEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private static @Nullable Path directory; // guarded by the class

    private final AtomicInteger numbers = new AtomicInteger();

    /// The permissions of something new, where the system knows such.
    static FileAttribute<?>[] onlyOwner(String permissions) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /// The tree's directory. A root makes it when somebody first asks.
    static synchronized Path directory() {
        var known = directory;
        if (known == null) {
            known = Basis.directoryTold();
            if (known == null) {
                known = TreeDirectory.make();
            }
            directory = known;
        }
        return known;
    }

    @Override
    public int make(String label) {
        while (true) {
            int number = numbers.incrementAndGet();
            var path = path(number);
            try {
                FileChannel.open(path, NEW, PRIVATE).close();
                return number;
            } catch (FileAlreadyExistsException e) {
                // an earlier process had this one's id; the next number
            } catch (NoSuchFileException e) {
                throw new OsException("Making " + path, Errno.ENOENT);
            } catch (IOException e) {
                throw OsException.of("Making " + path, e);
            }
        }
    }

    @Override
    public void reserve(int file, long offset, long bytes) {
        var path = path(file);
        if (directory().toFile().getUsableSpace() < bytes) {
            throw new OsException("Writing %,d bytes to %s".formatted(bytes, path), Errno.ENOSPC);
        }
        try (var out = new RandomAccessFile(path.toFile(), "rw")) { // no channel: an interrupt would close it
            out.seek(offset);
            for (long left = bytes; left > 0; left -= ZEROS.length) {
                out.write(ZEROS, 0, (int) Math.min(ZEROS.length, left));
            }
        } catch (IOException e) {
            throw OsException.of("Writing %,d bytes to %s".formatted(bytes, path), e);
        }
    }

    @Override
    public void fix(int file) {
        // no process of this user would change it
    }

    @Override
    public void fixContents(int file) {
        // nor these
    }

    @Override
    public void close(int file) {
        var _ = file(file).delete(); // or it has gone with the directory
    }

    @Override
    public Path path(long maker, int file) {
        return directory().resolve(maker + "." + file);
    }

    private File file(int number) {
        return path(number).toFile();
    }

    @Override
    public void verify(Path path) {
        // nobody else has files there, and no name is used twice
    }
}
