package io.github.procession.internal.os;

import java.util.HashMap;
import java.util.Map;

/// Watches processes through descriptors of them (pidfd), which become readable when they end.
final class DescriptorWatch extends Deathwatch {
    /*
     * Numbers are found before anything is taken out, and what fails then is left to a later round: so no end is lost, nor told
     * twice.
     */
    private static final int NONE = 0; // of a descriptor that could not be taken out when it had been told

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
        int[] descriptors = processes.await(timeoutMillis);
        int[] ended = numbers(descriptors);
        for (int descriptor : descriptors) {
            try {
                close(descriptor);
            } catch (RuntimeException | Error e) {
                // it says so again
            }
        }
        return ended;
    }

    private synchronized int[] numbers(int[] descriptors) {
        int[] numbers = new int[descriptors.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = numberOf.getOrDefault(descriptors[i], NONE);
        }
        return numbers;
    }

    private void close(int descriptor) {
        synchronized (this) {
            numberOf.remove(descriptor);
        }
        processes.remove(descriptor);
        Os.close(descriptor);
    }

    @Override
    public boolean isOpen() {
        return processes.isOpen();
    }
}
