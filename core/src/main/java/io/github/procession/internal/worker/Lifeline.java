package io.github.procession.internal.worker;

import io.github.procession.internal.os.Kinship;
import io.github.procession.internal.os.Threads;
import io.github.procession.internal.wire.Link;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// Ends this process when its parent or the root is gone.
///
/// Two mechanisms, each enough alone: the links to both reach end of file, and the kernel sends SIGKILL when the parent's
/// spawning thread ends. The second catches a JVM that cannot run its threads any more; the first works from the first
/// moment, needs no linker, and sees a root that is not the parent; on a portable basis it is the only one. So of a process
/// that is stopped by a signal in its first moments, before the kernel knows, and whose parent then dies, something is left:
/// it ends when it is continued.
final class Lifeline {
    /// Exit code of a process that ended because its parent was gone.
    static final int ORPHANED = 113;

    /// Names the mechanisms that are switched on, for the tests that try each alone: `both`, `link`, `kernel`.
    private static final String MODE = System.getProperty("io.github.procession.lifeline", "both");

    private static final AtomicBoolean HELD_BY_KERNEL = new AtomicBoolean();

    private Lifeline() {}

    /// Halts when the other side of the link is gone.
    static void hold(Link link) {
        if (!MODE.equals("kernel")) {
            link.closed().thenRun(() -> Runtime.getRuntime().halt(ORPHANED));
        }
    }

    /// Has the kernel end this process with its parent, and takes it out of the terminal's process group, so that Ctrl-C
    /// reaches the root alone. Links native functions: runs in the background. Idempotent.
    ///
    /// @implNote The kernel keeps the wish with the thread that spoke it, and forgets it with that thread: so this one never
    ///     ends.
    static void holdByKernel(long parentPid) {
        if (HELD_BY_KERNEL.getAndSet(true)) {
            return;
        }
        Threads.daemon("procession-lifeline", () -> {
            Kinship.leaveTerminal();
            if (MODE.equals("link")) {
                return;
            }
            if (!Kinship.dieWith(parentPid)) {
                Runtime.getRuntime().halt(ORPHANED);
            }
            while (true) {
                LockSupport.park();
                var _ = Thread.interrupted(); // somebody who interrupts every thread would make it spin
            }
        });
    }
}
