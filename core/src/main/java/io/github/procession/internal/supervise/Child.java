package io.github.procession.internal.supervise;

import io.github.procession.internal.launch.JavaCommand;
import io.github.procession.internal.launch.Spawner;
import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.os.Os;
import io.github.procession.internal.shared.Local;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.tree.RootDesk;
import io.github.procession.internal.wire.LoaderKey;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.Role;
import io.github.procession.internal.wire.Message.ToParent;
import io.github.procession.internal.wire.Message.ToRoot;
import io.github.procession.internal.wire.Outcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One child process of this process, from its start to its end. Safe for use by any thread.
public final class Child {
    /*
     *   this process                                 the child
     *   reserve a slot, make a link, spawn ────────► boots, opens the link       (see Boot; a spare has come so far
     *                                      ◄──────── Hello                        before it becomes a child)
     *   attach it to what it will need (the root)
     *   Welcome (who you are, what to do) ─────────► joins the root, reads its target; said before the Hello if it is
     *                                                short, and the JVM new
     *   unpin                             ◄──────── Arrived
     *   answer                            ◄──────── ClassWanted …
     *                                      ◄──────── Settled / Ending
     *   exit: read the link and its output to their ends, wait until the root has repaired → ended
     *   its output has been passed on → joined
     *
     * Until the Hello the child's ends of the link are open here too, so that end of file means nothing; a child that
     * dies before is noticed by its exit.
     */
    private static final long LINK_DRAIN_SECONDS = 5;
    private static final int SIGNAL_BASE = 128;
    private static final int LAST_SIGNAL = 31;

    /// Properties that each JVM knows best itself.
    private static final Set<String> OWN_PROPERTIES = Set.of(
            "user.dir",
            "user.home",
            "user.name",
            "path.separator",
            "file.separator",
            "line.separator",
            "native.encoding");

    /// Tells a child that its log records are wanted, from which level on.
    private static final String LOGS = "io.github.procession.logs";

    private static final List<String> OWN_PREFIXES = List.of("java.", "jdk.", "sun.", "os.", "com.sun.management.");

    private final String name;
    private final String path;
    private final boolean daemon;
    private final int slot;
    private final Boot boot;
    private final Process process;
    private final Lines errors;
    private final boolean speaksForItself; // no exception will say how it ended
    private final CompletableFuture<Void> hello = new CompletableFuture<>();
    private final CompletableFuture<byte[]> settled = new CompletableFuture<>();
    private final CompletableFuture<ExitInfo> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> ending = new CompletableFuture<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final CompletableFuture<Void> logged = new CompletableFuture<>();
    private final CompletableFuture<ExitInfo> joined;
    private final Optional<RootDesk> desk;
    private final Map<String, String> properties;
    private final @Nullable DebugPort debugPort;
    private final LoaderKey context;
    private @Nullable Role role; // until it has been said; guarded by this
    private long pin; // until it has arrived; guarded by this
    private volatile long settledPin;
    private volatile boolean orderly;
    private volatile @Nullable String killedBecause;
    private volatile long resident; // when last seen
    private final Map<Long, CompletableFuture<String>> dumps = new ConcurrentHashMap<>(); // by task
    private boolean hasLogged; // touched by the link's thread, until the link has ended

    /// What to start.
    ///
    /// @param name    its name, null for the prefix and its path
    /// @param prefix  what its name begins with if it has none
    /// @param daemon  whether it is a daemon
    /// @param setup   how it differs from this process
    /// @param role    what it shall do
    /// @param pin     the pin of what travels with the role, 0 for none
    public record Spec(@Nullable String name, String prefix, boolean daemon, Setup setup, Role role, long pin) {}

    /// Starts a process. The first with a new command line is waited for until its JVM is up.
    ///
    /// @throws IllegalStateException    if it cannot be started, with the system's or the JVM's own reason; nothing is
    ///                                  left running, and the pin is released
    /// @throws IllegalArgumentException if there is no `java` where it should be
    public static Child start(Spec spec) {
        return start(spec, _ -> {});
    }

    /// The same.
    ///
    /// @param born gets it as soon as there is a process, before that is waited for: so that it can be killed if it never comes up
    static Child start(Spec spec, Consumer<Child> born) {
        boolean exiting = AtExit.hasBegun();
        if (exiting) {
            Parcels.settle(spec.pin());
            AtExit.holdBack(false); // a thread that goes on while the JVM exits need not hear of it
            throw new IllegalStateException(
                    "The JVM is shutting down: no process can be started any more. Do it before the shutdown hooks run.");
        }
        try {
            var command = JavaCommand.of(spec.setup().launch());
            var child = new Child(spec, command);
            born.accept(child);
            child.awaitBoot(command);
            Training.consider(command, spec.setup().launch());
            if (spec.setup().spare()) {
                Spares.refill(command, spec.setup().scheduling());
            }
            return child;
        } catch (RuntimeException | Error e) {
            Parcels.settle(spec.pin());
            AtExit.holdBack(false); // what ends this process may have ended that one
            if (e instanceof OutOfMemoryError && String.valueOf(e.getMessage()).contains("native thread")) {
                throw new IllegalStateException("Cannot start a child process: " + Spawner.explain(e), e);
            }
            throw e;
        }
    }

    private Child(Spec spec, JavaCommand command) {
        var node = Node.self();
        path = node.nextChildPath();
        name = spec.name() != null ? spec.name() : spec.prefix() + path;
        daemon = spec.daemon();
        role = spec.role();
        pin = spec.pin();
        properties = properties(spec.setup());
        debugPort = spec.setup().debugPort() == null
                ? null
                : DebugPort.free(spec.setup().debugPort());
        context = Local.loaders().keyOf(Thread.currentThread().getContextClassLoader());
        var pump = OutputPump.instance();
        boot = boot(spec.setup(), command);
        slot = boot.slot();
        process = boot.process();
        desk = boot.desk();
        errors = new Lines(spec.setup().output(), name, Mouth.ERR);
        var lines = new Lines(spec.setup().output(), name, Mouth.OUT);
        var out = pump.add(boot.out(), lines);
        var err = pump.add(boot.err(), errors);
        joined = ended.thenCombine(CompletableFuture.allOf(out.passedOn(), err.passedOn(), logged), (exit, _) -> exit);
        speaksForItself = spec.role() instanceof Role.Target;
        if (speaksForItself) {
            drained();
        }
        ended.thenAcceptBoth(drained, (_, _) -> node.root().drained(slot));
        Runnable exited = () -> {
            boot.booted();
            node.root().ended(slot);
            out.finish();
            err.finish();
            CompletableFuture.allOf(out.read(), err.read(), boot.gone().exceptionally(_ -> null), linkDrained())
                    .join();
            end();
        };
        boolean isWatched = false;
        try {
            Boot.afterExit(process, exited);
            isWatched = true;
            lines.open();
            errors.open();
            Keeper.add(this);
            if (spec.setup().memoryLimit() > 0 || spec.role() instanceof Role.Serve) {
                MemoryWatch.add(
                        this, spec.setup().memoryLimit() > 0 ? spec.setup().memoryLimit() : Long.MAX_VALUE);
                ended.thenRun(() -> MemoryWatch.remove(this));
            }
            joined.thenRun(() -> {
                if (Keeper.remove(this)) {
                    Local.loaders().letGo();
                }
            });
            greetEarly();
            boot.listen(this::accept);
        } catch (RuntimeException | Error e) { // no thread is left
            process.destroyForcibly();
            boot.link().abandon();
            drained();
            Keeper.remove(this);
            if (!isWatched) {
                Boot.afterKill(process, exited);
            }
            throw e;
        }
    }

    /// A JVM that does nothing yet: a spare one if that is wished and there is one.
    private Boot boot(Setup setup, JavaCommand command) {
        if (setup.spare() && debugPort == null) {
            var spare = Spares.take(command, setup.scheduling());
            if (spare != null) {
                return spare;
            }
        }
        return Boot.start(name, command, setup.scheduling(), debugPort);
    }

    private CompletableFuture<?> linkDrained() {
        try {
            return boot.link().closed().copy().completeOnTimeout(null, LINK_DRAIN_SECONDS, TimeUnit.SECONDS);
        } catch (OutOfMemoryError e) { // the timer is a thread, and none is left
            return CompletableFuture.completedFuture(null);
        }
    }

    /// Waits until the JVM is up, if nothing like it has come up before.
    private void awaitBoot(JavaCommand command) {
        if (command.isProven()) {
            return;
        }
        CompletableFuture.anyOf(hello, ended).join();
        if (hello.isDone()) {
            command.prove();
            return;
        }
        drained();
        var exit = ended.join();
        String message = "The JVM of child process %s (%s) ended with exit code %d before it had started%s"
                .formatted(name, command.java(), exit.code(), exit.inItsWords());
        throw Supervisor.isFromOutside(exit.signal())
                ? new KilledBootingException(message)
                : new IllegalStateException(message);
    }

    // ---- what it says ----------------------------------------------------------------------------------------------

    private void accept(Message message) {
        switch (message) {
            case ToParent said -> accept(said);
            case ToRoot asked -> desk.ifPresent(d -> d.accept(asked));
            case Message other -> throw new IllegalStateException("A child said " + other);
        }
    }

    private void accept(ToParent message) {
        switch (message) {
            case Message.Hello _ -> {
                boot.booted();
                greet();
                if (debugPort != null) {
                    errors.say(debugPort.announcement(name, pid()));
                }
                hello.complete(null);
            }
            case Message.Arrived _ -> settlePin();
            case Message.Ready _ -> {} // it was taken before it could say so
            case Message.Settled m -> {
                settledPin = m.pin();
                settled.complete(m.outcome());
            }
            case Message.Dumped m -> {
                var dump = dumps.remove(m.task());
                if (dump != null) {
                    dump.complete(m.threads());
                }
            }
            case Message.Logged m -> log(m);
            case Message.Ending _ -> {
                orderly = true;
                ending.complete(null);
            }
            case Message.ClassWanted m -> Local.classServer().serve(m, boot.link()::tell);
            case Message.ResourcesWanted m -> Local.classServer().serve(m, boot.link()::tell);
        }
    }

    /// Tells a JVM that boots what it will ask for when it has, if that is short: it need not wait for the answer then.
    private synchronized void greetEarly() {
        if (boot.isNew() && role != null && boot.link().tellAhead(welcome(role))) {
            role = null;
        }
    }

    /// Tells it once who it is and what it shall do.
    private void greet() {
        var todo = takeRole();
        if (todo != null) {
            boot.link().tell(welcome(todo));
        }
    }

    private void log(Message.Logged message) {
        hasLogged = true;
        LogDesk.log(name, message);
        if (message.request() != Message.Logged.UNANSWERED) {
            LogDesk.logged().thenRun(() -> boot.link().tell(new Message.Done(message.request())));
        }
    }

    private synchronized @Nullable Role takeRole() {
        var todo = role;
        role = null;
        return todo;
    }

    private void settlePin() {
        long settling;
        synchronized (this) {
            settling = pin;
            pin = 0;
        }
        Parcels.settle(settling);
    }

    private Message.Welcome welcome(Role todo) {
        long travelling;
        synchronized (this) {
            travelling = pin;
        }
        List<Long> more = todo instanceof Role.Serve(long channel, long bell) ? List.of(channel, bell) : List.of();
        var attached = Node.self().root().attachChild(slot, travelling, more);
        return boot.welcome(name, path, daemon, properties, context, attached, todo);
    }

    /// The system properties that a child does not know by itself, and that are not different for it.
    private static Map<String, String> properties(Setup setup) {
        var launch = setup.launch();
        var properties = new HashMap<String, String>();
        for (String key : System.getProperties().stringPropertyNames()) {
            if (!OWN_PROPERTIES.contains(key) && !isOwn(key)) {
                properties.put(key, System.getProperty(key, ""));
            }
        }
        for (String flag : launch.jvmArgs()) {
            if (flag.startsWith("-D")) {
                int end = flag.indexOf('=');
                properties.remove(flag.substring(2, end < 0 ? flag.length() : end));
            }
        }
        properties.putAll(launch.properties()); // a flag has not every character in every locale
        if (setup.forwardLogs() != null) {
            properties.remove(LOGS);
            if (setup.forwardLogs()) {
                properties.put(LOGS, LogDesk.threshold());
            }
        }
        return properties;
    }

    private static boolean isOwn(String key) {
        for (String prefix : OWN_PREFIXES) { // a loop: this is on the way of every start, and there are many properties
            if (key.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    // ---- its end ---------------------------------------------------------------------------------------------------

    private void end() {
        int code = process.exitValue();
        try {
            boot.link().close();
            takeRole();
            settlePin();
            ended.complete(exitInfo(code));
        } finally { // whoever waits for it is told, even if nothing more can be found out about it
            ended.complete(new ExitInfo(code, 0, List.of(), null, null, resident, Outcome.Oom.UNKNOWN));
            (hasLogged ? LogDesk.logged() : CompletableFuture.completedFuture(null))
                    .thenRun(() -> logged.complete(null));
        }
    }

    private ExitInfo exitInfo(int exitCode) {
        int code = exitCode;
        int number = code - SIGNAL_BASE;
        int signal = number > 0 && number <= LAST_SIGNAL && !orderly ? number : 0;
        var report = ErrorReport.of(process.pid(), boot.crash());
        boot.crash().close();
        if (report != null && signal == 0) { // a JVM that has reported a signal exits with 1
            signal = report.signal();
            code = SIGNAL_BASE + signal;
        }
        String reason = signal == Os.SIGKILL ? killedBecause : null; // race: it may have been faster
        var lastErrors = errors.tail();
        if (report != null && report.path() != null && speaksForItself) { // its JVM named a place that is gone by now
            errors.say("The report of the crash of process %s (pid %d) is in %s".formatted(name, pid(), report.path()));
        }
        return new ExitInfo(
                code,
                signal,
                lastErrors,
                report == null ? null : report.path(),
                reason,
                resident,
                signal == Os.SIGKILL ? boot.oom().since() : Outcome.Oom.UNKNOWN);
    }

    /// Completes when it has begun to end of its own will.
    CompletableFuture<Void> ending() {
        return ending;
    }

    /// Completes when the process is gone, what it said has been read, and what it held has been repaired.
    public CompletableFuture<ExitInfo> ended() {
        return ended;
    }

    /// Completes when, besides, its output has been passed on, which takes as long as somebody blocks this process's
    /// output.
    public CompletableFuture<ExitInfo> joined() {
        return joined;
    }

    /// Completes with what its one task came to; never, if it ends without. What travels in it is pinned until
    /// [#settledPin()] is settled.
    public CompletableFuture<byte[]> settled() {
        return settled;
    }

    /// The pin of the outcome, once it is there.
    public long settledPin() {
        return settledPin;
    }

    /// Nobody will read more of its results than has been read: what it has pinned for those may go when it has ended.
    /// To be called of every child that runs something else than a target.
    public void drained() {
        drained.complete(null);
    }

    /// Waits for its end until a deadline in the time of [System#nanoTime()], whatever interrupts.
    void awaitExit(long deadline) {
        try {
            joined.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // it will go when this process goes
        }
    }

    // ---- what can be done to it ------------------------------------------------------------------------------------

    /// Interrupts its main thread.
    public void interrupt() {
        interrupt(0);
    }

    /// Interrupts its main thread while it runs that task; 0 for whatever it does.
    void interrupt(long task) {
        boot.link().tell(new Message.Interrupt(task));
    }

    /// Asks what its threads are doing, and interrupts its main thread then, if it runs that task.
    ///
    /// @return the answer, as text; it may never come
    CompletableFuture<String> interruptOverdue(long task) {
        var dump = dumps.computeIfAbsent(task, _ -> new CompletableFuture<>());
        boot.link().tell(new Message.Overdue(task));
        return dump;
    }

    /// So much memory it has resident; 0 if it is gone.
    void seen(long bytes) {
        if (bytes > 0) {
            resident = bytes;
        }
    }

    /// Sends it SIGTERM; one that boots, and has nothing to put in order, is killed: a JVM that is asked to end so early may
    /// say strange things.
    void terminateAtExit() {
        if (hello.isDone()) {
            terminate();
        } else {
            process.destroyForcibly();
        }
    }

    /// Sends it SIGTERM.
    public void terminate() {
        process.destroy();
    }

    /// Sends it and all processes below it SIGKILL.
    public void kill() {
        List<ProcessHandle> below = List.of();
        try {
            below = process.descendants().toList();
        } catch (RuntimeException | Error e) {
            // they cannot be found: no descriptor is left
        } finally {
            process.destroyForcibly();
        }
        below.forEach(ProcessHandle::destroyForcibly);
    }

    /// Kills it because it has more memory than it may.
    void killOverLimit(long resident, long limit) {
        killedBecause = "it had %d MB of memory resident, more than its memoryLimit of %d MB"
                .formatted(resident >> 20, limit >> 20);
        errors.say("Process %s (pid %d) is killed: %s".formatted(name, pid(), killedBecause));
        kill();
    }

    /// Its name.
    public String name() {
        return name;
    }

    /// Its ordinals from the root.
    public String path() {
        return path;
    }

    /// Whether it is a daemon.
    public boolean daemon() {
        return daemon;
    }

    /// Its slot.
    public int slot() {
        return slot;
    }

    /// Its process id.
    public long pid() {
        return process.pid();
    }

    /// Its handle.
    public ProcessHandle handle() {
        return process.toHandle();
    }

    /// Whether it has not yet ended, as far as [#ended()] knows.
    public boolean isAlive() {
        return !ended.isDone();
    }
}
