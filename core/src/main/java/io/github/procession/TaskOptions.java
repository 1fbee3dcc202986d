package io.github.procession;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How one task is treated, where that differs from what the pool's options say. Immutable: each method returns changed
/// options.
///
/// ```java
/// executor.submit(() -> render(page), o -> o.name("page 7").timeout(Duration.ofMinutes(1)).retries(2));
/// ```
public final class TaskOptions {
    private final @Nullable String name;
    private final long limit; // nanoseconds, 0 for none
    private final int retries;

    private TaskOptions(@Nullable String name, long limit, int retries) {
        this.name = name;
        this.limit = limit;
        this.retries = retries;
    }

    static TaskOptions of(PoolOptions pool) {
        return new TaskOptions(null, pool.limit(), pool.retries());
    }

    static TaskOptions none() {
        return new TaskOptions(null, 0, 0);
    }

    /// What the task is called in reports of a crash or of its limit.
    ///
    /// @param text a name for people; by default the class of the function
    /// @return changed options
    public TaskOptions name(String text) {
        return new TaskOptions(Objects.requireNonNull(text, "text"), limit, retries);
    }

    /// How long the task may run, from its start in the worker: see [PoolOptions#taskTimeout].
    ///
    /// @param duration more than zero
    /// @return changed options
    /// @throws IllegalArgumentException if it is not
    public TaskOptions timeout(Duration duration) {
        return new TaskOptions(name, PoolOptions.nanos("timeout", duration), retries);
    }

    /// How often the task is run again after its worker has died: see [PoolOptions#retries].
    ///
    /// @param times 0 or more
    /// @return changed options
    /// @throws IllegalArgumentException if it is less than 0
    public TaskOptions retries(int times) {
        return new TaskOptions(name, limit, PoolOptions.checkRetries(times));
    }

    @Nullable String name() {
        return name;
    }

    long limit() {
        return limit;
    }

    int retries() {
        return retries;
    }
}
