package io.github.procession;

import io.github.procession.function.SerializableRunnable;
import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// What kind of pool to open. Immutable: each method returns changed options.
///
/// ```java
/// Pool.open(o -> o.workers(8)
///         .initializer(Model::load)
///         .taskTimeout(Duration.ofSeconds(30))
///         .maxWorkerMemory("1g"));
/// ```
///
/// Values are checked at once.
public final class PoolOptions {
    static final int MAX_WORKERS = 2048;

    // Set by the method that has just made the copy, before anybody else sees it.
    private int workers = Pool.defaultWorkers();
    private ProcessOptions process = ProcessOptions.defaults();
    private @Nullable SerializableRunnable initializer;
    private int maxTasks;
    private long limit;
    private int retries;
    private long idle;
    private long maxMemory;
    private @Nullable Progress progress;

    private PoolOptions() {}

    static PoolOptions defaults() {
        return new PoolOptions();
    }

    private PoolOptions copy() {
        var copy = new PoolOptions();
        copy.workers = workers;
        copy.process = process;
        copy.initializer = initializer;
        copy.maxTasks = maxTasks;
        copy.limit = limit;
        copy.retries = retries;
        copy.idle = idle;
        copy.maxMemory = maxMemory;
        copy.progress = progress;
        return copy;
    }

    /// How many worker processes the pool has.
    ///
    /// @param count 1 to 2048; by default as many as there are processors
    /// @return changed options
    /// @throws IllegalArgumentException if it is out of range
    public PoolOptions workers(int count) {
        checkWorkers("workers", count);
        var changed = copy();
        changed.workers = count;
        return changed;
    }

    static void checkWorkers(String method, int count) {
        if (count < 1 || count > MAX_WORKERS) {
            throw new IllegalArgumentException(
                    "%s(%d): a pool has between 1 and %d workers; Pool.defaultWorkers() is %d here"
                            .formatted(method, count, MAX_WORKERS, Pool.defaultWorkers()));
        }
    }

    /// How the JVMs of the workers differ from this one.
    ///
    /// @param change gets the options so far and returns those to use
    /// @return changed options
    public PoolOptions process(UnaryOperator<ProcessOptions> change) {
        var changed = copy();
        changed.process = Objects.requireNonNull(change.apply(process), "the changed options");
        return changed;
    }

    /// What each worker runs before its first task, a replacement too: to load a model, to open a connection, kept in static
    /// fields. It is serialized when the pool is opened.
    ///
    /// If it throws, the worker ends and another one is tried. After three failures in a row the pool is broken, and the
    /// exception of the last is the cause of all that the pool throws from then on. One that ends its worker
    /// (`System.exit`, native code) breaks the pool likewise. It has no limit of time: while it does not end in one worker,
    /// tasks go to those that are ready; `terminate` ends it, and so does closing the pool, ten seconds after nothing is left
    /// to run.
    ///
    /// @param action what to run
    /// @return changed options
    public PoolOptions initializer(SerializableRunnable action) {
        var changed = copy();
        changed.initializer = Objects.requireNonNull(action, "action");
        return changed;
    }

    /// After how many tasks a worker is replaced by a fresh one, for code that leaks. Each item of a map counts; a chunk is
    /// not divided, but by default has no more items than this.
    ///
    /// @param tasks at least 1; by default a worker stays
    /// @return changed options
    /// @throws IllegalArgumentException if it is less than 1
    public PoolOptions maxTasksPerWorker(int tasks) {
        if (tasks < 1) {
            throw new IllegalArgumentException(
                    "maxTasksPerWorker(%d): a worker runs at least 1 task; leave the option out to keep workers for good"
                            .formatted(tasks));
        }
        var changed = copy();
        changed.maxTasks = tasks;
        return changed;
    }

    /// How long a task may run, from its start in the worker; each item of a map has this time for itself.
    ///
    /// At the limit the task is interrupted, and its worker killed if it has not ended a second later. The task fails with a
    /// [java.util.concurrent.TimeoutException] that shows what each thread of the worker was doing: as the cause of
    /// the `ExecutionException` of a future, as the cause of a [TaskException] that `apply` and `map` throw. It is not
    /// tried again.
    ///
    /// @param duration more than zero; by default a task may run as long as it likes
    /// @return changed options
    /// @throws IllegalArgumentException if it is not
    public PoolOptions taskTimeout(Duration duration) {
        var changed = copy();
        changed.limit = nanos("taskTimeout", duration);
        return changed;
    }

    /// How often a task is run again after the worker that ran it has died. Not after an exception, nor after its time has run
    /// out: it would end the same way. A chunk of a map is run again as a whole.
    ///
    /// A task that is run again may have done a part of its work before: let it be one that can be repeated.
    ///
    /// @param times 0 or more; 0 by default
    /// @return changed options
    /// @throws IllegalArgumentException if it is less than 0
    public PoolOptions retries(int times) {
        var changed = copy();
        changed.retries = checkRetries(times);
        return changed;
    }

    static int checkRetries(int times) {
        if (times < 0) {
            throw new IllegalArgumentException(
                    "retries(%d): say 0 for a task that is run once, 1 for one that is tried a second time"
                            .formatted(times));
        }
        return times;
    }

    /// How long a worker may have nothing to do before it leaves. Others start when there is work again.
    ///
    /// @param duration more than zero; by default workers stay until the pool is closed
    /// @return changed options
    /// @throws IllegalArgumentException if it is not
    public PoolOptions idleTimeout(Duration duration) {
        var changed = copy();
        changed.idle = nanos("idleTimeout", duration);
        return changed;
    }

    /// With how much resident memory a worker is replaced by a fresh one, in the background, after the task that made it so
    /// large. For code that leaks; a task that takes too much while it runs is for [ProcessOptions#memoryLimit].
    ///
    /// @param size a number of bytes, or a number and `k`, `m`, `g` or `t`; 32 MB at least. A worker that has done nothing
    ///             has about 50 MB resident
    /// @return changed options
    /// @throws IllegalArgumentException if it is not such a size
    public PoolOptions maxWorkerMemory(String size) {
        var changed = copy();
        changed.maxMemory = ProcessOptions.memory("maxWorkerMemory", size);
        return changed;
    }

    /// Who is told how `map` and its relatives are getting on.
    ///
    /// @param listener for instance [Progress#console()]; nobody by default
    /// @return changed options
    public PoolOptions progress(Progress listener) {
        var changed = copy();
        changed.progress = Objects.requireNonNull(listener, "listener");
        return changed;
    }

    /// A duration that must be longer than zero; one that no clock can count is as long as one can.
    static long nanos(String option, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(
                    "%s(%s): a time longer than zero, as in Duration.ofSeconds(30); leave the option out for no limit"
                            .formatted(option, duration));
        }
        try {
            return Math.min(duration.toNanos(), Long.MAX_VALUE / 4);
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE / 4;
        }
    }

    int workers() {
        return workers;
    }

    ProcessOptions process() {
        return process;
    }

    @Nullable SerializableRunnable initializer() {
        return initializer;
    }

    int maxTasks() {
        return maxTasks;
    }

    long limit() {
        return limit;
    }

    int retries() {
        return retries;
    }

    long idle() {
        return idle;
    }

    long maxMemory() {
        return maxMemory;
    }

    @Nullable Progress progress() {
        return progress;
    }
}
