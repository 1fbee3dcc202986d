package io.github.procession.internal.supervise;

import java.util.List;

/// What a pool has done, and does; items of chunks count as tasks. Times in nanoseconds.
///
/// @param workers   how many workers it may have
/// @param waiting   tasks that have not begun
/// @param running   workers that run one
/// @param done      tasks that returned
/// @param failed    tasks that threw
/// @param crashed   tasks whose worker died
/// @param timedOut  tasks that were stopped at their limit
/// @param retried   tasks that were run again
/// @param restarts  workers that took the place of another
/// @param busy      how long workers have run tasks
/// @param processes the workers that are there
public record Report(
        int workers,
        int waiting,
        int running,
        long done,
        long failed,
        long crashed,
        long timedOut,
        long retried,
        long restarts,
        long busy,
        List<Member> processes) {

    /// Of a pool that failed before it could count.
    static final Report NOTHING = new Report(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, List.of());

    /// One worker.
    public record Member(String name, long pid, boolean running, long done, long failed, long busy, long age) {}
}
