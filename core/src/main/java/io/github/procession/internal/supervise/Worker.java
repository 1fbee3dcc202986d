package io.github.procession.internal.supervise;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.ring.ChannelBlock;
import io.github.procession.internal.ring.Parts;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.wire.Work;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One worker of a pool, as its supervisor sees it: the process, once it has started, and the channel. Touched by whoever is
/// on [Duty] alone.
final class Worker {
    /*
     * Tickets are given out in turn, and come back in the order in which they were given, for the worker answers one message
     * after the other. How many it gets is found by measuring: as many as it runs within a fraction of a millisecond, so
     * that it need not wait for the next one, and what is with it is not out of the reach of others for long.
     */
    private static final int LEAST_DEPTH = 2;
    private static final double HORIZON = 200_000; // nanoseconds that what waits with it may take
    private static final int PACE_WEIGHT = 3; // of what was known before, against 1 of the last task
    private static final byte[] NOTHING = {};

    private final SharedBlock block;
    private final ChannelBlock channel;
    private final Parts.Writer writer;
    private final Parts.Reader reader;
    private final ArrayDeque<Parts.Message> outbox = new ArrayDeque<>();
    private final Set<Integer> functions = new HashSet<>(); // those that it knows
    private final @Nullable Task[] tickets = new Task[ChannelBlock.TICKETS];
    private final boolean[] revoked = new boolean[ChannelBlock.TICKETS]; // the worker will skip the task
    private int newest; // ticket, the last that was given out
    private int assigned;
    private int toRun; // of the assigned, those that are not revoked
    private long items; // of all that are assigned
    private double pace = Double.POSITIVE_INFINITY; // nanoseconds a task
    private boolean writing;

    @Nullable Child child;

    final long began = System.nanoTime();
    boolean settledIn; // it has said that it is ready
    boolean retiring; // gets no more tasks, and leaves when it has none
    boolean leaving;
    boolean insane; // its channel holds nonsense
    byte @Nullable [] unfit; // how its initializer failed
    long done; // items
    long failed; // items
    long busy;
    long movedAt = began; // it has ended a task, or got one when it had none
    long idleSince = began;
    boolean idleChecked; // a deadline looks whether it is idle
    long clockAt = Long.MAX_VALUE; // the deadline that looks at the time of its tasks

    /// @param setup what it does first
    Worker(byte[] setup) {
        block = SharedBlock.create(ObjectKind.CHANNEL, ChannelBlock.bytes() - BlockLayout.HEADER);
        channel = ChannelBlock.format(block.memory());
        writer = new Parts.Writer(channel.tasks());
        reader = new Parts.Reader(channel.results());
        post(Work.SETUP, NOTHING, setup);
    }

    long channelId() {
        return block.id();
    }

    /// Its process is gone and its results are read.
    void close() {
        block.close();
    }

    // ---- tasks -----------------------------------------------------------------------------------------------------

    /// How many tasks are with it.
    int assigned() {
        return assigned;
    }

    /// How many of them it will run, or runs.
    int toRun() {
        return toRun;
    }

    /// How many tasks should be with it.
    int depth() {
        return outbox.isEmpty() ? (int) Math.clamp(HORIZON / pace, LEAST_DEPTH, ChannelBlock.TICKETS) : LEAST_DEPTH;
    }

    /// How many nanoseconds it will need for what is with it, if that is like what it had before.
    double backlog() {
        return assigned * pace;
    }

    /// It has ended a task, which took so many nanoseconds.
    void ended(long nanos) {
        boolean slower = nanos > pace || pace == Double.POSITIVE_INFINITY; // known at once, faster must be confirmed
        pace = slower ? nanos : (PACE_WEIGHT * pace + nanos) / (PACE_WEIGHT + 1);
    }

    /// Whether it may get one more task.
    ///
    /// @param maxTasks how many items it runs in its life, 0 for any number
    boolean takesMore(int maxTasks) {
        if (retiring || leaving || insane || unfit != null || assigned == ChannelBlock.TICKETS) {
            return false;
        }
        return maxTasks == 0 || done + failed + items < maxTasks;
    }

    /// Whether it runs a task.
    boolean isRunning() {
        for (var task : tickets) {
            if (task != null && task.worker == this && !task.done().isDone() && !isWaiting(task)) {
                return true;
            }
        }
        return false;
    }

    boolean isIdle() {
        return assigned == 0;
    }

    /// Whether it runs nothing and will not: what it still holds was taken back.
    boolean hasNothingToRun() {
        return toRun == 0;
    }

    /// The tasks that are with it and have not ended, those first that it got first.
    List<Task> tasks() {
        var tasks = new ArrayList<Task>(assigned);
        for (int i = 1; i <= tickets.length && assigned > 0; i++) {
            int ticket = (newest + i) % tickets.length;
            var task = tickets[ticket];
            if (task != null
                    && task.worker == this
                    && task.ticket == ticket
                    && !task.done().isDone()) {
                tasks.add(task);
            }
        }
        return tasks;
    }

    /// Takes back the task that would have been the last to be run.
    ///
    /// @return null if none waits
    @Nullable Task takeBack() {
        for (int i = 0; i < tickets.length && toRun > 0; i++) {
            int ticket = (newest - i + tickets.length) % tickets.length;
            var task = tickets[ticket];
            if (task == null) {
                return null;
            }
            if (task.worker == this && task.ticket == ticket && !task.done().isDone() && revoke(task)) {
                return task;
            }
        }
        return null;
    }

    /// The task under a ticket.
    @Nullable Task task(int ticket) {
        return ticket < 0 || ticket >= tickets.length ? null : tickets[ticket];
    }

    /// Whether it still holds the task.
    boolean holds(Task task) {
        return tickets[task.ticket] == task;
    }

    /// Sends it a task. There must be a free ticket.
    void send(Task task, byte @Nullable [] function) {
        int ticket = (newest + 1) % tickets.length;
        if (tickets[ticket] != null) {
            throw new IllegalStateException("Ticket %d is in use".formatted(ticket));
        }
        newest = ticket;
        tickets[ticket] = task;
        revoked[ticket] = false;
        assigned++;
        toRun++;
        items += task.items();
        task.worker = this;
        task.ticket = ticket;
        channel.issue(ticket, task.number());
        SupervisePoint.TASK_ISSUED.pass();
        if (task.function() == Task.CALLABLE) {
            post(Work.TASK, Work.task(task.number(), ticket), task.body());
        } else {
            if (function != null && functions.add(task.function())) {
                post(Work.FUNCTION, NOTHING, Work.function(task.function(), function));
            }
            post(Work.CHUNK, Work.chunk(task.number(), ticket, task.limit() > 0, task.function()), task.body());
        }
        SupervisePoint.TASK_SENT.pass();
    }

    void forget(int function) {
        if (functions.remove(function)) {
            post(Work.FORGET, NOTHING, Work.forget(function));
        }
    }

    void leave() {
        leaving = true;
        post(Work.LEAVE, NOTHING, NOTHING);
        SupervisePoint.WORKER_LEAVING.pass();
    }

    /// Takes back a task that it has not begun. The ticket stays in use until the worker has skipped the task.
    boolean revoke(Task task) {
        boolean taken = channel.revoke(task.ticket, task.number());
        if (taken) {
            revoked[task.ticket] = true;
            toRun--;
            SupervisePoint.TASK_TAKEN_BACK.pass();
        }
        return taken;
    }

    /// Whether the task that is with it has not begun.
    boolean isWaiting(Task task) {
        return channel.isWaiting(task.ticket, task.number());
    }

    /// How many nanoseconds the task, or the item at which it is, has run; 0 if it has not begun.
    long runs(Task task) {
        return isWaiting(task) ? 0 : Math.max(0, System.nanoTime() - channel.begun(task.ticket));
    }

    void free(int ticket) {
        var task = tickets[ticket];
        if (task != null) {
            tickets[ticket] = null;
            assigned--;
            items -= task.items();
            toRun -= revoked[ticket] ? 0 : 1;
        }
    }

    // ---- messages --------------------------------------------------------------------------------------------------

    private void post(int kind, byte[] head, byte[] body) {
        outbox.add(new Parts.Message(kind, head, body));
        flush();
    }

    /// Writes what there is room for.
    ///
    /// @return whether anything was completed
    boolean flush() {
        boolean progress = false;
        while (true) {
            if (writing) {
                boolean done = writer.push();
                if (!done) {
                    channel.askForRoom();
                    done = writer.push();
                }
                channel.work().signal();
                if (!done) {
                    return progress;
                }
                writing = false;
                progress = true;
            }
            var next = outbox.poll();
            if (next == null) {
                return progress;
            }
            writer.begin(next);
            writing = true;
        }
    }

    /// The next complete message from it.
    Parts.@Nullable Message receive() {
        if (!reader.isReady()) {
            return null;
        }
        var message = reader.poll();
        channel.room().signal();
        return message;
    }
}
