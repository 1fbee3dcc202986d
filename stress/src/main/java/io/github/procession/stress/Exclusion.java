package io.github.procession.stress;

import io.github.procession.AbandonedLockException;
import io.github.procession.SharedLock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

/// Locks of all kinds, and a condition: two counters that only a lock keeps equal, mended after deaths.
@SuppressWarnings("LockNotBeforeTry") // see below
final class Exclusion {
    /* Nothing here is in a `finally`: what ends by an exception leaves the lock as a death does. */
    static final List<Activity> ALL = List.of(
            Activity.LOCK_WITH_REPAIR,
            Activity.LOCK_TO_RECOVER,
            Activity.REENTRANT_LOCK,
            Activity.GUARD,
            Activity.CONDITION);

    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration AT_THE_END = Duration.ofSeconds(30);
    private static final int MOST_TOKENS = 8;

    private final Member member;
    private final Shares shares;
    private final Ledger.Cell cell;

    Exclusion(Member member) {
        this.member = member;
        this.shares = member.shares();
        this.cell = cell(member.ledger(), member.role().activity());
    }

    private static Ledger.Cell cell(Ledger ledger, Activity activity) {
        return new Ledger.Cell(ledger, activity, activity.ordinal());
    }

    /// The repair of a lock.
    static void mend(String ledger, Activity activity) {
        cell(Member.ledger(ledger), activity).mend();
    }

    void play() throws InterruptedException {
        while (member.goesOn()) {
            if (doOnce()) {
                member.done();
            }
            member.pause();
        }
    }

    /// @return whether it came to that
    private boolean doOnce() throws InterruptedException {
        return switch (member.role().activity()) {
            case LOCK_WITH_REPAIR -> {
                count(shares.mended());
                yield true;
            }
            case LOCK_TO_RECOVER -> {
                boolean taken = take(shares.recovered(), cell::mend);
                if (taken) {
                    countInside();
                    shares.recovered().unlock();
                }
                yield taken;
            }
            case REENTRANT_LOCK -> {
                shares.reentrant().lock();
                count(shares.reentrant());
                shares.reentrant().unlock();
                yield true;
            }
            case GUARD -> fill();
            case CONDITION -> passToken();
            default -> throw new IllegalArgumentException("not exclusive");
        };
    }

    private void count(Lock lock) throws InterruptedException {
        if (member.random().nextBoolean()) {
            lock.lock();
        } else {
            lock.lockInterruptibly();
        }
        countInside();
        lock.unlock();
    }

    private void countInside() {
        cell.enter(member.life());
        cell.count(member.life());
        cell.leave(member.life());
    }

    /// Takes a lock that has no repair.
    private static boolean take(SharedLock lock, Runnable mending) throws InterruptedException {
        try {
            return lock.tryLock(PATIENCE);
        } catch (AbandonedLockException e) {
            lock.recover(mending);
            return false;
        }
    }

    /// All elements of an array are equal whenever nobody has its guard.
    private boolean fill() throws InterruptedException {
        var array = shares.guarded();
        var guard = array.guard();
        boolean taken = take(guard, () -> {
            cell.mend();
            array.fill(array.get(0));
        });
        if (taken) {
            cell.enter(member.life());
            long value = array.get(0);
            member.check(array.stream().allMatch(each -> each == value), "a guarded array is half changed: %s", array);
            for (int i = 0; i < array.length(); i++) {
                array.set(i, value + 1);
            }
            cell.count(member.life());
            cell.leave(member.life());
            guard.unlock();
        }
        return taken;
    }

    /// Puts a token if there is room, or waits for one and takes it.
    ///
    /// @return whether one was taken: by that alone is seen that signals arrive
    private boolean passToken() throws InterruptedException {
        boolean taken = false;
        var lock = (SharedLock) shares.condition().lock();
        lock.lockInterruptibly();
        cell.enter(member.life());
        if (member.role().number() == 0) {
            if (shares.tokens().get(0) < MOST_TOKENS) {
                shares.tokens().set(0, shares.tokens().get(0) + 1);
                shares.condition().signal();
            }
        } else {
            while (shares.tokens().get(0) == 0 && member.goesOn()) {
                awaitToken();
            }
            taken = shares.tokens().get(0) > 0;
            shares.tokens().set(0, Math.max(0, shares.tokens().get(0) - 1));
        }
        cell.count(member.life());
        cell.leave(member.life());
        lock.unlock();
        return taken;
    }

    @SuppressWarnings("WaitNotInLoop") // the loop is around this
    private void awaitToken() throws InterruptedException {
        cell.leave(member.life());
        try {
            if (member.random().nextBoolean()) {
                shares.condition().await();
            } else {
                boolean _ = shares.condition().await(PATIENCE);
            }
        } catch (InterruptedException e) {
            shares.condition().lock().unlock();
            throw e;
        }
        cell.enter(member.life());
    }

    /// When all members have ended.
    static void reckon(Ledger ledger, Shares shares) throws InterruptedException {
        boolean _ = take(shares.recovered(), cell(ledger, Activity.LOCK_TO_RECOVER)::mend);
        boolean _ = take(shares.guarded().guard(), cell(ledger, Activity.GUARD)::mend);
        for (Lock lock :
                List.of(shares.mended(), shares.reentrant(), shares.condition().lock())) {
            boolean taken = lock.tryLock(AT_THE_END.toMillis(), TimeUnit.MILLISECONDS);
            if (taken) {
                lock.unlock();
            } else {
                ledger.fault("all have ended, and nobody frees " + lock);
            }
        }
        ALL.forEach(activity -> cell(ledger, activity).reckon());
    }
}
