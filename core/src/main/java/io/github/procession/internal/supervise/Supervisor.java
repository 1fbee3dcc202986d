package io.github.procession.internal.supervise;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.os.Os;
import io.github.procession.internal.ring.Parts;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.supervise.Task.Settlement;
import io.github.procession.internal.waiting.WaitPoint;
import io.github.procession.internal.waiting.WaitPointLayout;
import io.github.procession.internal.wire.Message.Role;
import io.github.procession.internal.wire.Outcome;
import io.github.procession.internal.wire.Parcel;
import io.github.procession.internal.wire.Work;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A pool of workers. Any thread asks; one thread of the pool's own does everything else.
public final class Supervisor {
    /*
     *   callers                    supervisor thread                     worker
     *   submit ──► requests ─────► pending ──► outbox ──► channel ─────► ticket → 0, run
     *   wait on Task.done ◄─────── settle  ◄────────────── channel ◄──── result
     *
     * The thread sleeps on the pool's bell, which callers and workers signal after they have published something. A pass
     * looks at the closed set of what can have happened: requests, results, room in a channel, a deadline. No user code,
     * no decoding, no blocking call runs on it; processes start and stop on threads of their own and report by requests.
     *
     * A worker holds up to two tasks, so that it need not wait for the next; the second is taken back when another worker
     * is idle. When a worker dies its channel is read to the end first. What it then still held either had begun, which
     * its ticket tells, and has crashed, or goes back to the front of the queue.
     *
     * Workers that die before they have settled a task, and while running none, are a sign that none can live: after three
     * in a row the pool is broken, and the last reason is the cause of everything asked of it. One that was killed (by the
     * kernel for memory, by people) says less, and counts a fifth. Workers whose initializer throws are counted apart.
     *
     * Who leaves for a reason (idle, run enough, grown too large, one too many) is retired first: what waits with it is
     * taken back, what it runs is waited for, and only then it is told to leave. `hire` looks after every pass whether
     * there are as many workers as there should be, so that nothing else has to think of replacements.
     *
     * The time of a task is that of the worker's own clock, which it writes into the channel when it begins; one deadline for
     * each worker looks at it. At the limit the worker's link thread is asked what the threads are doing, and
     * interrupts; the answer settles the task, or its absence after the grace, when the worker is killed.
     */
    private static final AtomicInteger POOLS = new AtomicInteger();
    private static final int HOPELESS = 15; // of doubt
    private static final int ENDED_BY_ITSELF = 5;
    private static final int KILLED = 1;
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int LONGEST_PAUSE = 4; // doublings
    private static final long LEAVE_GRACE = TimeUnit.SECONDS.toNanos(10);
    private static final long CANCEL_GRACE = TimeUnit.SECONDS.toNanos(1);
    private static final long A_MOMENT = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int MOST_UNFIT = 3; // workers in a row whose initializer fails

    private final Spec spec;
    private final byte @Nullable [] prologue; // the first message to each worker
    private final SharedBlock bellBlock;
    private final WaitPoint bell;
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicInteger functionNumbers = new AtomicInteger();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private final Object gate = new Object();
    private boolean open = true; // guarded by gate
    private boolean ended; // guarded by gate

    // The supervisor's thread alone:
    private final ArrayDeque<Task> pending = new ArrayDeque<>();
    private final List<Worker> workers = new ArrayList<>();
    private final Map<Integer, Parcel> functions = new HashMap<>();
    private final PriorityQueue<Deadline> deadlines = new PriorityQueue<>();
    private final Set<Task> overdue = new HashSet<>(); // those whose callers do not know yet
    private final List<CompletableFuture<?>> speaking = new ArrayList<>(); // workers whose output is not yet passed on
    private boolean closing;
    private boolean terminating;
    private int earlyDeaths; // in a row
    private int doubt; // about whether any worker can live
    private int unfit; // in a row
    private long hireAt = System.nanoTime(); // not before, for the sake of those who die early
    private Setup setup;
    private long done; // of workers that are gone, like the next two
    private long failed;
    private long busy;
    private long crashed;
    private long timedOut;
    private long retried;
    private long started;
    private int largest; // number of workers there should have been
    private volatile int target; // how many workers there should be; written under the gate, read by any thread
    private volatile @Nullable Breakdown broken; // read by any thread
    private volatile @Nullable Report last; // when all is over; read by any thread
    private volatile boolean exiting; // the JVM shuts down, and the workers are gone; set by any thread

    /// What kind of pool.
    ///
    /// @param workers     how many processes
    /// @param setup       how they differ from this one
    /// @param initializer what each does first, null for nothing
    /// @param maxTasks    after how many items a worker is replaced, 0 for never
    /// @param idle        after how many idle nanoseconds a worker leaves, 0 for never
    /// @param maxMemory   with how many resident bytes a worker is replaced after a task, 0 for never
    public record Spec(
            int workers, Setup setup, @Nullable Parcel initializer, int maxTasks, long idle, long maxMemory) {}

    /// Why a pool can have no workers.
    public sealed interface Breakdown {
        /// None could be started, or live.
        record Fault(Throwable failure) implements Breakdown {}

        /// The initializer failed so many times in a row, the last time like this.
        record Unfit(byte[] outcome, int times) implements Breakdown {}
    }

    /// Something that the thread is told.
    private sealed interface Request {
        record Submit(Task task) implements Request {}

        record Define(int function, Parcel parcel) implements Request {}

        record Forget(int function) implements Request {}

        record Cancel(Task task, boolean interrupt) implements Request {}

        record Started(Worker worker, Child child) implements Request {}

        record Unstartable(Worker worker, Throwable cause) implements Request {}

        record Ending(Worker worker) implements Request {}

        record Ended(Worker worker, Child child, ExitInfo exit) implements Request {}

        record Dumped(Task task, String dump) implements Request {}

        record Resize(Setup setup) implements Request {}

        record Count(CompletableFuture<Report> report) implements Request {}

        record Close() implements Request {}

        record CloseNow(CompletableFuture<List<Object>> neverRan) implements Request {}

        record Terminate(boolean gently) implements Request {}
    }

    private record Deadline(long at, Runnable action) implements Comparable<Deadline> {
        @Override
        public int compareTo(Deadline other) {
            return Long.signum(at - other.at);
        }
    }

    /// Opens a pool. Its workers start in the background.
    public static Supervisor open(Spec spec) {
        var supervisor = new Supervisor(spec);
        Thread.ofPlatform()
                .daemon()
                .name("procession-pool-" + POOLS.incrementAndGet())
                .start(supervisor::run);
        return supervisor;
    }

    private Supervisor(Spec spec) {
        this.spec = spec;
        this.setup = spec.setup();
        this.target = spec.workers();
        var initializer = spec.initializer();
        this.prologue = initializer == null && spec.maxMemory() == 0
                ? null
                : Work.setup(spec.maxMemory() > 0, initializer == null ? new byte[0] : initializer.bytes());
        this.bellBlock = SharedBlock.create(ObjectKind.BELL, WaitPointLayout.BYTES);
        this.bell = new WaitPoint(bellBlock.memory(), BlockLayout.HEADER);
    }

    // ---- what any thread may call -----------------------------------------------------------------------------------

    /// Asks for a callable to be run.
    ///
    /// @param body  the serialized callable
    /// @param pin   what keeps shared objects in it alive; released when the task has ended
    /// @param order what else there is to say
    /// @return null if the pool takes no more
    public @Nullable Task submit(byte[] body, long pin, Task.Order order) {
        return submit(new Task(numbers.incrementAndGet(), Task.CALLABLE, 1, body, pin, order));
    }

    /// Asks for a chunk of items to be run through a function.
    ///
    /// @param function from [#define]
    /// @param count    how many items there are
    /// @return null if the pool takes no more
    public @Nullable Task submitChunk(int function, byte[] items, long pin, int count, Task.Order order) {
        return submit(new Task(numbers.incrementAndGet(), function, count, items, pin, order));
    }

    private @Nullable Task submit(Task task) {
        return tell(new Request.Submit(task)) ? task : null;
    }

    /// Makes a serialized function known; it goes to each worker once. The shared objects in it are kept until it is
    /// forgotten or the pool has ended.
    public int define(Parcel function) {
        int number = functionNumbers.incrementAndGet();
        if (!tell(new Request.Define(number, function))) {
            Parcels.settle(function.pin());
        }
        return number;
    }

    /// No more chunks will come for that function.
    public void forget(int function) {
        tell(new Request.Forget(function));
    }

    /// Cancels a task: one that has not begun never begins; one that runs is stopped if so wished, in the end with its
    /// worker.
    public void cancel(Task task, boolean interrupt) {
        tell(new Request.Cancel(task, interrupt));
    }

    /// Whether tasks are taken.
    public boolean isOpen() {
        synchronized (gate) {
            return open;
        }
    }

    /// Why it can have no workers; null while it can.
    public @Nullable Breakdown broken() {
        return broken;
    }

    /// How many workers it has, or may have if they leave when idle.
    public int workers() {
        return target;
    }

    /// Has it have so many workers from here on. Those that are too many leave when they have ended what they run.
    ///
    /// @param setup how those that start from here on differ from this process
    public void resize(int workers, Setup setup) {
        synchronized (gate) {
            target = workers; // what is asked for last is what counts
            tell(new Request.Resize(setup));
        }
    }

    /// What it has done, and does.
    public Report report() {
        var report = new CompletableFuture<Report>();
        return tell(new Request.Count(report)) ? report.join() : Objects.requireNonNull(last);
    }

    /// Completes when all workers are gone and their output has been passed on.
    public CompletableFuture<Void> finished() {
        return finished;
    }

    /// Takes no more tasks; when those given have ended the workers leave. Returns at once.
    ///
    /// @return completes when all workers are gone and their output has been passed on
    public CompletableFuture<Void> close() {
        shut(new Request.Close());
        return finished;
    }

    /// Takes no more tasks, cancels those that have not begun, and interrupts the others; a worker whose task does not heed
    /// that is killed.
    ///
    /// @return the origins of those that had not begun
    public List<Object> closeNow() {
        var neverRan = new CompletableFuture<List<Object>>();
        return shut(new Request.CloseNow(neverRan)) ? neverRan.join() : List.of();
    }

    /// Cancels everything and ends the workers. Returns at once.
    ///
    /// @param gently whether they are asked first, by SIGTERM
    /// @return completes when all workers are gone and their output has been passed on
    public CompletableFuture<Void> terminate(boolean gently) {
        shut(new Request.Terminate(gently));
        return finished;
    }

    private boolean shut(Request request) {
        synchronized (gate) {
            open = false;
            if (ended) {
                return false;
            }
            requests.add(request);
            bell.signal();
            return true;
        }
    }

    /// Requests after the last are refused under the gate, so that none is left unseen.
    private boolean tell(Request request) {
        synchronized (gate) {
            if (ended || (!open && request instanceof Request.Submit)) {
                return false;
            }
            requests.add(request);
            bell.signal();
            return true;
        }
    }

    // ---- the loop
    // ----------------------------------------------------------------------------------------------------

    private void run() {
        dispatch();
        Runnable atExit = () -> {
            exiting = true;
            synchronized (gate) {
                if (!ended) { // race: it may end by itself at the same time, and the bell goes then
                    bell.signal();
                }
            }
        };
        AtExit.last(atExit);
        while (!isFinished()) {
            long deadline = deadlines.isEmpty() ? Long.MAX_VALUE : deadlines.element().at;
            try {
                bell.await(() -> pass() || exiting, deadline);
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt this thread; it goes on
            } catch (RuntimeException | Error e) { // a fault of ours must not leave callers waiting
                exiting = broken != null;
                breakPool(new Breakdown.Fault(e));
                terminateAll(false);
            }
        }
        AtExit.forget(atExit);
        last = report(0);
        synchronized (gate) {
            ended = true; // race: from here on tell refuses, what is queued is seen below
        }
        for (var left = requests.poll(); left != null; left = requests.poll()) {
            switch (left) {
                case Request.Submit(Task task) -> settle(task, new Settlement.Cancelled());
                case Request.Define(int _, Parcel parcel) -> Parcels.settle(parcel.pin());
                case Request.Count(var report) -> report.complete(Objects.requireNonNull(last));
                case Request.CloseNow(var neverRan) -> neverRan.complete(List.of());
                default -> {}
            }
        }
        var initializer = spec.initializer();
        if (initializer != null) {
            Parcels.settle(initializer.pin());
        }
        functions.values().forEach(parcel -> Parcels.settle(parcel.pin())); // of streams that nobody has closed
        bell.close();
        bellBlock.close();
        CompletableFuture.allOf(speaking.toArray(CompletableFuture[]::new)).thenRun(() -> finished.complete(null));
        AtExit.holdBack(false);
        cancelAll(); // if the JVM exits there may be some left
    }

    private boolean isFinished() {
        return exiting || closing && workers.isEmpty() && pending.isEmpty() && overdue.isEmpty() && requests.isEmpty();
    }

    /// @return whether anything had happened
    private boolean pass() {
        boolean progress = false;
        for (var request = requests.poll(); request != null; request = requests.poll()) {
            handle(request);
            progress = true;
        }
        for (int i = 0; i < workers.size(); i++) {
            progress |= receive(workers.get(i));
            progress |= workers.get(i).flush();
        }
        for (long now = System.nanoTime(); !deadlines.isEmpty() && deadlines.element().at - now <= 0; ) {
            deadlines.remove().action.run();
            progress = true;
        }
        if (progress) {
            dispatch();
        }
        return progress;
    }

    private void handle(Request request) {
        switch (request) {
            case Request.Submit(Task task) -> {
                if (broken != null) {
                    settle(task, new Settlement.Broken(broken));
                } else if (terminating) {
                    settle(task, new Settlement.Cancelled());
                } else {
                    pending.add(task);
                }
            }
            case Request.Define(int function, Parcel parcel) -> functions.put(function, parcel);
            case Request.Forget(int function) -> {
                var parcel = functions.remove(function);
                if (parcel != null) {
                    Parcels.settle(parcel.pin());
                }
                workers.forEach(worker -> worker.forget(function));
            }
            case Request.Cancel(Task task, boolean interrupt) -> cancelTask(task, interrupt);
            case Request.Started(Worker worker, Child child) -> {
                worker.child = child;
                speaking.removeIf(CompletableFuture::isDone);
                speaking.add(child.joined());
                if (terminating) {
                    kill(child);
                } else if (worker.leaving) { // race: it was told so before there was anybody to kill
                    killAfterGrace(worker);
                }
                for (var task : worker.tickets()) {
                    if (task != null && task.cancelled) {
                        stop(worker, child, task);
                    }
                }
            }
            case Request.Unstartable(Worker worker, Throwable cause) -> bury(worker, null, cause);
            case Request.Ending(Worker worker) -> killAfterGrace(worker);
            case Request.Ended(Worker worker, Child child, ExitInfo exit) -> {
                while (receive(worker)) {
                    // everything that it wrote counts
                }
                if (AtExit.hasBegun()) {
                    exiting = true; // it was stopped because this JVM ends, which is no crash
                } else {
                    bury(worker, crash(child, exit), null);
                }
            }
            case Request.Dumped(Task task, String dump) -> settleOverdue(task, dump);
            case Request.Resize(Setup changed) -> {
                setup = changed;
                layOff();
            }
            case Request.Count(var report) -> report.complete(report(pending.size()));
            case Request.Close _ -> closing = true;
            case Request.CloseNow(var neverRan) -> {
                closing = true;
                neverRan.complete(cancelUnbegun());
            }
            case Request.Terminate(boolean gently) -> terminateAll(gently);
        }
    }

    // ---- workers
    // -----------------------------------------------------------------------------------------------------

    /// Starts as many workers as there should be and are not.
    private void hire() {
        if (terminating || broken != null || System.nanoTime() - hireAt < 0 && earlyDeaths > 0) {
            return;
        }
        int employed = 0;
        int outstanding = pending.size();
        for (var worker : workers) {
            if (!worker.retiring && !worker.leaving) {
                employed++;
                outstanding += worker.assigned();
            }
        }
        int wanted = closing || spec.idle() > 0 ? Math.min(target, outstanding) : target;
        for (; employed < wanted && broken == null; employed++) {
            startWorker();
        }
    }

    private void startWorker() {
        Worker worker;
        try {
            worker = new Worker(prologue);
        } catch (RuntimeException e) {
            breakPool(new Breakdown.Fault(e));
            return;
        }
        workers.add(worker);
        started++;
        largest = Math.max(largest, target);
        checkIdle(worker);
        var role = new Role.Serve(worker.channelId(), bellBlock.id());
        var spec = new Child.Spec(null, "Worker-", true, setup, role, 0);
        Thread.ofVirtual().start(() -> {
            try {
                var child = Child.start(spec);
                tell(new Request.Started(worker, child));
                child.ending().thenRun(() -> tell(new Request.Ending(worker)));
                child.ended().thenAccept(exit -> tell(new Request.Ended(worker, child, exit)));
            } catch (RuntimeException | Error e) {
                tell(new Request.Unstartable(worker, e));
            }
        });
    }

    /// Has more workers than there should be leave, those first that have the least to do.
    private void layOff() {
        var employed = new ArrayList<Worker>();
        for (var worker : workers) {
            if (!worker.retiring && !worker.leaving) {
                employed.add(worker);
            }
        }
        employed.sort(Comparator.comparingInt(Worker::assigned));
        for (int i = 0; i < employed.size() - target; i++) {
            retire(employed.get(i));
        }
    }

    /// Gives it no more tasks, takes back what it has not begun, and lets it leave when it has none left.
    private void retire(Worker worker) {
        worker.retiring = true;
        for (int ticket = 0; ticket < worker.tickets().length; ticket++) {
            var task = worker.tickets()[ticket];
            if (isWith(worker, ticket, task) && !task.done().isDone() && worker.revoke(task)) {
                task.worker = null;
                pending.addFirst(task);
            }
        }
        leaveIfIdle(worker);
    }

    private void leaveIfIdle(Worker worker) {
        if (worker.hasNothingToRun() && !worker.leaving) {
            worker.leave();
            killAfterGrace(worker);
        }
    }

    /// Whether a task is with a worker under a ticket, and not another worker's since.
    private static boolean isWith(Worker worker, int ticket, @Nullable Task task) {
        return task != null && task.worker == worker && task.ticket == ticket;
    }

    /// Looks after the idle time whether the worker has been idle for all of it.
    private void checkIdle(Worker worker) {
        if (spec.idle() == 0 || worker.idleChecked) {
            return;
        }
        worker.idleChecked = true;
        deadlines.add(new Deadline(worker.idleSince + spec.idle(), () -> {
            worker.idleChecked = false;
            if (worker.isIdle() && !worker.leaving && workers.contains(worker)) {
                if (System.nanoTime() - worker.idleSince >= spec.idle()) {
                    retire(worker);
                } else {
                    checkIdle(worker);
                }
            }
        }));
    }

    private void bury(Worker worker, Outcome.@Nullable Crash crash, @Nullable Throwable unstartable) {
        workers.remove(worker);
        done += worker.done;
        failed += worker.failed;
        busy += worker.busy;
        boolean wasRunning = false;
        for (int ticket = 0; ticket < worker.tickets().length; ticket++) {
            var task = worker.tickets()[ticket];
            if (!isWith(worker, ticket, task) || task.done().isDone()) {
                continue;
            }
            if (crash != null && !worker.isWaiting(task)) {
                wasRunning = true;
                died(worker, task, crash);
            } else if (task.cancelled) {
                settle(task, new Settlement.Cancelled());
            } else {
                task.worker = null;
                pending.addFirst(task);
            }
        }
        worker.close();
        if (worker.child != null) {
            worker.child.drained();
        }
        if (broken != null) {
            settlePending(broken);
        }
        if (worker.leaving || terminating || broken != null) {
            return;
        }
        if (worker.unfit != null) {
            unfit++;
            earlyDeaths++;
        } else if (wasRunning || worker.done + worker.failed > 0) {
            forgetEarlyDeaths();
        } else {
            earlyDeaths++;
            doubt += isFromOutside(crash) ? KILLED : ENDED_BY_ITSELF;
        }
        if (worker.unfit != null && unfit >= MOST_UNFIT) {
            breakPool(new Breakdown.Unfit(worker.unfit, unfit));
        } else if (doubt >= HOPELESS) {
            breakPool(new Breakdown.Fault(unstartable != null ? unstartable : hopeless(crash)));
        } else if (earlyDeaths > 0) {
            long pause = FIRST_PAUSE << Math.min(earlyDeaths, LONGEST_PAUSE);
            hireAt = System.nanoTime() + pause;
            after(pause, () -> {}); // there is a pass then, and it hires
        }
    }

    /// The worker has died while it ran the task.
    private void died(Worker worker, Task task, Outcome.Crash crash) {
        if (task.cancelled) {
            settle(task, new Settlement.Cancelled());
        } else if (task.overdue) {
            settleOverdue(task, "");
        } else {
            crashed += task.items();
            if (task.retries > 0 && !terminating) {
                task.retries--;
                retried += task.items();
                task.worker = null;
                pending.addFirst(task);
            } else {
                long millis = TimeUnit.NANOSECONDS.toMillis(worker.runs(task));
                settle(task, new Settlement.Crashed(of(crash, task, millis)));
            }
        }
    }

    private void forgetEarlyDeaths() {
        earlyDeaths = 0;
        doubt = 0;
        unfit = 0;
    }

    private static boolean isFromOutside(Outcome.@Nullable Crash crash) {
        return crash != null && (crash.signal() == Os.SIGKILL || crash.signal() == Os.SIGTERM);
    }

    private IllegalStateException hopeless(Outcome.@Nullable Crash last) {
        return new IllegalStateException("%d workers in a row ended before they could run a task%s"
                .formatted(
                        earlyDeaths,
                        last == null
                                ? ""
                                : ", the last with exit code %d:\n  %s"
                                        .formatted(last.exitCode(), String.join("\n  ", last.errors()))));
    }

    private static Outcome.Crash crash(Child child, ExitInfo exit) {
        return new Outcome.Crash(
                child.name(),
                child.pid(),
                exit.code(),
                exit.signal(),
                "",
                exit.errors(),
                exit.errorFile(),
                -1,
                exit.reason(),
                exit.resident(),
                exit.oom());
    }

    private static Outcome.Crash of(Outcome.Crash c, Task task, long millis) {
        return new Outcome.Crash(
                c.process(),
                c.pid(),
                c.exitCode(),
                c.signal(),
                task.label(),
                c.errors(),
                c.errorFile(),
                millis,
                c.reason(),
                c.resident(),
                c.oom());
    }

    private void breakPool(Breakdown breakdown) {
        broken = breakdown;
        closing = true;
        settlePending(breakdown);
    }

    private void settlePending(Breakdown breakdown) {
        while (!pending.isEmpty()) {
            settle(pending.remove(), new Settlement.Broken(breakdown));
        }
    }

    private void terminateAll(boolean gently) {
        closing = true;
        terminating = true;
        cancelAll();
        for (var worker : workers) {
            if (worker.child != null && gently) {
                worker.child.terminate();
                killAfterGrace(worker);
            } else if (worker.child != null) {
                kill(worker.child);
            }
        }
    }

    /// Cancels what has not begun, and stops what has.
    ///
    /// @return the origins of what has not, where they are known
    private List<Object> cancelUnbegun() {
        var unbegun = new ArrayList<Task>(pending);
        pending.clear();
        for (var worker : workers) {
            for (int ticket = 0; ticket < worker.tickets().length; ticket++) {
                var task = worker.tickets()[ticket];
                if (!isWith(worker, ticket, task) || task.done().isDone()) {
                    continue;
                }
                if (worker.revoke(task)) {
                    unbegun.add(task);
                } else if (!task.cancelled) {
                    task.cancelled = true;
                    if (worker.child != null) { // else it is stopped when its process is known
                        stop(worker, worker.child, task);
                    }
                }
            }
        }
        var origins = new ArrayList<Object>();
        for (var task : unbegun) {
            if (!task.done().isDone()) {
                settle(task, new Settlement.Cancelled());
                if (task.origin() != null) {
                    origins.add(task.origin());
                }
            }
        }
        return origins;
    }

    private void cancelAll() {
        for (var task : overdue) {
            settle(task, new Settlement.Cancelled());
        }
        overdue.clear();
        while (!pending.isEmpty()) {
            settle(pending.remove(), new Settlement.Cancelled());
        }
        for (var worker : workers) {
            for (var task : worker.tickets()) {
                if (task != null) {
                    settle(task, new Settlement.Cancelled());
                }
            }
        }
    }

    /// A worker that is about to end may be held up by what its tasks have left: a hook, a finalizer, native code.
    private void killAfterGrace(Worker worker) {
        after(LEAVE_GRACE, () -> {
            if (worker.child != null && workers.contains(worker)) {
                kill(worker.child);
            }
        });
    }

    /// Finding the processes below takes milliseconds, which the loop does not have.
    private static void kill(Child child) {
        Thread.ofVirtual().start(child::kill);
    }

    // ---- tasks
    // -------------------------------------------------------------------------------------------------------

    private boolean receive(Worker worker) {
        if (worker.insane) {
            return false;
        }
        try {
            var message = worker.receive();
            if (message != null) {
                accept(worker, message);
            }
            return message != null;
        } catch (RuntimeException e) { // native code of a task has written over the channel: it ends, alone
            worker.insane = true;
            if (worker.child != null) {
                kill(worker.child);
            }
            return true;
        }
    }

    private void accept(Worker worker, Parts.Message message) {
        var body = ByteBuffer.wrap(message.body());
        switch (message.kind()) {
            case Work.READY -> {
                unfit = 0;
                worker.settledIn = true;
            }
            case Work.UNFIT -> worker.unfit = Work.rest(body);
            case Work.DONE -> {
                worker.settledIn = true;
                int ticket = ticket(worker, body);
                accept(worker, Objects.requireNonNull(worker.tickets()[ticket]), body);
                free(worker, ticket);
            }
            case Work.SKIPPED -> free(worker, ticket(worker, body));
            default -> throw new IllegalStateException("A worker said " + message.kind());
        }
    }

    private static int ticket(Worker worker, ByteBuffer body) {
        long number = body.getLong();
        int ticket = body.getInt();
        var task = worker.tickets()[ticket];
        if (task == null || task.number() != number) {
            throw new IllegalStateException("Worker answers for task %d, which it does not hold".formatted(number));
        }
        return ticket;
    }

    private void accept(Worker worker, Task task, ByteBuffer body) {
        forgetEarlyDeaths();
        long pin = body.getLong();
        var tally = Work.Tally.get(body);
        worker.done += tally.done();
        worker.failed += tally.failed();
        worker.busy += tally.nanos();
        task.ran = tally.nanos();
        Parcels.claim(pin);
        if (task.overdue || !settle(task, new Settlement.Answered(Work.rest(body), pin))) {
            Parcels.settle(pin);
        }
        boolean isSpent = spec.maxTasks() > 0 && worker.done + worker.failed >= spec.maxTasks();
        boolean isLarge = spec.maxMemory() > 0 && tally.resident() > spec.maxMemory();
        if ((isSpent || isLarge) && !worker.retiring) {
            retire(worker);
        }
    }

    private void free(Worker worker, int ticket) {
        worker.free(ticket);
        if (worker.isIdle()) {
            worker.idleSince = System.nanoTime();
            checkIdle(worker);
            if (worker.retiring) {
                leaveIfIdle(worker);
            }
        }
    }

    private boolean settle(Task task, Settlement settlement) {
        boolean first = task.settle(settlement);
        if (first) {
            Parcels.settle(task.pin());
        }
        return first;
    }

    private void dispatch() {
        hire();
        for (int load = 0; load < 2 && !pending.isEmpty(); load++) {
            for (int i = 0; i < workers.size() && !pending.isEmpty(); i++) {
                var worker = workers.get(i);
                if (worker.assigned() == load && worker.takesMore(spec.maxTasks())) {
                    send(worker);
                }
            }
        }
        if (pending.isEmpty()) {
            steal();
        }
        if (closing && pending.isEmpty()) {
            workers.forEach(this::leaveIfIdle);
        }
    }

    private byte @Nullable [] function(Task task) {
        var parcel = functions.get(task.function());
        return parcel == null ? null : parcel.bytes();
    }

    private void send(Worker worker) {
        var task = pending.remove();
        if (task.done().isDone()) {
            return;
        }
        give(worker, task);
    }

    private void give(Worker worker, Task task) {
        worker.send(task, function(task));
        if (task.limit() > 0) {
            checkClock(worker, task.limit());
        }
    }

    /// Gives an idle worker what waits behind another's task, or for a worker that has yet to boot or to initialize.
    private void steal() {
        for (var idle : workers) {
            if (!idle.isIdle() || idle.child == null || !idle.takesMore(spec.maxTasks())) {
                continue;
            }
            var task = takeBack(idle);
            if (task != null) {
                give(idle, task);
            } else if (idle.settledIn) {
                return; // no other may take more
            }
        }
    }

    /// Never from one that has settled in and runs nothing: two of them would pass a task to and fro.
    private @Nullable Task takeBack(Worker idle) {
        for (var worker : workers) {
            if (worker.assigned() == 2 || worker.child == null || idle.settledIn && !worker.settledIn) {
                for (var task : worker.tickets()) {
                    if (task != null && task.worker == worker && !task.done().isDone() && worker.revoke(task)) {
                        return task;
                    }
                }
            }
        }
        return null;
    }

    private void cancelTask(Task task, boolean interrupt) {
        if (task.done().isDone()) {
            return;
        }
        var worker = task.worker;
        if (worker == null || worker.revoke(task)) {
            pending.remove(task);
            settle(task, new Settlement.Cancelled());
            return;
        }
        if (!interrupt) {
            return; // it runs on; whoever cancelled does not wait for it
        }
        task.cancelled = true;
        if (worker.child != null) { // else it is stopped when its process is known
            stop(worker, worker.child, task);
        }
    }

    private void stop(Worker worker, Child child, Task task) {
        child.interrupt(task.number());
        after(CANCEL_GRACE, () -> {
            if (worker.tickets()[task.ticket] == task && workers.contains(worker)) {
                kill(child);
            }
        });
    }

    /// Looks after a while at the time of the worker's tasks, unless it is looked at sooner.
    private void checkClock(Worker worker, long nanos) {
        long at = System.nanoTime() + nanos;
        if (at >= worker.clockAt) {
            return;
        }
        worker.clockAt = at;
        deadlines.add(new Deadline(at, () -> {
            if (worker.clockAt == at && workers.contains(worker)) {
                worker.clockAt = Long.MAX_VALUE;
                checkClocks(worker);
            }
        }));
    }

    private void checkClocks(Worker worker) {
        for (int ticket = 0; ticket < worker.tickets().length; ticket++) {
            var task = worker.tickets()[ticket];
            if (!isWith(worker, ticket, task)
                    || task.limit() == 0
                    || task.overdue
                    || task.done().isDone()) {
                continue;
            }
            long left = task.limit() - worker.runs(task);
            if (left > 0) {
                checkClock(worker, left);
            } else if (worker.child == null) { // it has begun, so that its process will be known in a moment
                checkClock(worker, A_MOMENT);
            } else {
                overrun(worker, worker.child, task);
            }
        }
    }

    private void overrun(Worker worker, Child child, Task task) {
        task.overdue = true;
        overdue.add(task);
        child.interruptOverdue(task.number()).thenAccept(dump -> tell(new Request.Dumped(task, dump)));
        int ticket = task.ticket;
        after(CANCEL_GRACE, () -> {
            settleOverdue(task, "");
            if (worker.tickets()[ticket] == task && workers.contains(worker)) {
                kill(child);
            }
        });
    }

    private void settleOverdue(Task task, String dump) {
        overdue.remove(task);
        var child = Objects.requireNonNull(task.worker).child;
        var overrun = new Outcome.Overrun(
                child == null ? "" : child.name(), child == null ? -1 : child.pid(), task.label(), task.limit(), dump);
        if (settle(task, task.cancelled ? new Settlement.Cancelled() : new Settlement.TimedOut(overrun))) {
            timedOut++;
        }
    }

    // ---- numbers
    // -----------------------------------------------------------------------------------------------------

    private Report report(int waiting) {
        var processes = new ArrayList<Report.Member>();
        int running = 0;
        long allDone = done;
        long allFailed = failed;
        long allBusy = busy;
        for (var worker : workers) {
            boolean isRunning = worker.isRunning();
            running += isRunning ? 1 : 0;
            waiting += worker.assigned() - (isRunning ? 1 : 0);
            allDone += worker.done;
            allFailed += worker.failed;
            allBusy += worker.busy;
            if (worker.child != null) {
                processes.add(new Report.Member(
                        worker.child.name(),
                        worker.child.pid(),
                        isRunning,
                        worker.done,
                        worker.failed,
                        worker.busy,
                        System.nanoTime() - worker.began));
            }
        }
        return new Report(
                target,
                waiting,
                running,
                allDone,
                allFailed,
                crashed,
                timedOut,
                retried,
                Math.max(0, started - largest),
                allBusy,
                processes);
    }

    private void after(long nanos, Runnable action) {
        deadlines.add(new Deadline(System.nanoTime() + nanos, action));
    }
}
