package io.github.procession;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.Primitive;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.sync.ConditionState;
import io.github.procession.internal.sync.SyncBlock;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
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
public final class SharedCondition implements Condition, AutoCloseable, Serializable {
    private static final long serialVersionUID = 1L;

    private final transient Primitive<ConditionState> condition;
    private final transient BaseLock lock;

    SharedCondition(SharedBlock block, BaseLock lock) {
        this.condition = Primitive.in(block, SyncBlock.CONDITION, ConditionState::new, ConditionState::close);
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
        condition.state();
        lock.requireMine();
        return lock.count();
    }

    /// Counts this thread in before it lets go of the lock, so that no signal comes in between.
    private long enqueue() {
        long ticket = condition.state().enqueue();
        if (ticket == ConditionState.NONE) {
            throw new IllegalStateException(
                    "%d threads wait for this condition already, and more cannot".formatted(ConditionState.WAITERS));
        }
        lock.yieldAll();
        return ticket;
    }

    private void sleep(long ticket, long deadline) throws InterruptedException {
        condition.await(ticket, () -> condition.state().isSignalled(ticket) || lock.isLost(), deadline);
    }

    private boolean leave(long ticket) {
        return condition.isOpen() && condition.state().leave(ticket);
    }

    // ---- signalling ------------------------------------------------------------------------------------------------

    /// Wakes the one that has waited longest, if anybody waits.
    ///
    /// @throws IllegalMonitorStateException if this thread does not hold the lock
    @Override
    public void signal() {
        lock.requireMine();
        long ticket = condition.state().signal();
        if (ticket != ConditionState.NONE) {
            condition.signalAll(ticket); // all at that point: one of them is meant
        }
    }

    /// Wakes all who wait.
    ///
    /// @throws IllegalMonitorStateException if this thread does not hold the lock
    @Override
    public void signalAll() {
        lock.requireMine();
        condition.state().signalAll();
        condition.signalAll();
    }

    // ---- what it is ------------------------------------------------------------------------------------------------

    /// Its lock, as this process has it.
    ///
    /// @return a [SharedLock] or a [SharedReentrantLock]
    public Lock lock() {
        return lock;
    }

    /// Detaches this process: its further use here throws, others go on. The lock stays open.
    @Override
    public void close() {
        condition.close();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SharedCondition that && that.condition.id() == condition.id();
    }

    @Override
    public int hashCode() {
        return Long.hashCode(condition.id());
    }

    @Override
    public String toString() {
        return "SharedCondition[" + (condition.isOpen() ? "of " + lock + "]" : "closed]");
    }

    /// What travels instead.
    ///
    /// @return a handle
    private Object writeReplace() {
        return new Handle(Handle.Kind.CONDITION, condition.openId(), lock);
    }

    /// Refuses what is not a handle.
    ///
    /// @param in ignored
    /// @throws InvalidObjectException always
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a SharedCondition travels as a handle");
    }
}
