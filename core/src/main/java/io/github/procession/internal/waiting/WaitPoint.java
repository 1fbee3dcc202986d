package io.github.procession.internal.waiting;

import static io.github.procession.internal.waiting.WaitPointLayout.ALIGNMENT;
import static io.github.procession.internal.waiting.WaitPointLayout.ALL;
import static io.github.procession.internal.waiting.WaitPointLayout.ONE;
import static io.github.procession.internal.waiting.WaitPointLayout.SEQ_AT;
import static io.github.procession.internal.waiting.WaitPointLayout.WAITERS_AT;
import static io.github.procession.internal.waiting.WaitPointLayout.count;
import static io.github.procession.internal.waiting.WaitPointLayout.epoch;
import static io.github.procession.internal.waiting.WaitPointLayout.nextEpoch;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.procession.internal.os.Sleeping;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A place in shared memory where threads of any process sleep until something that they wait for may have come.
///
/// What they wait for is state of the caller's own. Whoever changes it calls [#signal()] afterwards, and whoever waits
/// gives [#await] an attempt that looks at it (and may take it):
///
/// ```java
/// ring.offer(slot, tag, body, length);      long ticket = notEmpty.await(() -> …claim… , deadline);
/// notEmpty.signal();
/// ```
///
/// Everyone who waits at one point waits for the same: if the attempt of one fails, that of any other would have failed
/// in its place. Where that does not hold, use [#signalAll()].
///
/// Platform threads sleep in the kernel, virtual threads park; both can be interrupted. The death of a sleeper or a
/// signaller costs the others nothing once the root has called [#repair()].
public final class WaitPoint {

    /*
     * The protocol and its proof are in README.md of this room. In short:
     *
     *   sleeper   s := seq;  waiters++;  fence;  attempt;  sleep while seq = s;  waiters--;  again
     *   signaller publish;  fence;  if waiters ≠ 0: seq++, wake one
     *   leaver    waiters--;  fence;  if waiters ≠ 0: seq++, wake one      (with success, interrupt, limit, whatever)
     *   root      waiters := (epoch + 1 | 0);  seq += ALL;  wake all       (after a death, if there are waiters)
     *
     * A sleeper takes its waiters++ back only in the epoch in which it made it.
     */

    private static final VarHandle INT = JAVA_INT.varHandle();
    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final Sleeping SLEEPING = Sleeping.here();

    private final MemorySegment segment;
    private final MemorySegment seqWord;

    /// Threads of this process that are beyond the first attempt or interrupt one that is, and the parker while it watches.
    private final AtomicInteger inside = new AtomicInteger();

    private final Patience patience = new Patience();
    private final Watch watch = new Watch(this);
    private volatile @Nullable Gate gate;
    private volatile boolean closed;

    /// The wait point at an offset, which must be a multiple of 128, of a native segment. Zeros are a fresh wait point.
    public WaitPoint(MemorySegment segment, long offset) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("threads of other processes cannot sleep on the heap of this one");
        }
        if (offset % ALIGNMENT != 0) {
            throw new IllegalArgumentException(
                    "a wait point begins at a multiple of " + ALIGNMENT + " bytes, not at " + offset);
        }
        this.segment = segment.asSlice(offset, WaitPointLayout.BYTES);
        this.seqWord = this.segment.asSlice(SEQ_AT, JAVA_INT.byteSize());
    }

    // ---- signalling ----------------------------------------------------------------------------------------------

    /// Wakes one thread, if any sleeps, to repeat its attempt. Call it after the change that it may be waiting for; one
    /// call for each item, place or permit that was added. Costs a fence and a load when nobody sleeps.
    public void signal() {
        VarHandle.fullFence();
        if (hasWaiters()) {
            rouse(ONE, 1);
        }
    }

    /// Wakes all threads that sleep to repeat their attempts.
    public void signalAll() {
        VarHandle.fullFence();
        if (hasWaiters()) {
            rouse(ALL, Integer.MAX_VALUE);
        }
    }

    private boolean hasWaiters() {
        return count((long) LONG.getOpaque(segment, WAITERS_AT)) != 0;
    }

    private void rouse(int step, int count) {
        INT.getAndAdd(segment, SEQ_AT, step);
        SLEEPING.wake(seqWord, count);
    }

    // ---- waiting -------------------------------------------------------------------------------------------------

    /// Repeats an attempt until it yields something, sleeping in between.
    ///
    /// @param attempt looks at the shared state, and takes from it; null when there is nothing yet. It must not block
    /// @param deadline in terms of [System#nanoTime()], or [Long#MAX_VALUE] for no limit. The attempt is made at least
    ///     once
    /// @return what the attempt yielded; null at the limit
    /// @throws InterruptedException if the thread was interrupted on entry or is while it waits; nothing was taken
    /// @throws IllegalStateException if this wait point is closed or is closed meanwhile; nothing was taken
    public <T> @Nullable T await(Supplier<? extends @Nullable T> attempt, long deadline) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (closed) {
            throw closedException();
        }
        T found = attempt.get();
        if (found != null) {
            patience.succeededAtOnce();
            return found;
        }
        if (isPast(deadline)) {
            return null;
        }
        enter();
        try {
            found = patience.spin(attempt);
            return found != null ? found : sleep(attempt, deadline);
        } finally {
            leave();
        }
    }

    /// The same for an attempt that yields nothing but its success.
    ///
    /// @return whether the attempt succeeded; false at the limit
    public boolean await(BooleanSupplier attempt, long deadline) throws InterruptedException {
        Supplier<@Nullable Boolean> boxed = () -> attempt.getAsBoolean() ? Boolean.TRUE : null;
        return await(boxed, deadline) != null;
    }

    /// Repeats an attempt until it yields something, sleeping in between at several points, all of which are signalled for
    /// it; besides, whoever unparks this thread has it look again.
    ///
    /// @param points where it sleeps; there may be many
    /// @param attempt looks at the shared state and takes nothing; null when there is nothing yet. It must not block
    /// @param deadline in terms of [System#nanoTime()], or [Long#MAX_VALUE] for no limit
    /// @return what the attempt yielded; null at the limit
    /// @throws InterruptedException if the thread was interrupted on entry or is while it waits
    /// @throws IllegalStateException if one of the points is closed or is closed meanwhile
    public static <T> @Nullable T awaitAny(
            Collection<WaitPoint> points, Supplier<? extends @Nullable T> attempt, long deadline)
            throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        T found = attempt.get();
        if (found != null || isPast(deadline)) {
            return found;
        }
        var entered = new ArrayList<WaitPoint>();
        try {
            for (var point : points) {
                point.enter();
                entered.add(point);
            }
            while (true) {
                found = parkAtAll(entered, attempt, deadline);
                if (found != null || isPast(deadline)) {
                    return found;
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        } finally {
            for (var point : entered) {
                point.signal(); // this thread may have used up a wake that was meant for whoever comes first
                point.leave();
            }
        }
    }

    private static <T> @Nullable T parkAtAll(
            List<WaitPoint> points, Supplier<? extends @Nullable T> attempt, long deadline) {
        int[] seen = new int[points.size()];
        int[] epochs = new int[points.size()];
        int registered = 0;
        int parked = 0;
        try {
            while (registered < seen.length) {
                var point = points.get(registered);
                seen[registered] = point.seq();
                epochs[registered] = point.register();
                registered++;
            }
            T found = attempt.get();
            if (found != null) {
                return found;
            }
            while (parked < seen.length && points.get(parked).watch.takeIn(Thread.currentThread(), seen[parked])) {
                parked++;
            }
            for (var point : points) {
                if (point.closed) {
                    throw closedException();
                }
            }
            if (parked == seen.length) { // else one of them has been signalled
                Watch.parkUntil(points, deadline);
            }
            return null;
        } finally {
            while (parked > 0) {
                points.get(--parked).watch.takeOut(Thread.currentThread());
            }
            while (registered > 0) {
                points.get(--registered).deregister(epochs[registered]);
            }
        }
    }

    private <T> @Nullable T sleep(Supplier<? extends @Nullable T> attempt, long deadline) throws InterruptedException {
        boolean virtual = Thread.currentThread().isVirtual();
        try {
            while (true) {
                int seen = seq();
                int epoch = register();
                try {
                    T found = attempt.get();
                    if (found != null || isPast(deadline)) {
                        return found;
                    }
                    if (closed) {
                        throw closedException();
                    }
                    if (virtual) {
                        watch.park(seen, deadline);
                    } else {
                        gate().sleep(seen, deadline);
                    }
                } finally {
                    deregister(epoch);
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        } finally {
            // This thread may have used up a wake that was meant for whoever comes first.
            signal();
        }
    }

    int seq() {
        return (int) INT.getVolatile(segment, SEQ_AT);
    }

    MemorySegment seqWord() {
        return seqWord;
    }

    /// Counts this thread in and returns the epoch in which it did; what it looks at afterwards is as new as that.
    private int register() {
        long before = (long) LONG.getAndAdd(segment, WAITERS_AT, 1L);
        VarHandle.fullFence();
        return epoch(before);
    }

    private void deregister(int epoch) {
        long waiters;
        do {
            waiters = (long) LONG.getVolatile(segment, WAITERS_AT);
            if (epoch(waiters) != epoch) { // race: the root has repaired, and counted everybody out
                return;
            }
        } while (!LONG.compareAndSet(segment, WAITERS_AT, waiters, waiters - 1));
    }

    static boolean isPast(long deadline) {
        return deadline != Long.MAX_VALUE && deadline - System.nanoTime() <= 0;
    }

    // ---- death ---------------------------------------------------------------------------------------------------

    /// Makes good what the death of a process may have done here: its sleepers are no longer counted, and a wake that it
    /// used up, or had yet to give after publishing, is given to all. Called by the root only, after the kernel said
    /// that the process is gone and after the state that is waited for has been repaired.
    public void repair() {
        VarHandle.fullFence();
        long waiters;
        do {
            waiters = (long) LONG.getVolatile(segment, WAITERS_AT);
            if (count(waiters) == 0) {
                return;
            }
        } while (!LONG.compareAndSet(segment, WAITERS_AT, waiters, nextEpoch(waiters)));
        rouse(ALL, Integer.MAX_VALUE);
    }

    // ---- closing -------------------------------------------------------------------------------------------------

    /// Ends all waiting here by threads of this process, present and future, with [IllegalStateException], and returns
    /// when none is left, so that the memory may be unmapped. Other processes only notice that they have to look again.
    ///
    /// Signals are not held up and not counted: the caller sees to it that no thread signals once the memory is gone.
    /// Not to be called from within an attempt. Idempotent.
    public void close() {
        closed = true;
        if (inside.get() == 0) {
            return; // whoever comes from now on sees that it is closed
        }
        rouse(ALL, Integer.MAX_VALUE);
        boolean interrupted = false;
        synchronized (inside) {
            while (inside.get() != 0) {
                try {
                    inside.wait();
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Keeps the memory from being unmapped by [#close()] until [#leave()].
    private void enter() {
        inside.incrementAndGet();
        if (closed) {
            leave();
            throw closedException();
        }
    }

    /// The same for the parker, on behalf of a thread that is inside.
    void enterAlong() {
        inside.incrementAndGet();
    }

    void leave() {
        if (inside.decrementAndGet() == 0 && closed) {
            synchronized (inside) {
                inside.notifyAll();
            }
        }
    }

    private static IllegalStateException closedException() {
        return new IllegalStateException("This process has closed the shared object");
    }

    // ---- how platform threads sleep ------------------------------------------------------------------------------

    private Gate gate() {
        Gate known = gate;
        if (known == null) {
            known = new Gate(); // race: two gates at the same point do no harm
            gate = known;
        }
        return known;
    }

    /// Sleeping in a way that [Thread#interrupt()] ends. The JDK lets subclasses of a selector be told of interrupts;
    /// this one selects nothing. An interrupt cannot pick its thread among those asleep on a word, so it makes all of
    /// them look again.
    private final class Gate extends AbstractSelector {

        Gate() {
            super(null);
        }

        /// Sleeps while seq is `seen`. Begin comes after `seen` was read, so an interrupt that came earlier is found by
        /// begin itself, and one that comes later changes seq: neither is slept through.
        void sleep(int seen, long deadline) {
            begin();
            try {
                long nanos = deadline == Long.MAX_VALUE ? -1 : Math.max(0, deadline - System.nanoTime());
                SLEEPING.sleep(seqWord, seen, nanos);
            } finally {
                end();
            }
        }

        /// Called for the thread that sleeps, by begin or by whoever interrupts it; perhaps only after it has woken and
        /// left. So this thread counts itself in, lest it write to memory that belongs to something else by then.
        @Override
        public Selector wakeup() {
            inside.incrementAndGet();
            try {
                if (!closed) { // else close wakes everybody, or has
                    rouse(ONE, Integer.MAX_VALUE);
                }
            } catch (IllegalStateException unmapped) {
                // the memory went without a close; it is not for the thread that interrupts to hear of it
            } finally {
                leave();
            }
            return this;
        }

        @Override
        protected void implCloseSelector() {}

        @Override
        protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<SelectionKey> keys() {
            return Set.of();
        }

        @Override
        public Set<SelectionKey> selectedKeys() {
            return Set.of();
        }

        @Override
        public int selectNow() {
            return 0;
        }

        @Override
        public int select(long timeout) {
            return 0;
        }

        @Override
        public int select() {
            return 0;
        }
    }
}
