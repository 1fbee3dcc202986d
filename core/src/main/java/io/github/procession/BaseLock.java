package io.github.procession;

import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.sync.LockWord;
import io.github.procession.internal.sync.LockWord.Attempt;
import io.github.procession.internal.sync.SyncBlock;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/// What the locks have in common.
abstract sealed class BaseLock extends Synchronizer implements Lock permits SharedLock, SharedReentrantLock {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable SerializableRunnable repair;

    BaseLock(SharedBlock block, Handle.Kind kind, @Nullable SerializableRunnable repair) {
        super(block, kind, SyncBlock.LOCK, LockWord::new, null);
        this.repair = repair;
    }

    /// What to do when the lock is this thread's already.
    ///
    /// @return whether that is as good as taking it
    abstract boolean takeAgain(LockWord word);

    /// The lock has just become this thread's.
    abstract void taken(LockWord word);

    /// Undoes one of several takings.
    ///
    /// @return false if this is the last
    abstract boolean freeOnce(LockWord word);

    // ---- locking ---------------------------------------------------------------------------------------------------

    /// Takes the lock, waiting for it whatever interrupts.
    ///
    /// @throws AbandonedLockException if its last owner died with it and nothing repairs what it guards
    /// @throws IllegalStateException  if this thread would wait for itself, or this process has closed the lock
    @Override
    public final void lock() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    acquire(Limits.NONE);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true; // kept until the lock is ours
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Takes the lock, waiting for it.
    ///
    /// @throws InterruptedException   if this thread is interrupted; it does not hold the lock then
    /// @throws AbandonedLockException if its last owner died with it and nothing repairs what it guards
    @Override
    public final void lockInterruptibly() throws InterruptedException {
        acquire(Limits.NONE);
    }

    /// Takes the lock if it is free.
    ///
    /// @return whether this thread has taken it
    /// @throws AbandonedLockException if its last owner died with it and nothing repairs what it guards
    @Override
    public final boolean tryLock() {
        var word = state();
        return finish(word, attempt(word), true);
    }

    /// Takes the lock, waiting for it until a limit.
    ///
    /// @param limit how long to wait at the most
    /// @return whether this thread has taken it
    /// @throws InterruptedException   if this thread is interrupted; it does not hold the lock then
    /// @throws AbandonedLockException if its last owner died with it and nothing repairs what it guards
    public final boolean tryLock(Duration limit) throws InterruptedException {
        return acquire(Limits.deadline(limit));
    }

    /// Takes the lock, waiting for it until a limit.
    ///
    /// @param limit how long to wait at the most
    /// @param unit  its unit
    /// @return whether this thread has taken it
    /// @throws InterruptedException   if this thread is interrupted; it does not hold the lock then
    /// @throws AbandonedLockException if its last owner died with it and nothing repairs what it guards
    @Override
    public final boolean tryLock(long limit, TimeUnit unit) throws InterruptedException {
        return acquire(Limits.deadline(limit, unit));
    }

    private boolean acquire(long deadline) throws InterruptedException {
        var word = state();
        var taken = primitive().await(() -> waitingFor(attempt(word)), deadline);
        return taken != null && finish(word, taken, false);
    }

    private @Nullable Attempt waitingFor(@Nullable Attempt attempt) {
        return attempt == Attempt.BUSY ? null : attempt;
    }

    /// @return null if it is abandoned, and not to be taken so
    private @Nullable Attempt attempt(LockWord word) {
        var attempt = word.take(repair != null);
        return attempt == Attempt.BUSY && repair == null && word.isAbandoned() ? Attempt.ABANDONED : attempt;
    }

    private boolean finish(LockWord word, @Nullable Attempt attempt, boolean atOnce) {
        switch (Objects.requireNonNull(attempt)) {
            case TAKEN -> taken(word);
            case OWNED -> {
                if (!takeAgain(word)) {
                    if (atOnce) {
                        return false;
                    }
                    throw new IllegalStateException(
                            "This thread holds the lock already and would wait for itself; use a SharedReentrantLock to take it more than once");
                }
            }
            case ABANDONED -> {
                if (repair == null) {
                    throw abandoned(word, "Call recover(...) with what mends it.", null);
                }
                mend(word, repair);
                taken(word);
            }
            case BUSY -> {
                return false;
            }
        }
        return true;
    }

    private void mend(LockWord word, Runnable mending) {
        boolean mended = false;
        try {
            mending.run();
            mended = true;
        } catch (RuntimeException e) {
            throw abandoned(word, "Its repair failed: " + e, e);
        } finally {
            if (mended) {
                word.mended();
            } else {
                word.giveUp();
                primitive().signal();
            }
        }
    }

    private AbandonedLockException abandoned(LockWord word, String then, @Nullable Throwable cause) {
        return new AbandonedLockException(
                "The process that held this lock (pid %d) has ended without unlocking it: what it guards may be half changed. %s"
                        .formatted(word.lastOwner(), then),
                cause);
    }

    /// Frees the lock.
    ///
    /// @throws IllegalMonitorStateException if this thread does not hold it
    @Override
    public final void unlock() {
        var word = state();
        if (!word.isMine()) {
            throw new IllegalMonitorStateException(
                    word.isHeld() ? "Another thread or process holds the lock" : "Nobody holds the lock");
        }
        if (!freeOnce(word)) {
            word.free();
            primitive().signal();
        }
    }

    /// Mends what an abandoned lock guards: takes the lock, runs the repair, takes the mark away and frees the lock. If it is
    /// not abandoned (any more) nothing is done.
    ///
    /// @param mending what makes the guarded things whole; if it throws, the lock is abandoned as before
    /// @throws InterruptedException  if this thread is interrupted while somebody else holds the lock
    /// @throws IllegalStateException if this thread holds the lock
    public final void recover(Runnable mending) throws InterruptedException {
        Objects.requireNonNull(mending, "mending");
        var word = state();
        var taken = Objects.requireNonNull(primitive().await(() -> waitingFor(word.take(true)), Limits.NONE));
        if (taken == Attempt.OWNED) {
            throw new IllegalStateException("This thread holds the lock: there is nothing to recover");
        }
        if (taken == Attempt.ABANDONED) {
            mend(word, mending);
        }
        word.free();
        primitive().signal();
    }

    // ---- what it is ------------------------------------------------------------------------------------------------

    /// Whether the current thread holds it.
    ///
    /// @return whether [#unlock()] would succeed
    public final boolean isHeldByCurrentThread() {
        return state().isMine();
    }

    /// Whether any thread of any process holds it.
    ///
    /// @return what was so a moment ago
    public final boolean isLocked() {
        return state().isHeld();
    }

    /// Makes a condition of this lock.
    ///
    /// @return a handle of it, which brings the lock along wherever it is sent
    /// @throws IllegalStateException if there is not enough memory left
    @Override
    public final SharedCondition newCondition() {
        return SharedCondition.create(this);
    }

    /// How often this thread, which holds it, has taken it.
    final long count() {
        return state().count();
    }

    /// Lets go of the lock, however often this thread has taken it.
    final void yieldAll() {
        state().free();
        primitive().signal();
    }

    /// Takes it as often as before.
    final void takeAll(long times) {
        lock();
        state().count(times);
    }

    final void requireMine() {
        if (!state().isMine()) {
            throw new IllegalMonitorStateException("The lock of a condition must be held by this thread");
        }
    }

    /// Whether its next owner gets an [AbandonedLockException].
    final boolean isLost() {
        return repair == null && state().isAbandoned();
    }

    @Override
    public final String toString() {
        String state = !isOpen() ? "closed" : state().isHeld() ? "held" : "free";
        return getClass().getSimpleName() + "[" + state + "]";
    }

    @Override
    final @Nullable Serializable detail() {
        return repair;
    }

    private LockWord state() {
        return state(LockWord.class);
    }
}
