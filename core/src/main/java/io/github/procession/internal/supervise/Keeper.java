package io.github.procession.internal.supervise;

import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.os.Threads;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What a JVM owes its children when it ends: it waits for those that are not daemons, and stops the others.
///
/// A non-daemon thread lives as long as a non-daemon child does, so that the JVM does not end before it. It is no
/// shutdown hook: SIGTERM, or `System.exit`, ends the JVM without waiting, and the children with it.
final class Keeper {
    private static final long STOP_MILLIS = 1000;

    private static final Set<Child> LIVE = new HashSet<>(); // guarded by Keeper.class
    private static int kept; // non-daemons among them; guarded by Keeper.class
    private static @Nullable Thread thread; // guarded by Keeper.class

    static {
        AtExit.first(Keeper::stopAll);
    }

    private Keeper() {}

    static synchronized void add(Child child) {
        LIVE.add(child);
        if (!child.daemon()) {
            kept++;
            if (thread == null) {
                thread = Threads.start(Thread.ofPlatform()
                        .daemon(false)
                        .name("procession-keeper")
                        .unstarted(Keeper::keep));
            }
        }
    }

    /// @return whether it was the last
    static synchronized boolean remove(Child child) {
        if (LIVE.remove(child) && !child.daemon()) {
            kept--;
            Keeper.class.notifyAll();
        }
        return LIVE.isEmpty();
    }

    /// The children of this process that are alive.
    static synchronized List<Child> live() {
        return List.copyOf(LIVE);
    }

    private static synchronized void keep() {
        while (kept > 0) {
            try {
                Keeper.class.wait();
            } catch (InterruptedException e) {
                break; // somebody wants this JVM to end
            }
        }
        thread = null;
    }

    private static void stopAll() {
        var left = live();
        left.forEach(Child::terminateAtExit);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STOP_MILLIS);
        for (var child : left) {
            child.awaitExit(deadline);
        }
    }
}
