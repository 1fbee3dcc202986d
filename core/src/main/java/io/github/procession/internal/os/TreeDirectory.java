package io.github.procession.internal.os;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The private directory of a portable tree: made by the root, removed by the root, and swept by the next root of the same
/// user if this one was killed.
public final class TreeDirectory {
    /*
     * A directory is in use while somebody holds the lock on the file `lock` in it; the system frees that with the process.
     *
     *   root      make the directory;  make the lock file, which must be new;  lock it;  look whether it is still there
     *   sweeper   open the lock file;  lock it;  delete the other files, it, and the directory
     *             if there is none: delete the directory if it is empty
     *
     * race: a sweeper finds a directory that is being made. Either the root cannot make the lock file, or cannot lock it, or
     * finds it gone: then it makes another directory. Or the sweeper cannot lock it. Nobody makes a lock file a second time in
     * a directory, so one that is there and locked is safe. Two sweepers of one directory help each other.
     *
     * A lock of this kind belongs to the process, and goes when the process closes *any* descriptor of the file. So no
     * process opens the lock file of its own directory a second time, to read it for instance.
     */
    private static final String PREFIX = "procession-";
    private static final String LOCK = "lock";
    private static final String MADE = "io.github.procession.directories"; // a property: the names made by this process
    private static final int ATTEMPTS = 100;
    private static final int NAMES = 1_000_000_000; // short ones: those of sockets are limited

    private static final List<FileChannel> HELD = new ArrayList<>(); // to this process's end; guarded by the class

    private TreeDirectory() {}

    /// Makes one in the folder for temporary files, and sweeps what is left there.
    ///
    /// @throws OsException if that folder is full, or cannot be written to
    /// @throws IllegalStateException if another user could put something in its place there
    static synchronized Path make() {
        var base = base();
        var random = new SecureRandom();
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                var made = base.resolve(PREFIX + ProcessHandle.current().pid() + "-" + random.nextInt(NAMES));
                var lock = makeAndHold(made);
                if (lock != null) {
                    if (!Access.isOutOfReach(made.toRealPath())) {
                        lock.close();
                        removeOwn(made);
                        throw new IllegalStateException(
                                "The processes of a portable tree need a folder for temporary files in which nobody else can replace what is theirs, and %s, or a folder above it, is another user's, or can be written to by others without the sticky bit. Name another (-Djava.io.tmpdir)."
                                        .formatted(base));
                    }
                    HELD.add(lock);
                    AtExit.last(() -> removeOwn(made));
                    sweep(made);
                    return made;
                }
            }
            throw new IOException("others remove it each time");
        } catch (IOException e) {
            throw OsException.of("Making a directory in " + base, e);
        }
    }

    private static Path base() {
        String folder = System.getProperty("java.io.tmpdir");
        try {
            return Path.of(folder).toAbsolutePath();
        } catch (InvalidPathException e) { // a letter that this process's locale does not have
            throw new IllegalStateException(
                    "The processes of a portable tree need the folder for temporary files, and %s cannot be opened in this locale: %s. Name another (-Djava.io.tmpdir), or set a locale that has its letters (LC_ALL=C.UTF-8)."
                            .formatted(folder, e.getReason()),
                    e);
        }
    }

    /// Removes what roots of this user that are gone have left beside this tree's directory, as the next root would.
    public static void sweep() {
        sweep(DirectoryFiles.directory());
    }

    /// @return null if somebody has that name already, or a sweeper has come between
    private static @Nullable FileChannel makeAndHold(Path made) throws IOException {
        var file = made.resolve(LOCK);
        String name = String.valueOf(made.getFileName());
        System.getProperties().merge(MADE, name, (before, _) -> before + " " + name);
        try {
            Files.createDirectory(made, DirectoryFiles.onlyOwner("rwx------"));
            var channel = FileChannel.open(file, DirectoryFiles.NEW, DirectoryFiles.PRIVATE);
            if (channel.tryLock() != null && Files.exists(file)) {
                return channel;
            }
            channel.close();
        } catch (FileAlreadyExistsException e) {
            // a link that somebody has put there included
        } catch (NoSuchFileException e) {
            if (!Files.isDirectory(Objects.requireNonNull(made.getParent()))) {
                throw e;
            } // else a sweeper has removed the directory
        }
        return null;
    }

    private static synchronized void sweep(Path own) {
        var ours = List.of(System.getProperty(MADE, "").split(" "));
        for (var directory : directories(own)) {
            if (ours.contains(directory.getFileName().toString())) {
                continue; // perhaps of another copy of this library in this process, whose lock would go
            }
            try (var channel = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE)) {
                if (channel.tryLock() != null) {
                    remove(directory);
                }
            } catch (NoSuchFileException e) {
                removeIfEmpty(directory);
            } catch (IOException | OverlappingFileLockException e) {
                // it stays, for the next
            }
        }
    }

    private static void removeIfEmpty(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            // its root has just made the lock file
        }
    }

    /// The directories of trees of this user.
    private static List<Path> directories(Path own) {
        var found = new ArrayList<Path>();
        try (var entries =
                Files.newDirectoryStream(Objects.requireNonNull(own.getParent()), PREFIX + "[0-9]*-[0-9]*")) {
            var user = Files.getOwner(own);
            for (var entry : entries) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
                        && Files.getOwner(entry, LinkOption.NOFOLLOW_LINKS).equals(user)) {
                    found.add(entry);
                }
            }
        } catch (IOException | RuntimeException e) {
            // what is left stays left
        }
        return found;
    }

    /// Removes a directory that this process has locked.
    private static void remove(Path directory) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try (var entries = Files.newDirectoryStream(directory)) {
                for (var entry : entries) {
                    if (!entry.getFileName().toString().equals(LOCK)) {
                        Files.deleteIfExists(entry);
                    }
                }
                Files.deleteIfExists(directory.resolve(LOCK));
                Files.deleteIfExists(directory);
                return;
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            } catch (DirectoryNotEmptyException e) {
                // race: a child that is about to end has made a file
            }
        }
    }

    private static void removeOwn(Path directory) {
        try {
            remove(directory);
        } catch (IOException e) {
            // it stays, for the next
        }
    }
}
