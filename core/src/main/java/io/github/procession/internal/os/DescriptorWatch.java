package io.github.procession.internal.os;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// Watches processes through descriptors of them (pidfd), which become readable when they end.
final class DescriptorWatch extends Deathwatch {
    private final PollSet processes = new PollSet();
    private final Map<Integer, Integer> numberOf = new HashMap<>(); // by descriptor; guarded by this

    @Override
    public boolean watch(int number, long pid) {
        int descriptor;
        try {
            descriptor = Os.pidfd(pid);
        } catch (OsException e) {
            if (e.errno() == Errno.ESRCH) {
                return false;
            }
            throw e;
        }
        synchronized (this) {
            numberOf.put(descriptor, number);
        }
        processes.add(descriptor);
        return true;
    }

    @Override
    public void isGone(int number, long pid) {
        // its descriptor says so
    }

    @Override
    public void isGone(int number) {
        // the same
    }

    @Override
    public void ring() {
        processes.ring();
    }

    @Override
    public int[] await(int timeoutMillis) {
        int[] ended = processes.await(timeoutMillis);
        for (int i = 0; i < ended.length; i++) {
            ended[i] = closed(ended[i]);
        }
        return ended;
    }

    private synchronized int closed(int descriptor) {
        int number = Objects.requireNonNull(numberOf.remove(descriptor));
        processes.remove(descriptor);
        Os.close(descriptor);
        return number;
    }

    @Override
    public boolean isOpen() {
        return processes.isOpen();
    }
}
