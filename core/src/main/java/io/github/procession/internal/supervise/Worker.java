package io.github.procession.internal.supervise;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.ring.ChannelBlock;
import io.github.procession.internal.ring.Parts;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.wire.Work;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One worker of a pool, as its supervisor sees it: the process, once it has started, and the channel. Touched by the
/// supervisor's thread alone.
final class Worker {
    private final SharedBlock block;
    private final ChannelBlock channel;
    private final Parts.Writer writer;
    private final Parts.Reader reader;
    private final ArrayDeque<Parts.Message> outbox = new ArrayDeque<>();
    private final Set<Integer> functions = new HashSet<>(); // those that it knows
    private final @Nullable Task[] tickets = new Task[ChannelBlock.TICKETS];
    private final boolean[] revoked = new boolean[ChannelBlock.TICKETS]; // the worker will skip the task
    private boolean writing;

    @Nullable Child child;

    final long began = System.nanoTime();
    boolean settledIn; // it has said something
    boolean retiring; // gets no more tasks, and leaves when it has none
    boolean leaving;
    boolean insane; // its channel holds nonsense
    byte @Nullable [] unfit; // how its initializer failed
    long done; // items
    long failed; // items
    long busy;
    long idleSince = began;
    boolean idleChecked; // a deadline looks whether it is idle
    long clockAt = Long.MAX_VALUE; // the deadline that looks at the time of its tasks

    /// @param setup what it does first, null for nothing
    Worker(byte @Nullable [] setup) {
        block = SharedBlock.create(ObjectKind.CHANNEL, ChannelBlock.bytes() - BlockLayout.HEADER);
        channel = ChannelBlock.format(block.memory());
        writer = new Parts.Writer(channel.tasks());
        reader = new Parts.Reader(channel.results());
        if (setup != null) {
            post(Work.SETUP, setup);
        }
    }

    long channelId() {
        return block.id();
    }

    /// Its process is gone and its results are read.
    void close() {
        block.close();
    }

    // ---- tasks -----------------------------------------------------------------------------------------------------

    int assigned() {
        int n = 0;
        for (var task : tickets) {
            n += task == null ? 0 : 1;
        }
        return n;
    }

    /// Whether it may get one more task.
    ///
    /// @param maxTasks how many items it runs in its life, 0 for any number
    boolean takesMore(int maxTasks) {
        if (retiring || leaving || insane || unfit != null) {
            return false;
        }
        if (maxTasks == 0) {
            return true;
        }
        long all = done + failed;
        for (var task : tickets) {
            all += task == null ? 0 : task.items();
        }
        return all < maxTasks;
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
        return assigned() == 0;
    }

    /// Whether it runs nothing and will not: what it still holds was taken back.
    boolean hasNothingToRun() {
        for (int ticket = 0; ticket < tickets.length; ticket++) {
            if (tickets[ticket] != null && !revoked[ticket]) {
                return false;
            }
        }
        return true;
    }

    /// The tasks that are with it, begun or not.
    @Nullable Task[] tickets() {
        return tickets;
    }

    /// Sends it a task. There must be a free ticket.
    void send(Task task, byte @Nullable [] function) {
        int ticket = tickets[0] == null ? 0 : 1;
        tickets[ticket] = task;
        revoked[ticket] = false;
        task.worker = this;
        task.ticket = ticket;
        channel.issue(ticket, task.number());
        if (task.function() == Task.CALLABLE) {
            post(Work.TASK, Work.task(task.number(), ticket, task.body()));
        } else {
            if (function != null && functions.add(task.function())) {
                post(Work.FUNCTION, Work.function(task.function(), function));
            }
            post(Work.CHUNK, Work.chunk(task.number(), ticket, task.limit() > 0, task.function(), task.body()));
        }
    }

    void forget(int function) {
        if (functions.remove(function)) {
            post(Work.FORGET, Work.forget(function));
        }
    }

    void leave() {
        leaving = true;
        post(Work.LEAVE, new byte[0]);
    }

    /// Takes back a task that it has not begun. The ticket stays in use until the worker has skipped the task.
    boolean revoke(Task task) {
        boolean taken = channel.revoke(task.ticket, task.number());
        revoked[task.ticket] |= taken;
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
        tickets[ticket] = null;
    }

    // ---- messages --------------------------------------------------------------------------------------------------

    private void post(int kind, byte[] body) {
        outbox.add(new Parts.Message(kind, body));
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
            writer.begin(next.kind(), next.body());
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
