package io.github.procession.internal.os;

import java.io.IOException;
import java.nio.file.Path;

/// Files that one process makes and every process of its tree can open and map: shared memory, and what children read
/// while they boot. Nothing of them is left when the tree has ended. Safe for use by any thread.
///
/// A file has a number that means something together with its maker's process id.
public abstract sealed class TreeFiles permits MemoryFiles, DirectoryFiles {
    static {
        StandardStreams.occupy();
    }

    TreeFiles() {}

    /// Those of this tree.
    public static TreeFiles here() {
        return Chosen.HERE;
    }

    /// Makes an empty file, which only processes of this user can open.
    ///
    /// @param label what it is called where somebody sees it
    /// @return its number in this process
    /// @throws OsException if the system refuses
    public abstract int make(String label);

    /// Makes room for a range of a file of this process, all zero, so that touching it later cannot fail.
    ///
    /// @throws OsException if there is none
    public abstract void reserve(int file, long offset, long bytes);

    /// The size of a file of this process is what it will stay.
    public abstract void fix(int file);

    /// The contents of a file of this process are what they will stay.
    public abstract void fixContents(int file);

    /// Nobody will open a file of this process any more. Who has mapped it keeps it.
    public abstract void close(int file);

    /// Where a file is opened by this process or another.
    ///
    /// @param maker the process that made it
    public abstract Path path(long maker, int file);

    /// Where a file of this process is opened.
    public final Path path(int file) {
        return path(ProcessHandle.current().pid(), file);
    }

    /// Checks that what was opened at a path is a file of a tree: a maker that is gone may have left its number to another
    /// process. Whoever has it after it has been opened had it before.
    ///
    /// @throws IOException if it is not
    public abstract void verify(Path path) throws IOException;

    private static final class Chosen {
        static final TreeFiles HERE = Basis.isPortable() ? new DirectoryFiles() : new MemoryFiles();
    }
}
