package io.github.procession;

import io.github.procession.internal.wire.Outcome;
import io.github.procession.internal.wire.Outcome.Description;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Turns the outcome of a task into what the caller gets: a value, or an exception as the task threw it.
final class Failures {
    /// The place of a failure that the caller's own thread ran into: its frames are those of the caller.
    static final String HERE = "";

    private static final String MARK = "--- above: ";

    private Failures() {}

    /// The value that was returned.
    ///
    /// @throws RuntimeException what was thrown, if it was unchecked; [TaskException] around what was checked;
    ///                          [RemoteTaskException] for what cannot be rebuilt; [WorkerCrashedException]
    @SuppressWarnings("unchecked")
    static <V extends @Nullable Object> V value(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Returned(Object value) -> (V) value;
            default -> throw Failures.<RuntimeException>asIs(unchecked(exception(outcome)));
        };
    }

    /// The limit of a task is a checked exception, which only a future can pass on as it is.
    private static Throwable unchecked(Throwable failure) {
        return failure instanceof TimeoutException e
                ? new TaskException("The task was stopped at its limit", e)
                : failure;
    }

    /// In line, a task that was interrupted is its caller's interrupt: the caller gets that, rather than a failure of the task.
    ///
    /// @throws InterruptedException if so; the interrupt is no longer set
    static void checkInterrupt(Outcome outcome) throws InterruptedException {
        if (outcome instanceof Outcome.Threw(InterruptedException interrupt, String where)
                && where.equals(HERE)
                && Thread.interrupted()) {
            throw interrupt;
        }
    }

    /// What a future has as the cause of its `ExecutionException`, the caller's frames below the remote ones. Of an outcome
    /// that is no value.
    static Throwable exception(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Returned _ -> throw new IllegalArgumentException("no failure");
            case Outcome.Threw(Throwable failure, String where) -> {
                append(failure, where);
                yield failure instanceof RuntimeException || failure instanceof Error
                        ? failure
                        : new TaskException(asException(failure));
            }
            case Outcome.ThrewForeign(Description d, String where) ->
                new RemoteTaskException(where, d.className(), text(d.message()), d.trace(), causes(d), d.why());
            case Outcome.Crashed(Outcome.Crash crash) -> new WorkerCrashedException(crash);
            case Outcome.TimedOut(Outcome.Overrun overrun) -> new TaskTimeoutException(overrun);
        };
    }

    /// What was thrown, as it was: for the cause of something else.
    static Throwable cause(Outcome outcome) {
        return outcome instanceof Outcome.Threw(Throwable failure, String _) ? failure : exception(outcome);
    }

    /// A throwable that is neither exception nor error is possible, if odd.
    private static Exception asException(Throwable failure) {
        return failure instanceof Exception exception ? exception : new Exception(failure);
    }

    /// A failure whose own code keeps its frames to itself stays as it is.
    private static void append(Throwable failure, String where) {
        try {
            appendFrames(failure, where);
        } catch (RuntimeException | Error e) {
            // whoever catches it gets it without ours
        }
    }

    private static void appendFrames(Throwable failure, String where) {
        var frames = new ArrayList<>(Arrays.asList(failure.getStackTrace()));
        if (where.equals(HERE) || frames.stream().anyMatch(f -> f.getClassName().equals(MARK + where + "; below"))) {
            return; // the second is one object that a thread throws again and again
        }
        frames.add(new StackTraceElement(MARK + where + "; below", "the caller ---", null, -1));
        var here = new Throwable().getStackTrace();
        int from = 0;
        while (from < here.length && here[from].getClassName().equals(Failures.class.getName())) {
            from++;
        }
        frames.addAll(Arrays.asList(here).subList(from, here.length));
        failure.setStackTrace(frames.toArray(StackTraceElement[]::new));
    }

    private static List<String> causes(Description d) {
        return d.causes().stream()
                .map(c -> text(c.message()).isEmpty() ? c.className() : c.className() + ": " + c.message())
                .toList();
    }

    private static String text(@Nullable String message) {
        return message == null ? "" : message;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <X extends Throwable> X asIs(Throwable failure) throws X {
        throw (X) failure;
    }
}
