package io.github.procession;

import java.time.Duration;
import java.util.List;

/// What a pool has done since it was opened, and does at the moment. Each item of a map counts as a task.
///
/// @param workers  how many workers it may have; see [#processes()] for those that are there
/// @param waiting  tasks that nobody runs yet
/// @param running  workers that run a task
/// @param done     tasks that returned a result
/// @param failed   tasks that threw
/// @param crashed  tasks whose worker died while it ran them, each time it did
/// @param timedOut tasks that were stopped at their limit
/// @param retried  tasks that were run again after a crash
/// @param restarts workers that were started in place of one that had died or was recycled
/// @param busy     how long workers have run tasks, all together
/// @param processes the workers that are there; empty for a pool of threads, and for one in line
public record PoolStats(
        int workers,
        int waiting,
        int running,
        long done,
        long failed,
        long crashed,
        long timedOut,
        long retried,
        long restarts,
        Duration busy,
        List<Worker> processes) {
    /// Copies the list.
    ///
    /// @param workers   how many workers it may have
    /// @param waiting   tasks that nobody runs yet
    /// @param running   workers that run a task
    /// @param done      tasks that returned a result
    /// @param failed    tasks that threw
    /// @param crashed   tasks whose worker died while it ran them
    /// @param timedOut  tasks that were stopped at their limit
    /// @param retried   tasks that were run again after a crash
    /// @param restarts  workers that were started in place of another
    /// @param busy      how long workers have run tasks
    /// @param processes the workers that are there
    public PoolStats {
        processes = List.copyOf(processes);
    }

    /// One worker process.
    ///
    /// @param name    its name
    /// @param pid     its process id
    /// @param running whether it runs a task
    /// @param done    tasks that returned a result
    /// @param failed  tasks that threw
    /// @param busy    how long it has run tasks
    /// @param age     how long it has been there
    public record Worker(String name, long pid, boolean running, long done, long failed, Duration busy, Duration age) {}
}
