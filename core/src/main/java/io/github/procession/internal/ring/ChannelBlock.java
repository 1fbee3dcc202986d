package io.github.procession.internal.ring;

import io.github.procession.internal.waiting.WaitPoint;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/// The block between a pool and one of its workers: a pipe each way, where the worker sleeps, and the tickets.
///
/// ```text
///   0        128    384    640       768            1280          1792    1792 + P
///   +--------+------+------+---------+--------------+-------------+-------+---------
///   | header | work | room | asked:4 | ticket:8 × N | begun:8 × N | tasks | results
///   +--------+------+------+---------+--------------+-------------+-------+---------
/// ```
///
/// A **ticket** says whether a task that was sent has begun: the pool stores the task's number in it before it sends the
/// task, the worker exchanges it for 0 when it begins. Until then the pool can take the task back by exchanging it for the
/// negative number; the worker then skips the task. So after the death of a worker, the tickets tell what it was running:
/// the task without a ticket of its own and without a result.
///
/// **Begun** is when its code began, or came to a part that has its own time, in the time of [System#nanoTime()], which on
/// one machine is the same for all. Before the ticket is exchanged it is set to a moment to come: until then the worker may
/// read the task, which takes a fresh JVM its time.
///
/// The pool, which never waits for one worker, stores 1 in **asked** when it found no room for a task; the worker rings the
/// pool's bell when it has made some.
public final class ChannelBlock {
    /// How many tasks may be with a worker at a time: one that runs and others that wait.
    public static final int TICKETS = 64;

    private static final long MAY_READ = TimeUnit.SECONDS.toNanos(10);
    private static final int PIPE = 256 << 10;
    private static final long AT_WORK = 128;
    private static final long AT_ROOM = 384;
    private static final long AT_ASKED = 640;
    private static final long AT_TICKETS = 768;
    private static final long AT_BEGUN = AT_TICKETS + TICKETS * Long.BYTES;
    private static final long AT_TASKS = AT_BEGUN + TICKETS * Long.BYTES;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment block;
    private final RecordPipe tasks;
    private final RecordPipe results;
    private final WaitPoint work;
    private final WaitPoint room;

    private ChannelBlock(MemorySegment block, RecordPipe tasks, RecordPipe results) {
        this.block = block;
        this.tasks = tasks;
        this.results = results;
        this.work = new WaitPoint(block, AT_WORK);
        this.room = new WaitPoint(block, AT_ROOM);
    }

    /// Length of the block.
    public static long bytes() {
        return atResults() + RecordPipe.bytes(PIPE);
    }

    private static long atResults() {
        return AT_TASKS + ((RecordPipe.bytes(PIPE) + 127) & -128);
    }

    /// Lays out a new channel in a zeroed block.
    public static ChannelBlock format(MemorySegment block) {
        return new ChannelBlock(
                block, RecordPipe.format(block, AT_TASKS, PIPE), RecordPipe.format(block, atResults(), PIPE));
    }

    /// The channel that lies in a block.
    public static ChannelBlock over(MemorySegment block) {
        return new ChannelBlock(block, RecordPipe.over(block, AT_TASKS), RecordPipe.over(block, atResults()));
    }

    /// From the pool to the worker.
    public RecordPipe tasks() {
        return tasks;
    }

    /// From the worker to the pool.
    public RecordPipe results() {
        return results;
    }

    /// Where the worker sleeps until there is a task.
    public WaitPoint work() {
        return work;
    }

    /// Where the worker sleeps until there is room for its results.
    public WaitPoint room() {
        return room;
    }

    /// Pool: there was no room for a task; to be followed by another attempt.
    public void askForRoom() {
        INT.setVolatile(block, AT_ASKED, 1);
        VarHandle.fullFence();
    }

    /// Worker: has made room.
    ///
    /// @return whether the pool has asked for it
    public boolean isRoomAskedFor() {
        VarHandle.fullFence();
        if ((int) INT.getOpaque(block, AT_ASKED) == 0) {
            return false;
        }
        INT.setVolatile(block, AT_ASKED, 0);
        return true;
    }

    /// Pool: the task is about to be sent.
    public void issue(int ticket, long task) {
        LONG.setRelease(block, at(ticket), task);
    }

    /// Worker: begins the task, by reading it.
    ///
    /// @return false if the pool has taken it back
    public boolean begin(int ticket, long task) {
        setBegun(ticket, System.nanoTime() + MAY_READ);
        return LONG.compareAndSet(block, at(ticket), task, 0L);
    }

    /// Worker: the code of the task begins, or an item of it; the time of what came before counts no longer.
    public void setBegun(int ticket, long nanoTime) {
        LONG.setOpaque(block, AT_BEGUN + (long) ticket * Long.BYTES, nanoTime);
    }

    /// Pool: when the code of the task, which has begun, or its last item did; perhaps a moment to come.
    public long begun(int ticket) {
        return (long) LONG.getOpaque(block, AT_BEGUN + (long) ticket * Long.BYTES);
    }

    /// Pool: takes the task back.
    ///
    /// @return false if the worker has begun it
    public boolean revoke(int ticket, long task) {
        return LONG.compareAndSet(block, at(ticket), task, -task);
    }

    /// Pool: whether the task has not begun.
    public boolean isWaiting(int ticket, long task) {
        return (long) LONG.getAcquire(block, at(ticket)) == task;
    }

    private static long at(int ticket) {
        return AT_TICKETS + (long) ticket * Long.BYTES;
    }
}
