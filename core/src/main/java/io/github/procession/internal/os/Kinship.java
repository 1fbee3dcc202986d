package io.github.procession.internal.os;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What the system does about a child process besides running it.
public final class Kinship {
    /// A program that takes itself out of the terminal's reach and becomes the one that follows, if this system has it. The
    /// terminal's Ctrl-C is for the root, also while a child boots, when it has no other answer to it than to end.
    public static final List<String> OUT_OF_REACH = Stream.of("/usr/bin/setsid", "/bin/setsid")
            .filter(program -> Files.isExecutable(Path.of(program)))
            .limit(1)
            .toList();

    private Kinship() {}

    /// Keeps the terminal's Ctrl-C from this process, which is a child.
    public static void leaveTerminal() {
        if (!Basis.isPortable()) {
            Os.newProcessGroup();
        } else if (OUT_OF_REACH.isEmpty()) {
            AtExit.ignoreCtrlC();
        }
    }

    /// Has the system kill this process when the thread of its parent that started it ends, if the system can do that; the
    /// calling thread must not end before.
    ///
    /// @return false if it has ended already
    public static boolean dieWith(long parentPid) {
        if (Basis.isPortable()) {
            return true;
        }
        Os.dieWithParent(Os.SIGKILL);
        return Os.parentPid() == parentPid; // race: it went before the kernel was told
    }
}
