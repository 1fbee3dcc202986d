package io.github.procession.internal.waiting;

import static io.github.procession.internal.waiting.WaitPointLayout.ALL;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The threads of this process that are parked at one wait point, and what their parker knows of it.
final class Watch {

    /*
     * Each parked thread is counted as a waiter of the point by itself; the parker stands in for all of them in the
     * kernel, where it uses up at most one wake at a time. It therefore goes by how far seq has come since it last
     * looked: at least as many threads must look again as there were signals, and all if one of them was for all. Other
     * processes may have been woken by some of these signals, then one of ours looks in vain.
     *
     *   (K) known is never ahead of the seq that a parked thread saw before its last attempt,
     *
     * for a thread is only taken in while seq still is what it saw, and known is what seq was at some earlier time. So a
     * signal that a parked thread has not seen shows as a difference to known.
     *
     * The parker may be woken when the last thread has just left, by interrupt or limit. The leaver has passed a wake
     * on, but that may have been before the one that the parker used up: so the parker passes that one on as well.
     *
     * Everything is guarded by this, a monitor that is held for short and never across a call to the kernel that waits.
     */

    private final WaitPoint point;
    private final ArrayDeque<Thread> parked = new ArrayDeque<>();
    private @Nullable Parker parker;
    private int known;

    Watch(WaitPoint point) {
        this.point = point;
    }

    /// Parks the current virtual thread while seq is `seen`, until the deadline, an interrupt, or for no reason.
    void park(int seen, long deadline) {
        Thread self = Thread.currentThread();
        if (!takeIn(self, seen)) {
            return;
        }
        try {
            parkUntil(point, deadline);
        } finally {
            takeOut(self);
        }
    }

    /// Takes a thread in that is about to park.
    ///
    /// @return false if seq is no longer what the thread saw
    synchronized boolean takeIn(Thread thread, int seen) {
        if (point.seq() != seen) {
            return false;
        }
        if (parker == null) {
            known = seen;
            callForParker();
        }
        parked.add(thread);
        return true;
    }

    /// A parker keeps the memory from being unmapped as long as it watches.
    private void callForParker() {
        point.enterAlong();
        try {
            parker = Parker.watch(this);
        } finally {
            if (parker == null) {
                point.leave();
            }
        }
    }

    /// Parks until somebody unparks this thread, until the deadline, an interrupt, or for no reason.
    static void parkUntil(Object blocker, long deadline) {
        if (Parker.isEnding()) {
            LockSupport.parkNanos(blocker, Parker.LOOK_EVERY_NANOS);
        } else if (deadline == Long.MAX_VALUE) {
            LockSupport.park(blocker);
        } else {
            LockSupport.parkNanos(blocker, deadline - System.nanoTime());
        }
    }

    /// A thread does not park any more.
    synchronized void takeOut(Thread thread) {
        parked.remove(thread);
    }

    // ---- the parker ----------------------------------------------------------------------------------------------

    /// Lets those go on who have to look again, and says whether there is still someone to watch for. If not, the parker
    /// has let go of the point; a later thread calls for one anew.
    synchronized boolean look() {
        int signals = signals();
        int woken = 0;
        while (!parked.isEmpty() && (isForAll(signals) || woken < signals)) {
            LockSupport.unpark(parked.remove());
            woken++;
        }
        if (!parked.isEmpty()) {
            return true;
        }
        letGo(signals != 0 && woken == 0);
        return false;
    }

    /// Lets everybody go on and lets go, as the parker ends.
    synchronized void end() {
        while (!parked.isEmpty()) {
            LockSupport.unpark(parked.remove());
        }
        letGo(true);
    }

    /// How far seq has come since the last look.
    private int signals() {
        try {
            int now = point.seq();
            int signals = now - known;
            known = now;
            return signals;
        } catch (IllegalStateException unmapped) {
            return ALL; // the threads run into the same when they look again
        }
    }

    private static boolean isForAll(int signals) {
        return Integer.compareUnsigned(signals, ALL) >= 0;
    }

    private void letGo(boolean hasUsedUpAWake) {
        parker = null;
        try {
            if (hasUsedUpAWake) {
                point.signal();
            }
        } catch (IllegalStateException unmapped) {
            // race: closed by its owner without closing the point; nobody is there to be woken
        } finally {
            point.leave();
        }
    }

    /// The seq that the parker may sleep on. Written while no parker has this watch, or by that parker.
    int known() {
        return known;
    }

    MemorySegment word() {
        return point.seqWord();
    }
}
