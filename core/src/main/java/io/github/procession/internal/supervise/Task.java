package io.github.procession.internal.supervise;

import io.github.procession.internal.wire.Outcome;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One thing that is asked of a pool: a callable, or a function and a chunk of items.
public final class Task {
    /*
     * `done` is completed once, by who is on duty alone; whoever waits for it decodes. All other mutable fields belong to who
     * is on duty, but that whoever has seen the end may read how long it ran.
     */
    private final long number;
    private final Order order;
    private final int function;
    private final int items;
    private final long pin;
    private final CompletableFuture<Settlement> done = new CompletableFuture<>();
    private byte @Nullable [] body;

    @Nullable Worker worker;

    int ticket;
    long ran; // nanoseconds
    int retries; // left
    boolean unwanted; // whoever asked for it has cancelled it, and it may run on
    boolean cancelled; // it is to be stopped
    boolean overdue; // its time has run out, and its worker was asked what it is doing

    /// No function: the body is a callable.
    static final int CALLABLE = 0;

    /// What is said about a task.
    ///
    /// @param label   what it is, for people
    /// @param limit   how many nanoseconds it, or each of its items, may run; 0 for no limit
    /// @param retries how often it is run again after a crash
    /// @param origin  what is given back if it never runs, null for nothing
    public record Order(
            String label, long limit, int retries, @Nullable Object origin) {}

    Task(long number, int function, int items, byte[] body, long pin, Order order) {
        this.number = number;
        this.function = function;
        this.items = items;
        this.order = order;
        this.retries = order.retries();
        this.body = body;
        this.pin = pin;
    }

    /// How a task ended, before anything is decoded.
    public sealed interface Settlement {
        /// A worker sent its outcome.
        ///
        /// @param bytes what ends with the bytes of an outcome, or of a chunk's
        /// @param from  where these begin
        /// @param pin   what keeps shared objects in it alive until it has been decoded
        record Answered(byte[] bytes, int from, long pin) implements Settlement {}

        /// The worker that ran it died.
        record Crashed(Outcome.Crash crash) implements Settlement {}

        /// It ran for longer than it may.
        record TimedOut(Outcome.Overrun overrun) implements Settlement {}

        /// It was cancelled, or the pool was terminated.
        record Cancelled() implements Settlement {}

        /// The pool can have no workers.
        record Broken(Supervisor.Breakdown breakdown) implements Settlement {}
    }

    /// Completes when it has ended, on the thread that is on [Duty]: its dependents must be short and must not throw.
    public CompletableFuture<Settlement> done() {
        return done;
    }

    /// How many nanoseconds it ran in the worker that answered, once it has ended; 0 if none did.
    public long nanos() {
        return ran;
    }

    /// Its number in its pool.
    long number() {
        return number;
    }

    /// What it is, for people.
    String label() {
        return order.label();
    }

    /// How long it, or each of its items, may run; 0 for no limit.
    long limit() {
        return order.limit();
    }

    /// What is given back if it never runs.
    @Nullable Object origin() {
        return order.origin();
    }

    /// How many items it has; 1 for a callable.
    int items() {
        return items;
    }

    /// The number of its function, or [#CALLABLE].
    int function() {
        return function;
    }

    /// Keeps the shared objects in it alive until it has ended.
    long pin() {
        return pin;
    }

    byte[] body() {
        var bytes = body;
        if (bytes == null) {
            throw new IllegalStateException("Task " + number + " has ended");
        }
        return bytes;
    }

    boolean settle(Settlement settlement) {
        body = null;
        return done.complete(settlement);
    }
}
