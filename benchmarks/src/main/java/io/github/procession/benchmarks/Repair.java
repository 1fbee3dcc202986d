package io.github.procession.benchmarks;

import io.github.procession.ChildProcess;
import io.github.procession.SharedLock;
import io.github.procession.SharedSemaphore;
import io.github.procession.internal.os.Os;
import io.github.procession.internal.os.PollSet;
import java.util.concurrent.FutureTask;

/// From the moment at which a killed holder of a lock is gone, as the kernel shows it, until the next one has the lock; and from
/// the kill, which includes what the kernel needs to take the process apart. In milliseconds.
public final class Repair {
    private static final int ROUNDS = 200;

    private Repair() {}

    @SuppressWarnings("LockNotBeforeTry") // it dies with it
    private static void hold(SharedLock lock, SharedSemaphore held) throws InterruptedException {
        lock.lock();
        held.release();
        Thread.sleep(60_000);
    }

    /// Runs it.
    @SuppressWarnings("LockNotBeforeTry")
    public static void main(String[] arguments) throws Exception {
        var sinceGone = new Series("procession-repair-since-gone", "ms");
        var sinceKill = new Series("procession-repair-since-kill", "ms");
        try (var lock = SharedLock.create(() -> {});
                var held = SharedSemaphore.create(0)) {
            for (int i = 0; i < ROUNDS; i++) {
                var holder = ChildProcess.of(Repair::hold, lock, held).start();
                held.acquire();
                var next = new FutureTask<>(() -> {
                    lock.lock();
                    long now = System.nanoTime();
                    lock.unlock();
                    return now;
                });
                Thread.ofPlatform().start(next);
                Thread.sleep(5); // it sleeps by then
                var gone = gone(holder.pid());
                long killed = System.nanoTime();
                holder.toHandle().destroyForcibly();
                long granted = next.get();
                sinceGone.add(Math.max(0, granted - gone.get()) / 1e6);
                sinceKill.add((granted - killed) / 1e6);
                holder.join();
            }
        }
        sinceGone.summarize();
        sinceKill.summarize();
    }

    /// When the kernel will say that a process is gone.
    private static FutureTask<Long> gone(long pid) {
        int descriptor = Os.pidfd(pid);
        var set = new PollSet();
        set.add(descriptor);
        var gone = new FutureTask<>(() -> {
            while (set.await().length == 0) {
                // called away for nothing
            }
            long now = System.nanoTime();
            set.remove(descriptor);
            set.close();
            Os.close(descriptor);
            return now;
        });
        Thread.ofPlatform().start(gone);
        return gone;
    }
}
