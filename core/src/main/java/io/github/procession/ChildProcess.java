package io.github.procession;

import io.github.procession.function.SerializableBiConsumer;
import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableConsumer;
import io.github.procession.function.SerializableRunnable;
import io.github.procession.function.SerializableTriConsumer;
import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.shared.Local;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.supervise.Child;
import io.github.procession.internal.supervise.ExitInfo;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Message.Role;
import io.github.procession.internal.wire.Outcome;
import io.github.procession.internal.wire.Outcomes;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A process that runs a function of this program.
///
/// ```java
/// var p = ChildProcess.of(Example::square, 7).start();
/// p.join();
/// ```
///
/// The target and its arguments are serialized in [#start()]; the child is a JVM of its own, with this one's class path,
/// flags, properties, directory and environment, and never runs the program's `main`. Its output reaches this process's,
/// in whole lines. An exception that leaves the target is printed there under `Process NAME:` and makes the exit code 1.
///
/// **Ends.** A child ends when its target has returned and its non-daemon threads have ended. This process, at its normal
/// end, waits for children that are not daemons and stops the others. However the root of the tree ends, by SIGKILL too,
/// all processes of the tree are gone within two seconds.
///
/// Safe for use by any thread. Name, daemon and options are set before the start.
public final class ChildProcess implements AutoCloseable, Waitable {
    private static final Duration CLOSE_GRACE = Duration.ofSeconds(1);
    private static final Set<ChildProcess> LIVING = ConcurrentHashMap.newKeySet();
    private static final String EXIT_WHEN_OUT_OF_MEMORY = "-XX:+ExitOnOutOfMemoryError";

    private volatile @Nullable Throwable startFailure;
    private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
    private final Set<Thread> watchers = ConcurrentHashMap.newKeySet();
    private @Nullable SerializableRunnable target; // until it has been sent; guarded by this
    private @Nullable TargetCall call; // instead of a target, until it has been bound; guarded by this
    private @Nullable String name; // guarded by this
    private boolean daemon; // guarded by this
    private ProcessOptions options = ProcessOptions.defaults(); // guarded by this
    private boolean startTried; // guarded by this
    private volatile @Nullable Child child;

    private ChildProcess(SerializableRunnable target) {
        this.target = target;
    }

    private ChildProcess(Serializable target, Class<?> shape) {
        this.call = new TargetCall(Objects.requireNonNull(target, "target"), shape);
    }

    /// A process that will run a target without arguments.
    ///
    /// @param target what to run
    /// @return the process, not yet started
    public static ChildProcess of(SerializableRunnable target) {
        return new ChildProcess(Objects.requireNonNull(target, "target"));
    }

    /// A process that will run a target with one argument.
    ///
    /// @param target what to run
    /// @param a      the argument; serialized in [#start()]
    /// @param <A>    its type
    /// @return the process, not yet started
    public static <A extends @Nullable Object> ChildProcess of(SerializableConsumer<A> target, A a) {
        return new ChildProcess(new Bound(Objects.requireNonNull(target, "target"), a));
    }

    /// A process that will run a target with two arguments.
    ///
    /// @param target what to run
    /// @param a      the first argument; serialized in [#start()]
    /// @param b      the second
    /// @param <A>    type of the first
    /// @param <B>    type of the second
    /// @return the process, not yet started
    public static <A extends @Nullable Object, B extends @Nullable Object> ChildProcess of(
            SerializableBiConsumer<A, B> target, A a, B b) {
        return new ChildProcess(new Bound(Objects.requireNonNull(target, "target"), a, b));
    }

    /// A process that will run a target with three arguments.
    ///
    /// @param target what to run
    /// @param a      the first argument; serialized in [#start()]
    /// @param b      the second
    /// @param c      the third
    /// @param <A>    type of the first
    /// @param <B>    type of the second
    /// @param <C>    type of the third
    /// @return the process, not yet started
    public static <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object> ChildProcess of(
            SerializableTriConsumer<A, B, C> target, A a, B b, C c) {
        return new ChildProcess(new Bound(Objects.requireNonNull(target, "target"), a, b, c));
    }

    /// A process that will run a target; it takes no arguments.
    ///
    /// @param target what to run
    /// @return the process, not yet started
    public static ChildProcess target(SerializableRunnable target) {
        return new ChildProcess(target, SerializableRunnable.class);
    }

    /// A process that will run a target of one parameter, given by [#args] or [#kwargs].
    ///
    /// @param target what to run
    /// @param <A> its type
    /// @return the process, not yet started
    public static <A extends @Nullable Object> ChildProcess target(SerializableConsumer<A> target) {
        return new ChildProcess(target, SerializableConsumer.class);
    }

    /// A process that will run a target of two parameters, given by [#args] and [#kwargs].
    ///
    /// @param target what to run
    /// @param <A> type of the first
    /// @param <B> type of the second
    /// @return the process, not yet started
    public static <A extends @Nullable Object, B extends @Nullable Object> ChildProcess target(
            SerializableBiConsumer<A, B> target) {
        return new ChildProcess(target, SerializableBiConsumer.class);
    }

    /// A process that will run a target of three parameters, given by [#args] and [#kwargs].
    ///
    /// @param target what to run
    /// @param <A> type of the first
    /// @param <B> type of the second
    /// @param <C> type of the third
    /// @return the process, not yet started
    public static <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
            ChildProcess target(SerializableTriConsumer<A, B, C> target) {
        return new ChildProcess(target, SerializableTriConsumer.class);
    }

    /// Runs one task in a process of its own and returns its result.
    ///
    /// @param task what to run
    /// @param <V>  type of its result
    /// @return what it returned
    /// @throws InterruptedException   if this thread is interrupted; the process is killed then
    /// @throws TaskException          around a checked exception of the task; an unchecked one is thrown as itself
    /// @throws RemoteTaskException    for an exception of the task that cannot be rebuilt here
    /// @throws WorkerCrashedException if the process died before the task had ended
    public static <V extends @Nullable Object> V call(SerializableCallable<V> task) throws InterruptedException {
        return callWithin(task, null).value();
    }

    /// Runs one task in a process of its own, for at most so long, and returns its result.
    ///
    /// @param task  what to run
    /// @param limit how long from this call, the start of the process included; it is killed then
    /// @param <V>   type of its result
    /// @return what it returned
    /// @throws TimeoutException       at the limit
    /// @throws InterruptedException   if this thread is interrupted; the process is killed then
    /// @throws TaskException          around a checked exception of the task; an unchecked one is thrown as itself
    /// @throws RemoteTaskException    for an exception of the task that cannot be rebuilt here
    /// @throws WorkerCrashedException if the process died before the task had ended
    public static <V extends @Nullable Object> V call(SerializableCallable<V> task, Duration limit)
            throws InterruptedException, TimeoutException {
        CallResult<V> result = callWithin(task, Objects.requireNonNull(limit, "limit"));
        if (result.outcome == null) {
            throw new TimeoutException(
                    "The task %s did not end within %s; its process was killed".formatted(Label.of(task), limit));
        }
        return result.value();
    }

    private record CallResult<V extends @Nullable Object>(
            @Nullable Outcome outcome) {
        V value() {
            return Failures.value(Objects.requireNonNull(outcome, "no outcome without a limit"));
        }
    }

    private static <V extends @Nullable Object> CallResult<V> callWithin(
            SerializableCallable<V> task, @Nullable Duration limit) throws InterruptedException {
        long begin = System.nanoTime();
        var parcel = Parcels.pack(
                Objects.requireNonNull(task, "task"), "task", Node.self().slot());
        var child = Child.start(new Child.Spec(
                null,
                "Process-",
                true,
                ProcessOptions.defaults().jvmArgs(EXIT_WHEN_OUT_OF_MEMORY).setup(),
                new Role.Call(parcel.bytes()),
                parcel.pin()));
        boolean exiting = AtExit.hasBegun();
        try {
            var first = CompletableFuture.anyOf(child.settled(), child.ended());
            try {
                if (limit == null) {
                    first.get();
                } else {
                    first.get(Math.max(0, nanos(limit) - (System.nanoTime() - begin)), TimeUnit.NANOSECONDS);
                }
            } catch (TimeoutException e) {
                return new CallResult<>(null);
            } catch (ExecutionException e) {
                throw new AssertionError("neither future fails", e);
            }
            if (!child.settled().isDone()) {
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
                AtExit.holdBack(exiting);
                var crash = crash(child, child.ended().join(), Label.of(task), millis);
                return new CallResult<>(new Outcome.Crashed(crash));
            }
            var outcome = Outcomes.read(Local.codec(), child.settled().join());
            Parcels.settle(child.settledPin());
            awaitOutput(child);
            return new CallResult<>(outcome);
        } catch (IOException e) {
            throw new IllegalStateException("The child's answer cannot be read: " + e, e);
        } finally {
            if (child.isAlive()) {
                child.kill();
                child.ended().join();
            }
            child.drained(); // the answer too, if it came too late
        }
    }

    /// What a task prints belongs to the call; a process that is slow to end does not.
    private static void awaitOutput(Child child) throws InterruptedException {
        try {
            child.joined().get(CLOSE_GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // it is killed
        }
    }

    private static Outcome.Crash crash(Child child, ExitInfo exit, String task, long millis) {
        return new Outcome.Crash(
                child.name(),
                child.pid(),
                exit.code(),
                exit.signal(),
                task,
                exit.errors(),
                exit.errorFile(),
                millis,
                exit.reason(),
                exit.resident(),
                exit.oom());
    }

    // ---- before the start ------------------------------------------------------------------------------------------

    /// Names the process. Without a name it is `Process-1`, `Process-1:2`, by the ordinals that lead to it.
    ///
    /// @param newName shown in `ps`, in errors and in prefixed output; no control characters
    /// @return this
    /// @throws IllegalStateException    after the start
    /// @throws IllegalArgumentException if it is empty or has control characters
    public synchronized ChildProcess name(String newName) {
        requireUnstarted("name");
        if (newName.isBlank() || newName.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "name(\"%s\"): a process name has visible characters and no control characters".formatted(newName));
        }
        name = newName;
        return this;
    }

    /// Makes it a daemon or not: daemons are stopped when this process ends, others are waited for.
    ///
    /// @param isDaemon false by default
    /// @return this
    /// @throws IllegalStateException after the start
    public synchronized ChildProcess daemon(boolean isDaemon) {
        requireUnstarted("daemon");
        daemon = isDaemon;
        return this;
    }

    /// Changes how its JVM differs from this one.
    ///
    /// @param change gets the options so far and returns those to use
    /// @return this
    /// @throws IllegalStateException after the start
    public synchronized ChildProcess options(UnaryOperator<ProcessOptions> change) {
        requireUnstarted("options");
        options = Objects.requireNonNull(change.apply(options), "the changed options");
        return this;
    }

    /// Gives the arguments for the first parameters of a process made by `target`, in place of those given before. Checked
    /// in [#start()]: a primitive parameter takes what a method call would widen to it, and the last parameter of a method
    /// with variable arity takes all that is left.
    ///
    /// @param positional the arguments
    /// @return this
    /// @throws IllegalStateException after the start, or if the process was made by `of`
    public synchronized ChildProcess args(@Nullable Object @Nullable ... positional) {
        var unbound = requireUnbound("args");
        var arguments = positional == null ? new @Nullable Object[1] : positional.clone(); // args(null) is one null
        call = unbound.args(Arrays.asList(arguments));
        return this;
    }

    /// Gives arguments by the names of their parameters to a process made by `target`, in place of those given before.
    /// Checked in [#start()]. What the target's instance is, if the target is a method reference without one
    /// (`Job::run`), is named `this`.
    ///
    /// Names are known if the target's class was compiled with `-parameters` or `-g`, as build tools do; else see
    /// [#parameters].
    ///
    /// @param byName the arguments
    /// @return this
    /// @throws IllegalStateException after the start, or if the process was made by `of`
    public synchronized ChildProcess kwargs(Map<String, ? extends @Nullable Object> byName) {
        var unbound = requireUnbound("kwargs");
        var copy = new HashMap<String, @Nullable Object>();
        byName.forEach((parameter, argument) -> copy.put(Objects.requireNonNull(parameter, "a name"), argument));
        call = unbound.kwargs(copy);
        return this;
    }

    /// Names the parameters of the target, all of them and in order, for [#kwargs]: for code compiled without their names,
    /// as by `java File.java`, and for other names than those in the code.
    ///
    /// @param names one for each parameter
    /// @return this
    /// @throws IllegalStateException after the start, or if the process was made by `of`
    public synchronized ChildProcess parameters(String... names) {
        call = requireUnbound("parameters").parameters(List.of(names));
        return this;
    }

    private TargetCall requireUnbound(String what) {
        requireUnstarted(what);
        if (call == null) {
            throw new IllegalStateException(
                    "%s(...) is for a process made by ChildProcess.target(...); this one was made by ChildProcess.of(...), with its arguments"
                            .formatted(what));
        }
        return call;
    }

    private void requireUnstarted(String what) {
        requireNotFailed();
        if (startTried) {
            throw new IllegalStateException("Too late for %s: the process has been started".formatted(what));
        }
    }

    /// Starts the process. It can be started once.
    ///
    /// The first start with certain options waits until the child's JVM is up, so that flags that it rejects are reported
    /// here; later ones do not wait.
    ///
    /// @return this
    /// @throws IllegalStateException    if it was started before, or the system cannot start it: with the system's or the
    ///                                  JVM's own reason, and nothing left running
    /// @throws IllegalArgumentException if the target or an argument cannot be serialized, with the path to the culprit;
    ///                                  if [#args] and [#kwargs] do not fit the target, with what it takes; if a file or
    ///                                  directory that the options name is not there
    public synchronized ChildProcess start() {
        requireNotFailed();
        if (startTried) {
            throw new IllegalStateException("A ChildProcess can be started once; make another for another run");
        }
        var setup = options.setup();
        var parcel = Parcels.pack(
                call == null ? target : call.bound(), "target", Node.self().slot());
        startTried = true;
        target = null; // the parcel has what is needed: let it be collected
        call = null;
        Child started;
        try {
            started = Child.start(
                    new Child.Spec(name, "Process-", daemon, setup, new Role.Target(parcel.bytes()), parcel.pin()));
        } catch (RuntimeException | Error e) {
            startFailure = e;
            exit.completeExceptionally(e);
            throw e;
        }
        child = started;
        LIVING.add(this);
        started.ended().thenRun(() -> LIVING.remove(this));
        started.joined()
                .thenAccept(info -> Thread.ofVirtual().start(() -> {
                    exit.complete(status(info));
                    watchers.forEach(LockSupport::unpark);
                }));
        return this;
    }

    private static ExitStatus status(ExitInfo info) {
        return new ExitStatus(info.code(), Signal.of(info.signal()));
    }

    // ---- after the start -------------------------------------------------------------------------------------------

    private void requireNotFailed() {
        var failure = startFailure;
        if (failure != null) {
            throw new IllegalStateException(
                    "The process could not be started, and has never been: " + failure.getMessage(), failure);
        }
    }

    private Child started() {
        requireNotFailed();
        var running = child;
        if (running == null) {
            throw new IllegalStateException("The process has not been started");
        }
        return running;
    }

    /// Its name.
    ///
    /// @return the given one, or the one by its ordinals once it has been started
    public String name() {
        var running = child;
        if (running != null) {
            return running.name();
        }
        synchronized (this) {
            return name == null ? "Process-?" : name;
        }
    }

    /// Whether it is a daemon.
    ///
    /// @return true if so
    public synchronized boolean daemon() {
        return daemon;
    }

    /// Its process id.
    ///
    /// @return as the system counts; also after it has ended
    /// @throws IllegalStateException before the start
    public long pid() {
        return started().pid();
    }

    /// The JDK's view of it.
    ///
    /// @return a handle
    /// @throws IllegalStateException before the start
    public ProcessHandle toHandle() {
        return started().handle();
    }

    /// Whether it has been started and has not ended.
    ///
    /// @return true if so
    public boolean isAlive() {
        var running = child;
        return running != null && running.isAlive();
    }

    /// How it ended.
    ///
    /// @return empty until it has
    public Optional<ExitStatus> exitStatus() {
        var running = child;
        return running == null || running.isAlive()
                ? Optional.empty()
                : Optional.of(status(running.ended().join()));
    }

    /// Completes when it has ended, its output has been passed on, and what it held has been repaired; exceptionally, if
    /// its start fails. Dependents run on a thread of their own.
    ///
    /// @return a future of its own for each call
    public CompletableFuture<ExitStatus> onExit() {
        return exit.copy();
    }

    /// Whether it has ended.
    boolean isOver() {
        return exit.isDone();
    }

    /// Has a thread that parks look again when the process ends.
    ///
    /// @throws IllegalStateException if it has not been started
    void watch(Thread thread) {
        started();
        watchers.add(thread);
    }

    /// The thread waits no more.
    void unwatch(Thread thread) {
        watchers.remove(thread);
    }

    /// Waits until it has ended and its output has been passed on.
    ///
    /// @throws InterruptedException  if this thread is interrupted; the process goes on
    /// @throws IllegalStateException before the start
    public void join() throws InterruptedException {
        boolean exiting = AtExit.hasBegun();
        try {
            started().joined().get();
        } catch (ExecutionException e) {
            throw new AssertionError("the end of a process is not a failure", e);
        }
        AtExit.holdBack(exiting);
    }

    /// Waits until it has ended and its output has been passed on, but not longer than a limit.
    ///
    /// @param limit zero or less to ask only
    /// @return whether it has ended
    /// @throws InterruptedException  if this thread is interrupted; the process goes on
    /// @throws IllegalStateException before the start
    public boolean join(Duration limit) throws InterruptedException {
        return within(started().joined(), limit);
    }

    /// A duration as nanoseconds, as far as those go.
    static long nanos(Duration duration) {
        Objects.requireNonNull(duration, "limit");
        try {
            return Math.max(0, duration.toNanos());
        } catch (ArithmeticException e) {
            return duration.isNegative() ? 0 : Long.MAX_VALUE;
        }
    }

    /// Interrupts its main thread, as [Thread#interrupt()] does.
    ///
    /// @throws IllegalStateException before the start
    public void interrupt() {
        started().interrupt();
    }

    /// Asks it to end, by SIGTERM: its shutdown hooks run.
    ///
    /// @throws IllegalStateException before the start
    public void terminate() {
        started().terminate();
    }

    /// Ends it and all processes below it at once, by SIGKILL.
    ///
    /// @throws IllegalStateException before the start
    public void kill() {
        started().kill();
    }

    /// Ends it: interrupts its main thread, then terminates it, then kills it, with a grace after each of the first two.
    ///
    /// @param grace how long to wait after interrupting, and again after terminating
    /// @return whether it ended without being killed
    /// @throws InterruptedException  if this thread is interrupted; what has been asked of the process stays asked
    /// @throws IllegalStateException before the start
    public boolean stop(Duration grace) throws InterruptedException {
        boolean killed = false;
        interrupt();
        if (!endsWithin(grace)) {
            terminate();
            if (!endsWithin(grace)) {
                kill();
                killed = true;
            }
        }
        join();
        return !killed;
    }

    private boolean endsWithin(Duration limit) throws InterruptedException {
        return within(started().ended(), limit);
    }

    private static boolean within(CompletableFuture<ExitInfo> end, Duration limit) throws InterruptedException {
        boolean exiting = AtExit.hasBegun();
        try {
            end.get(nanos(limit), TimeUnit.NANOSECONDS);
            AtExit.holdBack(exiting);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new AssertionError("the end of a process is not a failure", e);
        }
    }

    /// Waits for its end; a daemon is stopped instead. If this thread is interrupted meanwhile, the process is killed and
    /// the interrupt stays set. Does nothing if it was not started or has ended.
    @Override
    public void close() {
        var running = child;
        if (running == null) {
            return;
        }
        boolean interrupted = false;
        while (!running.joined().isDone()) {
            try {
                if (running.daemon()) {
                    stop(CLOSE_GRACE);
                } else {
                    join();
                }
            } catch (InterruptedException e) {
                interrupted = true;
                kill();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- this process ----------------------------------------------------------------------------------------------

    /// This process.
    ///
    /// @return its name is `main` in the root
    public static ProcessInfo current() {
        var self = Node.self();
        return new ProcessInfo(self.name(), ProcessHandle.current().pid(), self.daemon());
    }

    /// The process that started this one.
    ///
    /// @return empty in the root
    public static Optional<ProcessInfo> parent() {
        return Node.self().parent().map(p -> new ProcessInfo(p.name(), p.pid(), p.daemon()));
    }

    /// The children of this process that are alive, workers of pools not among them.
    ///
    /// @return in no particular order
    public static List<ChildProcess> active() {
        return List.copyOf(LIVING);
    }

    @Override
    public String toString() {
        var running = child;
        if (running == null) {
            return "ChildProcess[" + name() + ", not started]";
        }
        return "ChildProcess[%s, pid %d, %s]"
                .formatted(
                        name(),
                        running.pid(),
                        exitStatus().map(ExitStatus::toString).orElse("alive"));
    }
}
