package io.github.procession.internal.supervise;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.ring.BellBlock;
import io.github.procession.internal.shared.SharedBlock;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// Who is at work for a pool: its own thread, or one that asks something of it or waits for a result, one at a time. Safe for
/// use by any thread.
final class Duty {
    /*
     *   own thread   sleeps at the bell's watch,  does everything
     *   who asks     does what is quick, if nobody is at work; else wakes the own thread, which does it
     *   who waits    sleeps at the bell's help and does what is quick, in place of the own thread, which sleeps on
     *
     * What others do may be what he waits for, so that they rouse him.
     *
     * So one task costs two wake-ups, that of the worker and that of who waits for its result, as it does with threads; two
     * more if the own thread had to be in between. What is not quick, or may fail for reasons of the thread (an interrupt,
     * a stack that is almost full), is left to the own thread.
     *
     * Locks are taken in the order: helping, lock, gate. The bell is rung only by who keeps the block from being closed:
     * under the lock or the gate as long as it is not over, or while helping.
     */
    private static final int ROOM_ON_STACK = 24; // calls, of some 200 bytes at least

    private final SharedBlock block = SharedBlock.create(ObjectKind.BELL, BellBlock.BYTES);
    private final BellBlock bell = BellBlock.over(block.memory());
    private final ReentrantLock lock = new ReentrantLock();
    private final Semaphore helping = new Semaphore(1);
    private final Object gate = new Object();
    private boolean over; // guarded by both the lock and the gate
    private volatile boolean helped;

    /// What there is to do.
    interface Work {
        /// Does what is quick. Must not fail.
        ///
        /// @return whether there is something that is not
        boolean quick();
    }

    private final Work work;

    Duty(Work work) {
        this.work = work;
    }

    /// Where workers ring.
    long bell() {
        return block.id();
    }

    // ---- the own thread
    // ----------------------------------------------------------------------------------------------

    /// Repeats all of the work until it comes to something, sleeping in between.
    ///
    /// @param pass     is called on duty
    /// @param deadline in terms of [System#nanoTime()]
    void await(BooleanSupplier pass, long deadline) throws InterruptedException {
        bell.watch()
                .await(
                        () -> {
                            boolean progress = call(pass);
                            if (progress && helped) {
                                bell.help().signalAll();
                            }
                            return progress;
                        },
                        deadline);
    }

    /// Does something on duty.
    boolean call(BooleanSupplier action) {
        lock.lock();
        try {
            return action.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }

    /// There will be nothing more to do. Who helps is sent away.
    void end() {
        lock.lock();
        try {
            synchronized (gate) {
                over = true;
            }
        } finally {
            lock.unlock();
        }
        bell.watch().close();
        bell.help().close();
        helping.acquireUninterruptibly(); // and never given back
        block.close();
    }

    // ---- any other thread
    // --------------------------------------------------------------------------------------------

    /// Wakes the own thread.
    void wake() {
        synchronized (gate) {
            if (!over) {
                bell.watch().signal();
            }
        }
    }

    /// Something was asked that is quick: does it, or has it done.
    void serve() {
        if (!hasRoomOnStack() || !lock.tryLock()) {
            wake();
            return;
        }
        try {
            quick();
            if (helped && !over) {
                bell.help().signalAll();
            }
        } finally {
            lock.unlock();
        }
        // race: what was asked while this thread had the lock has woken the own thread
    }

    /// Has who helps look whether what it waits for is so.
    void rouse() {
        if (helped) {
            synchronized (gate) {
                if (!over) {
                    bell.help().signalAll();
                }
            }
        }
    }

    /// Works until something is so. Returns at once where another helps already, or it is not worth it.
    ///
    /// @param done     looked at after each step; must be quick
    /// @param deadline in terms of [System#nanoTime()], or [Long#MAX_VALUE] for no limit
    void help(BooleanSupplier done, long deadline) throws InterruptedException {
        if (Thread.currentThread().isVirtual() || !hasRoomOnStack() || !helping.tryAcquire()) {
            return; // a virtual thread would sleep by means of another
        }
        try {
            helped = true;
            bell.setHelped(true);
            try {
                bell.help().await(() -> step(done), deadline);
            } catch (IllegalStateException e) {
                // the pool has ended
            } finally {
                bell.setHelped(false);
                helped = false;
                quickly(); // what was published before that is nobody else's to see
            }
        } finally {
            helping.release();
        }
    }

    private boolean step(BooleanSupplier done) {
        if (done.getAsBoolean()) {
            return true;
        }
        quickly();
        return done.getAsBoolean();
    }

    private void quickly() {
        lock.lock();
        try {
            quick();
        } finally {
            lock.unlock();
        }
    }

    private void quick() {
        if (!over && work.quick()) {
            bell.watch().signal();
        }
    }

    /// A thread whose stack is almost full must not fail halfway through something that is everybody's.
    private static boolean hasRoomOnStack() {
        try {
            return descend(ROOM_ON_STACK, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16) != 0;
        } catch (StackOverflowError e) {
            return false;
        }
    }

    /// So many arguments that most of them lie on the stack.
    private static long descend(
            int calls,
            long a,
            long b,
            long c,
            long d,
            long e,
            long f,
            long g,
            long h,
            long i,
            long j,
            long k,
            long l,
            long m,
            long n,
            long o,
            long p) {
        return calls == 0
                ? a
                : descend(calls - 1, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, a) + 1; // not in tail position
    }
}
