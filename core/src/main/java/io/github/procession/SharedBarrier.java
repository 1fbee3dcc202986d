package io.github.procession;

import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.sync.BarrierState;
import io.github.procession.internal.sync.BarrierState.Standing;
import io.github.procession.internal.sync.SyncBlock;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Where a number of threads, of any processes, meet: each waits until all have come, round after round.
///
/// A barrier is **broken** for all who wait when one of them is interrupted, reaches its limit or dies, when the action
/// fails, or when somebody calls [#abort()]; it stays so until [#reset()]. A process that has been in the last round and
/// dies breaks the next one, for those who are left would wait for it; one that detaches or whose target returns does so
/// only if somebody waits. When all processes of the last round are gone the barrier is as new.
///
/// Actions before arriving happen before the action, and that before those after leaving. All methods throw
/// [IllegalStateException] after [#close()].
public final class SharedBarrier extends Synchronizer {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable SerializableRunnable action;

    SharedBarrier(SharedBlock block, @Nullable SerializableRunnable action) {
        super(block, Handle.Kind.BARRIER, SyncBlock.BARRIER, BarrierState::new, BarrierState::close);
        this.action = action;
    }

    /// Makes a barrier.
    ///
    /// @param parties how many meet, 1 to 65,535
    /// @return a handle of it
    /// @throws IllegalArgumentException if the number is out of range
    /// @throws IllegalStateException    if there is not enough memory left
    public static SharedBarrier create(int parties) {
        return make(parties, null);
    }

    /// Makes a barrier with an action.
    ///
    /// @param parties how many meet, 1 to 65,535
    /// @param action  what the last to arrive does, in its process, before anybody leaves; it travels with each handle
    /// @return a handle of it
    /// @throws IllegalArgumentException if the number is out of range
    /// @throws IllegalStateException    if there is not enough memory left
    public static SharedBarrier create(int parties, SerializableRunnable action) {
        return make(parties, Objects.requireNonNull(action, "action"));
    }

    private static SharedBarrier make(int parties, @Nullable SerializableRunnable action) {
        if (parties < 1 || parties > BarrierState.MAX_PARTIES) {
            throw new IllegalArgumentException(
                    "create(%d): a barrier has 1 to %d parties".formatted(parties, BarrierState.MAX_PARTIES));
        }
        var made = new SharedBarrier(allocate(ObjectKind.BARRIER, SyncBlock.BARRIER), action);
        made.state().format(parties);
        return made;
    }

    // ---- meeting ---------------------------------------------------------------------------------------------------

    /// Arrives and waits for the others.
    ///
    /// @return how many had yet to come when this thread arrived: 0 for the last
    /// @throws BrokenBarrierException if the barrier is broken, or is while this thread waits
    /// @throws InterruptedException   if this thread is interrupted, which breaks the barrier
    public int await() throws InterruptedException, BrokenBarrierException {
        try {
            return await(Limits.NONE);
        } catch (TimeoutException e) {
            throw new AssertionError("there is no limit", e);
        }
    }

    /// Arrives and waits for the others until a limit.
    ///
    /// @param limit how long to wait at the most
    /// @return how many had yet to come when this thread arrived: 0 for the last
    /// @throws BrokenBarrierException if the barrier is broken, or is while this thread waits
    /// @throws InterruptedException   if this thread is interrupted, which breaks the barrier
    /// @throws TimeoutException       at the limit, which breaks the barrier
    public int await(Duration limit) throws InterruptedException, BrokenBarrierException, TimeoutException {
        return await(Limits.deadline(limit));
    }

    /// Arrives and waits for the others until a limit.
    ///
    /// @param limit how long to wait at the most
    /// @param unit  its unit
    /// @return how many had yet to come when this thread arrived: 0 for the last
    /// @throws BrokenBarrierException if the barrier is broken, or is while this thread waits
    /// @throws InterruptedException   if this thread is interrupted, which breaks the barrier
    /// @throws TimeoutException       at the limit, which breaks the barrier
    public int await(long limit, TimeUnit unit) throws InterruptedException, BrokenBarrierException, TimeoutException {
        return await(Limits.deadline(limit, unit));
    }

    private int await(long deadline) throws InterruptedException, BrokenBarrierException, TimeoutException {
        var state = state();
        if (Thread.interrupted()) {
            abort();
            throw new InterruptedException();
        }
        var arrival = state.arrive();
        while (arrival != null
                && arrival.index() == BarrierState.FULL) { // the action of a round runs: this is the next
            long before = arrival.round();
            if (primitive().await(() -> settled(state.standing(before)), deadline) == null) {
                breakRound(state, before);
                throw new TimeoutException("The round before was not over at the limit; the barrier is broken");
            }
            arrival = state.arrive();
        }
        if (arrival == null) {
            primitive().signalAll();
            throw broken();
        }
        if (arrival.index() == 0) {
            trip(state, arrival.round());
            return 0;
        }
        long round = arrival.round();
        Standing standing;
        try {
            standing = primitive().await(() -> settled(state.standing(round)), deadline);
        } catch (InterruptedException e) {
            if (breakRound(state, round) == Standing.THROUGH) {
                Thread.currentThread().interrupt();
                return arrival.index();
            }
            throw e;
        }
        if (standing == null) {
            standing = breakRound(state, round);
            if (standing == Standing.BROKEN) {
                throw new TimeoutException("%d of %d had not come at the limit; the barrier is broken"
                        .formatted(arrival.index(), state.parties()));
            }
        }
        if (standing == Standing.BROKEN) {
            throw broken();
        }
        return arrival.index();
    }

    private static @Nullable Standing settled(Standing standing) {
        return standing == Standing.WAITS ? null : standing;
    }

    private void trip(BarrierState state, long round) throws BrokenBarrierException {
        boolean done = false;
        try {
            if (action != null) {
                action.run();
            }
            done = state.trip(round);
        } finally {
            if (!done) {
                state.breakRound(round);
            }
            primitive().signalAll();
        }
        if (!done) {
            throw broken();
        }
    }

    private Standing breakRound(BarrierState state, long round) {
        var standing = state.breakRound(round);
        primitive().signalAll();
        return standing;
    }

    private static BrokenBarrierException broken() {
        return new BrokenBarrierException(
                "One of the parties was interrupted, reached its limit, failed or died, or called abort(). The barrier stays broken until reset()");
    }

    /// Breaks the barrier.
    public void abort() {
        state().abort();
        primitive().signalAll();
    }

    /// Makes it whole again; those who wait get a [BrokenBarrierException].
    public void reset() {
        state().reset();
        primitive().signalAll();
    }

    /// How many meet here.
    ///
    /// @return as created
    public int parties() {
        return state().parties();
    }

    /// How many have arrived and wait.
    ///
    /// @return what was so a moment ago
    public int waiting() {
        return state().waiting();
    }

    /// Whether it is broken.
    ///
    /// @return what was so a moment ago
    public boolean isBroken() {
        return state().isBroken();
    }

    // ---- what it is ------------------------------------------------------------------------------------------------

    @Override
    public String toString() {
        return "SharedBarrier["
                + (isOpen() ? waiting() + " of " + parties() + (isBroken() ? ", broken]" : "]") : "closed]");
    }

    @Override
    @Nullable Serializable detail() {
        return action;
    }

    private BarrierState state() {
        return state(BarrierState.class);
    }
}
