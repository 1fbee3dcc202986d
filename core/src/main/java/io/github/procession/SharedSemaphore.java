package io.github.procession;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.sync.SemaphoreState;
import io.github.procession.internal.sync.SyncBlock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A number of permits between processes, and between threads of one. Any thread may release, whoever has acquired.
///
/// **Death.** The permits that a process has acquired and not released come back when it ends, however it ends. What was
/// released on behalf of others is taken off that, since nobody knows whose permits those were.
///
/// It is not fair. Actions before a release happen before those after the acquisition that it made possible. All methods
/// throw [IllegalStateException] after [#close()].
public final class SharedSemaphore extends Synchronizer {
    private static final long serialVersionUID = 1L;

    SharedSemaphore(SharedBlock block) {
        super(block, Handle.Kind.SEMAPHORE, SyncBlock.SEMAPHORE, SemaphoreState::new, SemaphoreState::close);
    }

    /// Makes a semaphore.
    ///
    /// @param permits how many it has at first, 0 or more
    /// @return a handle of it
    /// @throws IllegalArgumentException if the number is negative
    /// @throws IllegalStateException    if there is not enough memory left
    public static SharedSemaphore create(int permits) {
        return create("create", permits, SemaphoreState.MAX_PERMITS);
    }

    /// Makes a semaphore that never has more permits than at first.
    ///
    /// @param permits how many it has at first and at the most, 0 or more
    /// @return a handle of it
    /// @throws IllegalArgumentException if the number is negative
    /// @throws IllegalStateException    if there is not enough memory left
    public static SharedSemaphore bounded(int permits) {
        return create("bounded", permits, permits);
    }

    private static SharedSemaphore create(String method, int permits, long limit) {
        if (permits < 0) {
            throw new IllegalArgumentException("%s(%d): a semaphore has 0 permits or more".formatted(method, permits));
        }
        var made = new SharedSemaphore(allocate(ObjectKind.SEMAPHORE, SyncBlock.SEMAPHORE));
        made.state().format(permits, limit);
        return made;
    }

    // ---- acquiring -------------------------------------------------------------------------------------------------

    /// Takes a permit, waiting for it.
    ///
    /// @throws InterruptedException if this thread is interrupted; it has none then
    public void acquire() throws InterruptedException {
        acquire(1);
    }

    /// Takes permits, waiting until there are as many.
    ///
    /// @param permits how many, at least 1
    /// @throws InterruptedException     if this thread is interrupted; it has none then
    /// @throws IllegalArgumentException if the number is below 1, or more than the semaphore can ever have
    public void acquire(int permits) throws InterruptedException {
        acquire(permits, Limits.NONE);
    }

    /// Takes a permit if there is one.
    ///
    /// @return whether this thread has it
    public boolean tryAcquire() {
        return tryAcquire(1);
    }

    /// Takes permits if there are as many.
    ///
    /// @param permits how many, at least 1
    /// @return whether this thread has them
    /// @throws IllegalArgumentException if the number is below 1, or more than the semaphore can ever have
    public boolean tryAcquire(int permits) {
        return checked(permits).acquire(permits);
    }

    /// Takes a permit, waiting for it until a limit.
    ///
    /// @param limit how long to wait at the most
    /// @return whether this thread has it
    /// @throws InterruptedException if this thread is interrupted; it has none then
    public boolean tryAcquire(Duration limit) throws InterruptedException {
        return acquire(1, Limits.deadline(limit));
    }

    /// Takes a permit, waiting for it until a limit.
    ///
    /// @param limit how long to wait at the most
    /// @param unit  its unit
    /// @return whether this thread has it
    /// @throws InterruptedException if this thread is interrupted; it has none then
    public boolean tryAcquire(long limit, TimeUnit unit) throws InterruptedException {
        return acquire(1, Limits.deadline(limit, unit));
    }

    /// Takes permits, waiting for them until a limit.
    ///
    /// @param permits how many, at least 1
    /// @param limit   how long to wait at the most
    /// @return whether this thread has them
    /// @throws InterruptedException     if this thread is interrupted; it has none then
    /// @throws IllegalArgumentException if the number is below 1, or more than the semaphore can ever have
    public boolean tryAcquire(int permits, Duration limit) throws InterruptedException {
        return acquire(permits, Limits.deadline(limit));
    }

    private boolean acquire(int permits, long deadline) throws InterruptedException {
        var state = checked(permits);
        if (permits > 1) {
            state.waitWide();
        }
        return primitive().await(() -> state.acquire(permits) ? Boolean.TRUE : null, deadline) != null;
    }

    private SemaphoreState checked(int permits) {
        var state = state();
        if (permits < 1 || permits > state.limit()) {
            throw new IllegalArgumentException("%d permits: between 1 and %d can be acquired or released at a time"
                    .formatted(permits, state.limit()));
        }
        return state;
    }

    // ---- releasing -------------------------------------------------------------------------------------------------

    /// Gives a permit.
    ///
    /// @throws IllegalStateException if the semaphore is bounded and has all its permits; nothing has changed then
    public void release() {
        release(1);
    }

    /// Gives permits.
    ///
    /// @param permits how many, at least 1
    /// @throws IllegalArgumentException if the number is below 1, or more than the semaphore can ever have
    /// @throws IllegalStateException    if there would be more than it can have; nothing has changed then
    public void release(int permits) {
        var state = checked(permits);
        if (!state.release(permits)) {
            throw new IllegalStateException(
                    "release(%d): the semaphore has %d permits and can have %d at the most: it was released more often than acquired"
                            .formatted(permits, state.permits(), state.limit()));
        }
        if (permits > 1 || state.isWide()) {
            primitive().signalAll();
        } else {
            primitive().signal();
        }
    }

    /// How many permits can be had.
    ///
    /// @return what was so a moment ago
    public int availablePermits() {
        return state().permits();
    }

    // ---- what it is ------------------------------------------------------------------------------------------------

    @Override
    public String toString() {
        return "SharedSemaphore[" + (isOpen() ? availablePermits() + " permits]" : "closed]");
    }

    private SemaphoreState state() {
        return state(SemaphoreState.class);
    }
}
