package io.github.procession.internal.os;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Watches processes as the JDK does: a child is waited for, of any other process it looks every few seconds whether it is
/// there. The latter is told of sooner by who has a socket to it: see [Cable#isOtherSideGone()].
final class HandleWatch extends Deathwatch {
    /*
     * Why the end of a socket is the end of a process: the system closes a process's descriptors when none of its threads is
     * left that could run any of its code. A foreign program that inherited the descriptor delays the news, no more.
     */
    private final Map<Integer, Long> watched =
            new HashMap<>(); // process ids by number; guarded by this, like all below
    private final List<Integer> ended = new ArrayList<>();
    private boolean rung;
    private boolean open = true;

    HandleWatch() {
        AtExit.last(this::close);
    }

    @Override
    public boolean watch(int number, long pid) {
        var process = ProcessHandle.of(pid).orElse(null);
        if (process == null) {
            return false;
        }
        synchronized (this) {
            watched.put(number, pid);
        }
        process.onExit().thenRun(() -> isGone(number, pid));
        return true;
    }

    @Override
    public synchronized void isGone(int number, long pid) {
        if (watched.remove(number, pid)) { // race: else that is another process's number by now
            ended.add(number);
            notifyAll();
        }
    }

    @Override
    public synchronized void isGone(int number) {
        if (watched.remove(number) != null) {
            ended.add(number);
            notifyAll();
        }
    }

    @Override
    public synchronized void ring() {
        rung = true;
        notifyAll();
    }

    @Override
    public synchronized int[] await(int timeoutMillis) {
        boolean late = false;
        while (open && !rung && !late && ended.isEmpty()) {
            try {
                wait(Math.max(0, timeoutMillis)); // 0 is no limit
                late = timeoutMillis >= 0; // or woken for nothing, which does no harm

            } catch (InterruptedException e) {
                // nobody has a reason to interrupt this thread; it goes on
            }
        }
        rung = false;
        int[] numbers = ended.stream().mapToInt(Integer::intValue).toArray();
        ended.clear();
        return numbers;
    }

    @Override
    public synchronized boolean isOpen() {
        return open;
    }

    private synchronized void close() {
        open = false;
        notifyAll();
    }
}
