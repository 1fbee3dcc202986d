package io.github.procession.internal.worker;

import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableFunction;
import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.os.Os;
import io.github.procession.internal.ring.BellBlock;
import io.github.procession.internal.ring.ChannelBlock;
import io.github.procession.internal.ring.Parts;
import io.github.procession.internal.shared.Local;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.Role;
import io.github.procession.internal.wire.Outcomes;
import io.github.procession.internal.wire.SerialFilter;
import io.github.procession.internal.wire.Shipment;
import io.github.procession.internal.wire.Work;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A pool's worker: takes tasks from its channel, runs them on the main thread, writes what they came to.
final class TaskLoop {
    /*
     * Exchanging the ticket for 0 comes before the task is even deserialized: from there on, until its result is published
     * in the pipe, the death of this process is this task's crash and no other's.
     */
    private static final byte[] NOTHING = {};

    /// With nothing to do for so long, it gives back memory. By then the JVM has let go of what its compilers used (5 s).
    private static final long REST = TimeUnit.SECONDS.toNanos(10);

    private final ChannelBlock channel;
    private final Parts.Reader tasks;
    private final Parts.Writer results;
    private final BellBlock bell;
    private final Interruption interruption;
    private final int poolSlot;
    private final String name;
    private final Map<Integer, Function> functions = new HashMap<>();
    private volatile boolean quitting;
    private boolean watchMemory;
    private boolean rested; // it has given back memory since its last task
    private int items; // that the task at hand has returned

    TaskLoop(Role.Serve role, Message.Welcome welcome, Interruption interruption) {
        this(
                SharedBlock.attach(role.channel()).memory(),
                SharedBlock.attach(role.bell()).memory(),
                interruption,
                welcome.parentSlot(),
                welcome.name());
    }

    /// @param channel  memory of a [ChannelBlock]
    /// @param bell     memory of a [BellBlock]
    /// @param poolSlot who gets the results
    TaskLoop(MemorySegment channel, MemorySegment bell, Interruption interruption, int poolSlot, String name) {
        this.channel = ChannelBlock.over(channel);
        this.tasks = new Parts.Reader(this.channel.tasks());
        this.results = new Parts.Writer(this.channel.results());
        this.bell = BellBlock.over(bell);
        this.interruption = interruption;
        this.poolSlot = poolSlot;
        this.name = name;
    }

    /// Serves until it is told to leave, and ends the process.
    void run() {
        SerialFilter.setEarly(false);
        AtExit.last(() -> {
            quitting = true;
            interruption.deliver(0);
        });
        serve();
        Ending.complete();
        System.exit(0); // not held up by threads that tasks have left behind; shutdown hooks run
    }

    /// Serves until it is told to leave.
    void serve() {
        boolean leave = false;
        while (!leave) {
            leave = !handle(next());
        }
    }

    private Parts.Message next() {
        while (true) {
            try {
                var message = channel.work().await(this::poll, rested ? Long.MAX_VALUE : System.nanoTime() + REST);
                rested = message == null;
                if (message != null) {
                    return message;
                }
                Os.trim();
            } catch (InterruptedException e) { // meant for a task, too late for it; or else the JVM shuts down
                restIfQuitting();
            }
        }
    }

    /// The JVM shuts down, and what this thread would do next, having been called away, is nobody's wish any more.
    private void restIfQuitting() {
        while (quitting) {
            LockSupport.park();
        }
    }

    private Parts.@Nullable Message poll() {
        if (!tasks.isReady()) {
            return null; // race: what comes now is for the next attempt, for what is read below must be signalled
        }
        var message = tasks.poll();
        if (channel.isRoomAskedFor()) {
            bell.ring();
        }
        return message;
    }

    /// @return whether to go on
    private boolean handle(Parts.Message message) {
        byte[] bytes = message.bytes();
        var body = ByteBuffer.wrap(bytes);
        WorkPoint.TASK_READ.pass();
        switch (message.kind()) {
            case Work.SETUP -> {
                watchMemory = body.get() != 0;
                return initialize(Work.rest(body));
            }
            case Work.FUNCTION -> functions.put(body.getInt(), new Function(Work.rest(body)));
            case Work.FORGET -> functions.remove(body.getInt());
            case Work.TASK -> {
                long task = body.getLong();
                int ticket = body.getInt();
                int from = body.position();
                if (begin(task, ticket)) {
                    settle(task, ticket, () -> call(bytes, from, ticket));
                }
            }
            case Work.CHUNK -> {
                long task = body.getLong();
                int ticket = body.getInt();
                boolean clock = body.get() != 0;
                int function = body.getInt();
                int from = body.position();
                if (begin(task, ticket)) {
                    settle(task, ticket, () -> map(function, bytes, from, ticket, clock));
                }
            }
            case Work.LEAVE -> {
                WorkPoint.LEAVING.pass();
                return false;
            }
            default -> throw new IllegalStateException("A pool said " + message.kind());
        }
        return true;
    }

    /// @return whether this worker is fit for tasks
    private boolean initialize(byte[] initializer) {
        try {
            if (initializer.length > 0) {
                ((SerializableRunnable) Objects.requireNonNull(Parcels.unpack(initializer))).execute();
            }
        } catch (Throwable failure) {
            publish(Work.UNFIT, NOTHING, failed(failure));
            return false;
        }
        interruption.end();
        WorkPoint.INITIALIZED.pass();
        publish(Work.READY, NOTHING, NOTHING);
        return true;
    }

    private boolean begin(long task, int ticket) {
        interruption.begin(task); // first: as soon as it has begun, it may be called away
        if (channel.begin(ticket, task)) {
            WorkPoint.TASK_BEGUN.pass();
            return true;
        }
        interruption.end();
        publish(Work.SKIPPED, NOTHING, Work.skipped(task, ticket));
        return false;
    }

    private interface Step {
        Result run();
    }

    /// What a task came to.
    ///
    /// @param head    how its outcome begins
    /// @param outcome how it goes on
    /// @param failed  how many items threw, 0 or 1
    private record Result(byte[] head, byte[] outcome, long pin, int failed) {}

    private void settle(long task, int ticket, Step step) {
        long begin = System.nanoTime();
        items = 0;
        Result result;
        try {
            result = step.run();
        } finally {
            interruption.end();
        }
        restIfQuitting(); // the task was called away too: that its process has ended says more than what came of it
        long nanos = System.nanoTime() - begin;
        var tally = new Work.Tally(nanos, watchMemory ? Resident.bytes() : 0, items, result.failed);
        publish(Work.DONE, Work.done(task, ticket, result.pin, tally, result.head), result.outcome);
    }

    private Result call(byte[] bytes, int from, int ticket) {
        try {
            var task = (SerializableCallable<?>) Objects.requireNonNull(Parcels.unpack(bytes, from));
            channel.setBegun(ticket, System.nanoTime());
            var result = task.call();
            WorkPoint.TASK_RETURNED.pass();
            var parcel = Parcels.pack(result, "result", poolSlot);
            WorkPoint.RESULT_PACKED.pass();
            items = 1;
            return new Result(Outcomes.returned(), parcel.bytes(), parcel.pin(), 0);
        } catch (Throwable failure) {
            return new Result(NOTHING, failed(failure), 0, 1);
        }
    }

    private byte[] failed(Throwable failure) {
        if (failure instanceof OutOfMemoryError) {
            Exhaustion.endProcess(failure);
        }
        var where = "%s (pid %d)".formatted(name, ProcessHandle.current().pid());
        return Outcomes.threw(Local.codec(), failure, where);
    }

    /// @param clock whether its time begins with each item
    private Result map(int number, byte[] bytes, int from, int ticket, boolean clock) {
        var results = new ArrayList<@Nullable Object>();
        try {
            var function = Objects.requireNonNull(functions.get(number)).get();
            var items = (List<?>) Objects.requireNonNull(Parcels.unpack(bytes, from));
            channel.setBegun(ticket, System.nanoTime());
            for (Object item : items) {
                if (clock) {
                    channel.setBegun(ticket, System.nanoTime());
                }
                results.add(function.apply(item));
            }
            WorkPoint.TASK_RETURNED.pass();
            var parcel = Parcels.pack(results, "result", poolSlot);
            WorkPoint.RESULT_PACKED.pass();
            this.items = results.size();
            return new Result(Work.whole(), parcel.bytes(), parcel.pin(), 0);
        } catch (Throwable failure) {
            return oneByOne(results, failure);
        }
    }

    /// An item failed, or a result cannot be serialized: an outcome for each item up to the first that failed.
    private Result oneByOne(List<@Nullable Object> results, Throwable failure) {
        var outcomes = new ArrayList<byte[]>();
        var shipment = new Shipment();
        for (Object result : results) {
            try {
                outcomes.add(Outcomes.returned(Local.codec().write(result, "result", shipment)));
            } catch (RuntimeException | Error unsendable) { // an error if it is nested too deeply
                items = outcomes.size();
                outcomes.add(failed(unsendable));
                return new Result(NOTHING, Work.each(outcomes), pin(shipment), 1);
            }
        }
        items = outcomes.size();
        outcomes.add(failed(failure));
        return new Result(NOTHING, Work.each(outcomes), pin(shipment), 1);
    }

    private long pin(Shipment shipment) {
        var ids = shipment.ids();
        return ids.isEmpty() ? 0 : Node.self().root().pin(poolSlot, ids);
    }

    private void publish(int kind, byte[] head, byte[] body) {
        results.begin(new Parts.Message(kind, head, body));
        while (!push()) {
            try {
                channel.room().await(() -> push() ? true : null, Long.MAX_VALUE);
                return;
            } catch (InterruptedException e) {
                // a result is written whatever interrupts
            }
        }
    }

    private boolean push() {
        boolean done = results.push();
        WorkPoint.RESULT_PUBLISHED.pass();
        bell.ring();
        WorkPoint.RESULT_RUNG.pass();
        return done;
    }

    /// A function that chunks name. Deserialized when first used, so that its failure is a chunk's.
    private static final class Function {
        private final byte[] bytes;
        private @Nullable SerializableFunction<@Nullable Object, @Nullable Object> function;

        Function(byte[] bytes) {
            this.bytes = bytes;
        }

        @SuppressWarnings("unchecked")
        SerializableFunction<@Nullable Object, @Nullable Object> get() throws Exception {
            var known = function;
            if (known == null) {
                known = (SerializableFunction<@Nullable Object, @Nullable Object>)
                        Objects.requireNonNull(Parcels.unpack(bytes));
                function = known;
            }
            return known;
        }
    }
}
