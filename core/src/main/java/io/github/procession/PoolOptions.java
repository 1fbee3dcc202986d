package io.github.procession;

import java.util.Objects;
import java.util.function.UnaryOperator;

/// What kind of pool to open. Immutable: each method returns changed options.
public final class PoolOptions {
    static final int MAX_WORKERS = 2048;

    private final int workers;
    private final ProcessOptions process;

    private PoolOptions(int workers, ProcessOptions process) {
        this.workers = workers;
        this.process = process;
    }

    static PoolOptions defaults() {
        return new PoolOptions(Pool.defaultWorkers(), ProcessOptions.defaults());
    }

    /// How many worker processes the pool has.
    ///
    /// @param count 1 to 2048; by default as many as there are processors
    /// @return changed options
    /// @throws IllegalArgumentException if it is out of range
    public PoolOptions workers(int count) {
        if (count < 1 || count > MAX_WORKERS) {
            throw new IllegalArgumentException(
                    "workers(%d): a pool has between 1 and %d workers; Pool.defaultWorkers() is %d here"
                            .formatted(count, MAX_WORKERS, Pool.defaultWorkers()));
        }
        return new PoolOptions(count, process);
    }

    /// How the JVMs of the workers differ from this one.
    ///
    /// @param change gets the options so far and returns those to use
    /// @return changed options
    public PoolOptions process(UnaryOperator<ProcessOptions> change) {
        return new PoolOptions(workers, Objects.requireNonNull(change.apply(process), "the changed options"));
    }

    int workers() {
        return workers;
    }

    ProcessOptions process() {
        return process;
    }
}
