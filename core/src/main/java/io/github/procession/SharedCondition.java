package io.github.procession;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.Primitive;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.sync.ConditionState;
import io.github.procession.internal.sync.SyncBlock;
import java.io.Serializable;
import java.time.Duration;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/// A condition of a lock, between processes and between threads of one: made by [SharedLock#newCondition()]. Whoever waits
/// or signals must hold the lock. A handle brings the lock along.
///
/// [#signal()] wakes the one that has waited longest, nobody who comes later; without anybody who waits it has no effect.
/// At most 4096 may wait at a time.
///
/// **Death.** A process that dies while it waits is forgotten; a signal that it had got and not acted upon goes to the next.
/// If the lock is abandoned and nothing repairs it, those who wait get an [AbandonedLockException], and do not hold the
/// lock. All methods throw [IllegalStateException] after [#close()].
public final class SharedCondition extends Synchronizer implements Condition {
    private static final long serialVersionUID = 1L;

    private final transient BaseLock lock;

    SharedCondition(SharedBlock block, BaseLock lock) {
        super(block, Handle.Kind.CONDITION, SyncBlock.CONDITION, ConditionState::new, ConditionState::close);
        this.lock = lock;
    }

    static SharedCondition create(BaseLock lock) {
        return new SharedCondition(Primitive.create(ObjectKind.CONDITION, SyncBlock.CONDITION, lock.id()), lock);
    }

    // ---- waiting ---------------------------------------------------------------------------------------------------

    /// Frees the lock, waits for a signal, and takes the lock again.
    ///
    /// @throws InterruptedException         if this thread is interrupted; it holds the lock then
    /// @throws IllegalMonitorStateException if this thread does not hold the lock
    /// @throws AbandonedLockException       if an owner of the lock has died meanwhile; this thread does not hold it
    @Override
    public void await() throws InterruptedException {
        waitUntil(Limits.NONE);
    }

    /// The same, whatever interrupts.
    ///
    /// @throws IllegalMonitorStateException if this thread does not hold the lock
    /// @throws AbandonedLockException       if an owner of the lock has died meanwhile; this thread does not hold it
    @Override
    public void awaitUninterruptibly() {
        boolean interrupted = Thread.interrupted();
        long times = begin();
        long ticket = enqueue();
        while (true) {
            try {
                sleep(ticket, Limits.NONE);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (RuntimeException e) {
                leave(ticket);
                throw e;
            }
        }
        leave(ticket);
        lock.takeAll(times);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// The same, until a limit.
    ///
    /// @param limit how long to wait at the most, not counting the lock
    /// @return whether it was signalled
    /// @throws InterruptedException         if this thread is interrupted; it holds the lock then
    /// @throws IllegalMonitorStateException if this thread does not hold the lock
    /// @throws AbandonedLockException       if an owner of the lock has died meanwhile; this thread does not hold it
    public boolean await(Duration limit) throws InterruptedException {
        return waitUntil(Limits.deadline(limit));
    }

    @Override
    public boolean await(long limit, TimeUnit unit) throws InterruptedException {
        return waitUntil(Limits.deadline(limit, unit));
    }

    @Override
    public long awaitNanos(long limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit;
        waitUntil(Limits.deadline(limit, TimeUnit.NANOSECONDS));
        return deadline - System.nanoTime();
    }

    @Override
    @SuppressWarnings("JavaUtilDate") // the interface has it
    public boolean awaitUntil(Date deadline) throws InterruptedException {
        return waitUntil(Limits.deadline(deadline.getTime() - System.currentTimeMillis(), TimeUnit.MILLISECONDS));
    }

    private boolean waitUntil(long deadline) throws InterruptedException {
        if (Thread.interrupted()) {
            lock.requireMine();
            throw new InterruptedException();
        }
        long times = begin();
        long ticket = enqueue();
        InterruptedException interrupt = null;
        boolean signalled;
        try {
            sleep(ticket, deadline);
        } catch (InterruptedException e) {
            interrupt = e;
        } finally {
            signalled = leave(ticket);
        }
        lock.takeAll(times);
        if (interrupt != null) {
            if (!signalled) {
                throw interrupt;
            }
            Thread.currentThread().interrupt(); // both came: the signal must not be lost, nor the interrupt
        }
        return signalled;
    }

    private long begin() {
        state();
        lock.requireMine();
        return lock.count();
    }

    /// Counts this thread in before it lets go of the lock, so that no signal comes in between.
    private long enqueue() {
        long ticket = state().enqueue();
        if (ticket == ConditionState.NONE) {
            throw new IllegalStateException(
                    "%d threads wait for this condition already, and more cannot".formatted(ConditionState.WAITERS));
        }
        lock.yieldAll();
        return ticket;
    }

    private void sleep(long ticket, long deadline) throws InterruptedException {
        primitive().await(ticket, () -> state().isSignalled(ticket) || lock.isLost(), deadline);
    }

    private boolean leave(long ticket) {
        return isOpen() && state().leave(ticket);
    }

    // ---- signalling ------------------------------------------------------------------------------------------------

    /// Wakes the one that has waited longest, if anybody waits.
    ///
    /// @throws IllegalMonitorStateException if this thread does not hold the lock
    @Override
    public void signal() {
        lock.requireMine();
        long ticket = state().signal();
        if (ticket != ConditionState.NONE) {
            primitive().signalAll(ticket); // all at that point: one of them is meant
        }
    }

    /// Wakes all who wait.
    ///
    /// @throws IllegalMonitorStateException if this thread does not hold the lock
    @Override
    public void signalAll() {
        lock.requireMine();
        state().signalAll();
        primitive().signalAll();
    }

    // ---- what it is ------------------------------------------------------------------------------------------------

    /// Its lock, as this process has it.
    ///
    /// @return a [SharedLock] or a [SharedReentrantLock]
    public Lock lock() {
        return lock;
    }

    @Override
    public String toString() {
        return "SharedCondition[" + (isOpen() ? "of " + lock + "]" : "closed]");
    }

    @Override
    @Nullable Serializable detail() {
        return lock;
    }

    private ConditionState state() {
        return state(ConditionState.class);
    }
}
