package io.github.procession;

import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableFunction;
import io.github.procession.internal.shared.Local;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.supervise.Report;
import io.github.procession.internal.supervise.Setup;
import io.github.procession.internal.supervise.Supervisor;
import io.github.procession.internal.supervise.Task;
import io.github.procession.internal.supervise.Task.Settlement;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Outcome;
import io.github.procession.internal.wire.Outcomes;
import io.github.procession.internal.wire.Parcel;
import io.github.procession.internal.wire.Work;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Tasks in other processes: what is asked becomes bytes and tasks of the supervisor, what they come to becomes outcomes.
final class ProcessEngine implements Engine {
    private static final int AHEAD_PER_WORKER = 4;
    private static final int HEAP_PERCENT_OF_ALL = 50;

    private final PoolOptions options;
    private final ProcessOptions process;
    private final TaskOptions chunkOptions;
    private final Supervisor supervisor;

    ProcessEngine(PoolOptions options) {
        this.options = options;
        this.process = options.process().jvmArgs("-XX:+ExitOnOutOfMemoryError");
        this.chunkOptions = TaskOptions.of(options);
        var initializer = options.initializer() == null ? null : pack(options.initializer(), "initializer");
        this.supervisor = Supervisor.open(new Supervisor.Spec(
                options.workers(),
                setup(options.workers()),
                initializer,
                options.maxTasks(),
                options.idle(),
                options.maxMemory()));
    }

    /// The workers share the machine: each sizes itself for its part of the processors and of the memory.
    private Setup setup(int workers) {
        var sized = process;
        if (!process.hasCpus()) {
            sized = sized.cpus(Math.max(1, Pool.defaultWorkers() / workers));
        }
        return sized.setup(workers > 2 ? Math.max(1.0, (double) HEAP_PERCENT_OF_ALL / workers) : 0);
    }

    private static Parcel pack(@Nullable Object value, String what) {
        return Parcels.pack(value, what, Node.self().slot());
    }

    // ---- tasks -----------------------------------------------------------------------------------------------------

    @Override
    public Job submit(SerializableCallable<?> callable, TaskOptions options, @Nullable Object origin) {
        var parcel = pack(callable, "task");
        var order = new Task.Order(label(callable, options), options.limit(), options.retries(), origin);
        return new ProcessJob(taken(supervisor.submit(parcel.bytes(), parcel.pin(), order), parcel), false);
    }

    @Override
    public Route route(SerializableFunction<?, ?> function) {
        int number = supervisor.define(pack(function, "function"));
        var label = label(function, chunkOptions);
        var order = new Task.Order(label, chunkOptions.limit(), chunkOptions.retries(), null);
        return new Route() {
            @Override
            public Job submit(List<?> items) {
                var parcel = pack(new ArrayList<>(items), "items");
                var task = supervisor.submitChunk(number, parcel.bytes(), parcel.pin(), items.size(), order);
                return new ProcessJob(taken(task, parcel), true);
            }

            @Override
            public void depart() {
                supervisor.handOut();
            }

            @Override
            public void close() {
                supervisor.forget(number);
            }
        };
    }

    private Task taken(@Nullable Task task, Parcel parcel) {
        if (task == null) {
            Parcels.settle(parcel.pin());
            throw refused();
        }
        return task;
    }

    private static String label(Object function, TaskOptions options) {
        return Objects.requireNonNullElseGet(options.name(), () -> Label.of(function));
    }

    private RejectedExecutionException refused() {
        var breakdown = supervisor.broken();
        if (breakdown == null) {
            return new RejectedExecutionException("The pool is closed");
        }
        var cause = cause(breakdown);
        return new RejectedExecutionException(whyBroken(breakdown, cause), cause);
    }

    private static String whyBroken(Supervisor.Breakdown breakdown, Throwable cause) {
        return switch (breakdown) {
            case Supervisor.Breakdown.Fault _ ->
                "The pool can have no workers: " + (cause instanceof Error ? cause : cause.getMessage());
            case Supervisor.Breakdown.Unfit(byte[] _, int times) ->
                "The pool can have no workers: its initializer failed %d times in a row, the last time with %s"
                        .formatted(times, cause);
        };
    }

    private static Throwable cause(Supervisor.Breakdown breakdown) {
        return switch (breakdown) {
            case Supervisor.Breakdown.Fault(Throwable failure) -> failure;
            case Supervisor.Breakdown.Unfit(byte[] outcome, int _) -> {
                try {
                    yield Failures.cause(Outcomes.read(Local.codec(), outcome));
                } catch (IOException e) {
                    yield unreadable(e);
                }
            }
        };
    }

    private static IllegalStateException unreadable(IOException e) {
        return new IllegalStateException("The worker's answer cannot be read: " + e, e);
    }

    /// A task of the supervisor.
    private final class ProcessJob implements Job {
        private final Task task;
        private final boolean isChunk;

        ProcessJob(Task task, boolean isChunk) {
            this.task = task;
            this.isChunk = isChunk;
        }

        @Override
        public CompletableFuture<?> done() {
            return task.done();
        }

        @Override
        public void help(BooleanSupplier ready, long deadline) throws InterruptedException {
            if (!ready.getAsBoolean()) {
                supervisor.help(ready, deadline);
            }
        }

        @Override
        public void rouse() {
            supervisor.rouse();
        }

        @Override
        public List<Outcome> outcomes() {
            return switch (task.done().join()) {
                case Settlement.Answered(byte[] bytes, int from, long pin) -> read(bytes, from, pin);
                case Settlement.Crashed(Outcome.Crash crash) -> List.of(new Outcome.Crashed(crash));
                case Settlement.TimedOut(Outcome.Overrun overrun) -> List.of(new Outcome.TimedOut(overrun));
                case Settlement.Cancelled _ ->
                    throw new CancellationException("The task was cancelled, or the pool terminated");
                case Settlement.Broken(Supervisor.Breakdown breakdown) -> {
                    var cause = cause(breakdown);
                    throw new IllegalStateException(whyBroken(breakdown, cause), cause);
                }
            };
        }

        private List<Outcome> read(byte[] bytes, int from, long pin) {
            try {
                return isChunk
                        ? Work.outcomes(Local.codec(), bytes, from)
                        : List.of(Outcomes.read(Local.codec(), bytes, from));
            } catch (IOException e) {
                throw unreadable(e);
            } finally {
                Parcels.settle(pin);
            }
        }

        @Override
        public long nanos() {
            return task.nanos();
        }

        @Override
        public void drop() {
            task.done().thenAccept(settlement -> {
                if (settlement instanceof Settlement.Answered(byte[] _, int _, long pin)) {
                    Parcels.settle(pin);
                }
            });
        }

        @Override
        public void cancel(boolean interrupt) {
            supervisor.cancel(task, interrupt);
        }
    }

    // ---- the pool --------------------------------------------------------------------------------------------------

    @Override
    public int workers() {
        return supervisor.workers();
    }

    @Override
    public int ahead() {
        return AHEAD_PER_WORKER * workers();
    }

    @Override
    public int chunkLimit() {
        return options.maxTasks() == 0 ? Integer.MAX_VALUE : options.maxTasks();
    }

    @Override
    public void checkWait() {
        // a pool cannot be sent to its workers, so that none of them can wait for it
    }

    @Override
    public PoolStats stats() {
        Report report = supervisor.report();
        return new PoolStats(
                report.workers(),
                report.waiting(),
                report.running(),
                report.done(),
                report.failed(),
                report.crashed(),
                report.timedOut(),
                report.retried(),
                report.restarts(),
                Duration.ofNanos(report.busy()),
                report.processes().stream()
                        .map(p -> new PoolStats.Worker(
                                p.name(),
                                p.pid(),
                                p.running(),
                                p.done(),
                                p.failed(),
                                Duration.ofNanos(p.busy()),
                                Duration.ofNanos(p.age())))
                        .toList());
    }

    @Override
    public boolean isOpen() {
        return supervisor.isOpen();
    }

    @Override
    public CompletableFuture<Void> close() {
        return supervisor.close();
    }

    @Override
    public CompletableFuture<Void> terminate() {
        return supervisor.terminate(false);
    }

    /// Completes when it has ended.
    CompletableFuture<Void> ended() {
        return supervisor.finished();
    }

    /// Cancels all tasks and asks the workers to end, by SIGTERM.
    CompletableFuture<Void> terminateGently() {
        return supervisor.terminate(true);
    }

    /// Takes no more tasks, interrupts those that run, and gives back the origins of those that have not begun.
    List<Object> closeNow() {
        return supervisor.closeNow();
    }

    void resize(int workers) {
        supervisor.resize(workers, setup(workers));
    }
}
