package io.github.procession.internal.waiting;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.procession.internal.os.SharedFile;
import io.github.procession.internal.os.TestJvm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// A process whose threads sleep at a wait point: for permits that others give, or for a ball.
///
/// ```text
///  0    wait point of the permits         256  permits       512  running processes
///  1024 a table for table tennis
/// ```
final class Sleeper {

    static final long BYTES = 1024 + WaitPointTable.BYTES;
    static final long TABLE_AT = 1024;
    static final int THREADS = 4;

    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final long PERMITS_AT = 256;
    private static final long RUNNING_AT = 512;

    private final MemorySegment memory;
    private final WaitPoint point;

    Sleeper(MemorySegment memory) {
        this.memory = memory;
        this.point = new WaitPoint(memory, 0);
    }

    public static void main(String[] arguments) throws InterruptedException {
        TestJvm.dieWithParent();
        MemorySegment memory = SharedFile.map(arguments[1], Arena.ofShared());
        Sleeper sleeper = new Sleeper(memory);
        switch (arguments[0]) {
            case "take" -> sleeper.takeForEver(Boolean.parseBoolean(arguments[2]));
            case "play" -> sleeper.table().returnAll(Integer.parseInt(arguments[2]), 17);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private void takeForEver(boolean virtual) throws InterruptedException {
        for (int i = 0; i < THREADS; i++) {
            (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(() -> {
                while (take(Long.MAX_VALUE)) {}
            });
        }
        LONG.getAndAdd(memory, RUNNING_AT, 1L);
        Thread.sleep(Long.MAX_VALUE);
    }

    /// Takes a permit.
    boolean take(long deadline) {
        try {
            return point.await(
                    () -> {
                        long permits = (long) LONG.getVolatile(memory, PERMITS_AT);
                        return permits > 0 && LONG.compareAndSet(memory, PERMITS_AT, permits, permits - 1);
                    },
                    deadline);
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    void give() {
        LONG.getAndAdd(memory, PERMITS_AT, 1L);
        point.signal();
    }

    long permits() {
        return (long) LONG.getVolatile(memory, PERMITS_AT);
    }

    long running() {
        return (long) LONG.getVolatile(memory, RUNNING_AT);
    }

    long waiters() {
        return WaitPointLayout.count((long) LONG.getVolatile(memory, WaitPointLayout.WAITERS_AT));
    }

    void repair() {
        point.repair();
    }

    WaitPointTable table() {
        return new WaitPointTable(memory.asSlice(TABLE_AT, WaitPointTable.BYTES));
    }
}
