package io.github.procession.internal.worker;

/// Interrupts the main thread on the parent's word: always, or only while it runs a certain task, so that a late word
/// never hits the next task. Safe for use by any thread.
final class Interruption {
    private final Thread main;
    private long current; // guarded by this
    private boolean early; // guarded by this: came while the process booted, where it would close channels
    private boolean booted; // guarded by this

    Interruption(Thread main) {
        this.main = main;
    }

    /// @param task the task meant, 0 for whatever the thread does
    synchronized void deliver(long task) {
        if (task == 0 && !booted) {
            early = true;
        } else if (task == 0 || task == current) {
            main.interrupt();
        }
    }

    /// What the threads are doing, the main thread first; and interrupts it if it runs that task.
    String deliverOverdue(long task) {
        String dump = isCurrent(task) ? Threads.dump(main) : "";
        deliver(task);
        return dump;
    }

    private synchronized boolean isCurrent(long task) {
        return task == current;
    }

    /// The main thread is about to run what the process was started for.
    synchronized void booted() {
        booted = true;
        if (early) {
            main.interrupt();
        }
    }

    /// The main thread begins that task.
    synchronized void begin(long task) {
        current = task;
    }

    /// The main thread is through with its task; an interrupt that came too late is forgotten.
    @SuppressWarnings("ResultOfMethodCallIgnored")
    synchronized void end() {
        current = 0;
        var _ = Thread.interrupted();
    }
}
