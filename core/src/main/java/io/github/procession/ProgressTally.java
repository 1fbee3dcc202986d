package io.github.procession;

import io.github.procession.internal.wire.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Tells a listener about one run: counts are the run's thread's affair, telling is that of a thread of its own.
final class ProgressTally implements Tally {
    private static final long PERIOD_MILLIS = 100;

    private final Progress listener;
    private final String run;
    private final long items;
    private final long begin = System.nanoTime();
    private final Object telling = new Object(); // held while the listener is called
    private long done; // guarded by this, like all below
    private long failed;
    private boolean changed;
    private boolean ended;

    ProgressTally(Progress listener, String run, long items) {
        this.listener = listener;
        this.run = run;
        this.items = items;
        Thread.ofVirtual().name("procession-progress").start(this::tell);
    }

    @Override
    public synchronized void landed(int count, List<Outcome> outcomes) {
        boolean allReturned = outcomes.stream().allMatch(outcome -> outcome instanceof Outcome.Returned);
        done += allReturned ? outcomes.size() : outcomes.size() - 1;
        failed += allReturned ? 0 : 1;
        changed = true;
        notifyAll();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            notifyAll();
        }
        update(true);
    }

    private void tell() {
        while (awaitChange()) {
            update(false);
        }
    }

    /// Waits for something new, and then for a moment, in which more may come.
    private synchronized boolean awaitChange() {
        long next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PERIOD_MILLIS);
        while (!ended) {
            long left = TimeUnit.NANOSECONDS.toMillis(next - System.nanoTime());
            if (changed && left <= 0) {
                break;
            }
            try {
                wait(Math.max(0, left)); // 0: until something comes
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt this thread; it goes on
            }
        }
        changed = false;
        return !ended;
    }

    private void update(boolean last) {
        synchronized (telling) {
            Progress.State state;
            synchronized (this) {
                if (ended && !last) {
                    return; // race: the last word has been spoken
                }
                var elapsed = Duration.ofNanos(System.nanoTime() - begin);
                state = new Progress.State(run, done, failed, items, elapsed, last);
            }
            try {
                listener.update(state);
            } catch (RuntimeException | Error e) {
                // it is told of the run, it does not take part in it
            }
        }
    }
}
