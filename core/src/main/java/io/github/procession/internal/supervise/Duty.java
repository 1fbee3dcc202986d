package io.github.procession.internal.supervise;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.ring.BellBlock;
import io.github.procession.internal.shared.SharedBlock;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

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
     * Who waits again and again is not worth two changes of place each time: after some of them, short after one another, the
     * place stays his while he is away, and the own thread takes naps instead of sleeping, in case he does not come back.
     * Not while others wait as well, for whom a nap is long.
     *
     * So one task costs two wake-ups, that of the worker and that of who waits for its result, as it does with threads; two
     * more if the own thread had to be in between. What is not quick, or may fail for reasons of the thread (an interrupt,
     * a stack that is almost full), is left to the own thread.
     *
     * Locks are taken in the order: helping, lock, gate. The bell is rung only by who keeps the block from being closed:
     * under the lock or the gate as long as it is not over, or while helping.
     */
    private static final long NAP = TimeUnit.MICROSECONDS.toNanos(500);
    private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(1); // time away
    private static final int OFTEN = 16; // times in a row
    private static final long FORGOTTEN =
            TimeUnit.MILLISECONDS.toNanos(10); // who does not come back, or waited as well

    private final SharedBlock block = SharedBlock.create(ObjectKind.BELL, BellBlock.BYTES);
    private final BellBlock bell = BellBlock.over(block.memory());
    private final ReentrantLock lock = new ReentrantLock();
    private final Semaphore helping = new Semaphore(1);
    private final Object gate = new Object();
    private boolean over; // guarded by both the lock and the gate
    private volatile @Nullable Thread helper; // set under the lock
    private volatile boolean asked; // for something quick, that whoever gives up the lock next has to look at
    private volatile boolean told; // the own thread has something to do besides what workers ring for
    private volatile long refusedAt = System.nanoTime() - FORGOTTEN; // somebody had to wait without helping

    // Guarded by the lock:
    private boolean napping; // the own thread; the place is then kept
    private long napEnds; // read by the own thread without it, whose alone it is while it naps
    private long times; // that others have looked for work
    private long timesSeen; // at the end of a nap
    private long seenAt; // when it was other than before
    private int inARow;
    private long leftAt = System.nanoTime();

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

    // ---- the own thread -----------------------------------------------------------------------------------------

    /// Sleeps or naps until there may be work, and does all of it.
    ///
    /// @param pass     is called on duty
    /// @param deadline in terms of [System#nanoTime()]
    void await(BooleanSupplier pass, long deadline) throws InterruptedException {
        if (call(() -> napping)) {
            bell.watch().await(() -> told, Math.min(deadline, napEnds));
            told = false;
            call(this::endNap);
            pass(pass);
        } else {
            bell.watch().await(() -> pass(pass) || call(() -> napping), deadline);
        }
    }

    private boolean pass(BooleanSupplier pass) {
        boolean progress = call(pass);
        if (progress) {
            showHelper();
        }
        return progress;
    }

    /// Keeps the place no longer if nobody has come back to it, or others wait as well. To be followed by a pass.
    private boolean endNap() {
        long now = System.nanoTime();
        if (now - napEnds >= 0) {
            napEnds = now + NAP;
            if (timesSeen != times) {
                timesSeen = times;
                seenAt = now;
            }
            napping = now - seenAt < FORGOTTEN && now - refusedAt > FORGOTTEN;
            if (!napping && helper == null) {
                bell.setHelped(false);
            }
        }
        return napping;
    }

    /// Whether the own thread will look soon in any case, and ask for its deadline. To be called on duty.
    boolean isNapping() {
        return napping;
    }

    /// There will be nothing more to do. Who helps is sent away.
    void end() {
        call(() -> {
            synchronized (gate) {
                over = true;
            }
            return true;
        });
        bell.watch().close();
        bell.help().close();
        helping.acquireUninterruptibly(); // and never given back
        block.close();
    }

    // ---- any thread ---------------------------------------------------------------------------------------------

    /// Does something on duty, and then what was left to do by those who found the place taken.
    boolean call(BooleanSupplier action) {
        lock.lock();
        try {
            return action.getAsBoolean();
        } finally {
            lock.unlock();
            takeOver();
        }
    }

    private void takeOver() {
        while (asked && lock.tryLock()) { // race: whoever holds the lock now comes by here when it does not
            try {
                asked = false;
                quick();
            } finally {
                lock.unlock();
            }
            showHelper();
        }
    }

    // ---- any other thread ---------------------------------------------------------------------------------------

    /// Wakes the own thread.
    void wake() {
        synchronized (gate) {
            if (!over) {
                tell();
            }
        }
    }

    private void tell() {
        told = true;
        bell.watch().signal();
    }

    /// Something was asked that is quick: does it, or has it done.
    void serve() {
        if (StackRoom.isThere()) {
            asked = true;
            takeOver();
        } else {
            wake();
        }
    }

    /// Has who helps look whether what it waits for is so.
    void rouse() {
        showHelper();
    }

    private void showHelper() {
        var other = helper;
        if (other != null && other != Thread.currentThread()) {
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
        if (Thread.currentThread().isVirtual() || !StackRoom.isThere() || !helping.tryAcquire()) {
            refusedAt = System.nanoTime();
            return; // a virtual thread would sleep by means of another
        }
        try {
            call(this::come);
            try {
                bell.help().await(() -> done.getAsBoolean() || call(this::quick) && done.getAsBoolean(), deadline);
            } catch (IllegalStateException e) {
                // the pool has ended
            } finally {
                call(this::go);
            }
        } finally {
            helping.release();
        }
    }

    private boolean come() {
        inARow = System.nanoTime() - leftAt < SHORT ? inARow + 1 : 0;
        helper = Thread.currentThread();
        if (!napping) {
            bell.setHelped(true);
        }
        return true;
    }

    private boolean go() {
        leftAt = System.nanoTime();
        helper = null;
        if (!napping && !over && inARow >= OFTEN && leftAt - refusedAt > FORGOTTEN) {
            napping = true;
            seenAt = leftAt;
            napEnds = leftAt + NAP;
            tell();
        }
        if (!napping) {
            bell.setHelped(false);
        }
        return quick(); // what was published before that is nobody else's to see
    }

    private boolean quick() {
        times++;
        if (!over && work.quick()) {
            tell();
        }
        return true;
    }
}
