package io.github.procession.internal.supervise;

import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.os.Os;
import io.github.procession.internal.os.Threads;
import io.github.procession.internal.ring.Parts;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.supervise.Task.Settlement;
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
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A pool of workers. Any thread asks; what there is to do is done by whoever is on [Duty].
public final class Supervisor {
    /*
     *   callers                    on duty                               worker
     *   submit ──► requests ─────► pending ──► outbox ──► channel ─────► ticket → 0, run
     *   wait on Task.done ◄─────── settle  ◄────────────── channel ◄──── result
     *
     * A pass looks at the closed set of what can have happened: requests, results, room in a channel, a deadline. No user
     * code, no decoding, no blocking call runs in it; processes start and stop on threads of their own and report by
     * requests. Callers that submit or wait make a part of a pass themselves: they hand out tasks and take in results.
     *
     * A worker holds two tasks or, if they are short, more, so that it need not wait for the next; what waits is taken back
     * when another worker is idle, or when the one that runs takes longer than was to be expected. When a worker dies its
     * channel is read to the end first. What it then still held either had begun, which its ticket tells, and has
     * crashed, or goes back to the front of the queue.
     *
     * Workers that die before they have settled a task, and while running none, are a sign that none can live: after three
     * in a row the pool is broken, and the last reason is the cause of everything asked of it. One that was killed (by the
     * kernel for memory, by people) says less, and counts a fifth, until another has come as far as to be ready; killed
     * after that, it says nothing. Workers whose initializer throws are counted apart.
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
    private static final int MOST_FAILURES = 3; // of passes, before one could act upon the first
    private static final int MOST_UNFIT = 3; // workers in a row whose initializer fails
    private static final int WAITING = 1; // tasks that stay with a worker that is held up by the one before
    private static final long HELD_UP = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SOON = TimeUnit.MICROSECONDS.toNanos(100); // what ends so soon need not be shared

    static { // what a failure is told with is loaded while there are descriptors for it
        for (var words : List.of(Request.class, Settlement.class, Breakdown.class, Outcome.class)) {
            var _ = words.getPermittedSubclasses();
        }
    }

    private final Spec spec;
    private final byte[] prologue; // the first message to each worker
    private final Duty duty = new Duty(this::quickPass);
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicInteger functionNumbers = new AtomicInteger();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private final Object gate = new Object();
    private boolean open = true; // guarded by gate
    private boolean ended; // guarded by gate

    // Whoever is on duty:
    private final ArrayDeque<Task> pending = new ArrayDeque<>();
    private final List<Worker> workers = new ArrayList<>();
    private final Map<Integer, Parcel> functions = new HashMap<>();
    private final PriorityQueue<Deadline> deadlines = new PriorityQueue<>();
    private final Set<Task> overdue = new HashSet<>(); // those whose callers do not know yet
    private final List<CompletableFuture<?>> speaking = new ArrayList<>(); // workers whose output is not yet passed on
    private final int processors = Os.processors();
    private boolean closing;
    private boolean terminating;
    private int earlyDeaths; // in a row
    private int doubt; // about whether any worker can live
    private int doubtOfKilled; // the same, of those that were killed; until one is ready
    private int unfit; // in a row
    private boolean soonerThanThought; // there is a deadline before the one until which the pool's thread sleeps
    private boolean leftOver = true; // for the pool's thread: by a quick pass; at first, workers to be hired
    private boolean looksAgain; // whether there is something to be shared; a deadline does
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
    private volatile Report last = Report.NOTHING; // when all is over; read by any thread
    private volatile @Nullable Throwable fault; // how a pass failed, by any thread; no request, which might fail too
    private boolean faulty; // and has been acted upon; the pool's thread only
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
        Threads.daemon("procession-pool-" + POOLS.incrementAndGet(), supervisor::run);
        return supervisor;
    }

    private Supervisor(Spec spec) {
        this.spec = spec;
        this.setup = spec.setup();
        this.target = spec.workers();
        var initializer = spec.initializer();
        this.prologue = Work.setup(spec.maxMemory() > 0, initializer == null ? new byte[0] : initializer.bytes());
    }

    // ---- what any thread may call -----------------------------------------------------------------------------------

    /// Asks for a callable to be run, and has it handed out.
    ///
    /// @param body  the serialized callable
    /// @param pin   what keeps shared objects in it alive; released when the task has ended
    /// @param order what else there is to say
    /// @return null if the pool takes no more
    public @Nullable Task submit(byte[] body, long pin, Task.Order order) {
        var task = submit(new Task(numbers.incrementAndGet(), Task.CALLABLE, 1, body, pin, order));
        handOut();
        return task;
    }

    /// Asks for a chunk of items to be run through a function. To be followed by [#handOut()].
    ///
    /// @param function from [#define]
    /// @param count    how many items there are
    /// @return null if the pool takes no more
    public @Nullable Task submitChunk(int function, byte[] items, long pin, int count, Task.Order order) {
        return submit(new Task(numbers.incrementAndGet(), function, count, items, pin, order));
    }

    private @Nullable Task submit(Task task) {
        return add(new Request.Submit(task)) ? task : null;
    }

    /// Has those tasks handed out that were asked for.
    public void handOut() {
        duty.serve();
    }

    /// Has this thread do the pool's work until something is so, if that is how it comes about soonest; returns early where it
    /// is not. To be called before waiting for [Task#done()].
    ///
    /// @param done     what is waited for; must be quick
    /// @param deadline in terms of [System#nanoTime()], or [Long#MAX_VALUE] for no limit
    public void help(BooleanSupplier done, long deadline) throws InterruptedException {
        duty.help(done, deadline);
    }

    /// Has whoever helps look again.
    public void rouse() {
        duty.rouse();
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
        return tell(new Request.Count(report)) ? report.join() : last;
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
        }
        return tell(request);
    }

    private boolean tell(Request request) {
        if (!add(request)) {
            return false;
        }
        duty.wake();
        return true;
    }

    /// Requests after the last are refused under the gate, so that none is left unseen.
    private boolean add(Request request) {
        synchronized (gate) {
            if (ended || (!open && request instanceof Request.Submit)) {
                return false;
            }
            requests.add(request);
            return true;
        }
    }

    // ---- the loop -----------------------------------------------------------------------------------------------

    private void run() {
        Runnable atExit = () -> {
            exiting = true;
            duty.wake();
        };
        AtExit.last(atExit);
        boolean over = false;
        for (int failures = 0; !over; ) {
            try {
                over = duty.call(this::isFinished);
                if (!over) {
                    duty.await(() -> pass() || exiting, nextDeadline());
                }
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt this thread; it goes on
            } catch (RuntimeException | Error e) { // a fault of ours must not leave callers waiting
                over = faulty || ++failures > MOST_FAILURES;
                fault = e;
                if (over) {
                    giveUp(e);
                }
            }
        }
        AtExit.forget(atExit);
        try {
            shut();
            AtExit.holdBack(false); // those who wait are told of no end that is only that of the JVM
            settleRest();
        } finally {
            finish();
        }
    }

    /// It is over when, besides, what its workers said has been passed on.
    private void finish() {
        try {
            CompletableFuture.allOf(speaking.toArray(CompletableFuture[]::new)).thenRun(() -> finished.complete(null));
        } catch (RuntimeException | Error e) {
            finished.complete(null);
        }
    }

    /// A pass has failed. Not even that could be acted upon the first time: then nothing more is tried.
    private void actOnFault(Throwable failure) {
        faulty = true;
        breakPool(new Breakdown.Fault(failure));
        terminateAll(false);
    }

    private void giveUp(Throwable failure) {
        if (broken == null) {
            broken = new Breakdown.Fault(failure);
        }
        for (var worker : workers) {
            try {
                if (worker.child != null) {
                    worker.child.kill();
                    worker.child.drained();
                }
            } catch (RuntimeException | Error e) {
                // the next one
            }
        }
    }

    /// Nobody works for the pool, or sleeps in it, any more.
    private void shut() {
        try {
            duty.call(() -> {
                last = report(0);
                return true;
            });
        } catch (RuntimeException | Error e) {
            // nobody is told what it did
        }
        try {
            duty.end();
        } catch (RuntimeException | Error e) {
            // its memory goes with this process
        }
        synchronized (gate) {
            open = false; // it may have broken, and nobody closed it
            ended = true; // race: from here on tell refuses; what is queued is settled with the rest
        }
    }

    private void settleRest() {
        for (var left = requests.poll(); left != null; left = requests.poll()) {
            try {
                settle(left);
            } catch (RuntimeException | Error e) {
                // the next one
            }
        }
        cancelAll(); // if the JVM exits there may be some left
        var initializer = spec.initializer();
        if (initializer != null) {
            settle(initializer);
        }
        functions.values().forEach(Supervisor::settle); // of streams that nobody has closed
    }

    /// A request that came too late.
    private void settle(Request left) {
        switch (left) {
            case Request.Submit(Task task) -> settle(task, inVain());
            case Request.Define(int _, Parcel parcel) -> settle(parcel);
            case Request.Started(Worker _, Child child) -> kill(child);
            case Request.Count(var report) -> report.complete(last);
            case Request.CloseNow(var neverRan) -> neverRan.complete(List.of());
            default -> {}
        }
    }

    private static void settle(Parcel parcel) {
        try {
            Parcels.settle(parcel.pin());
        } catch (RuntimeException | Error e) {
            // it goes with this process
        }
    }

    private Settlement inVain() {
        var why = broken;
        return why == null ? new Settlement.Cancelled() : new Settlement.Broken(why);
    }

    private boolean isFinished() {
        return exiting || closing && workers.isEmpty() && pending.isEmpty() && overdue.isEmpty() && requests.isEmpty();
    }

    private long nextDeadline() {
        var next = new AtomicLong(Long.MAX_VALUE);
        duty.call(() -> {
            soonerThanThought = false;
            if (!deadlines.isEmpty()) {
                next.set(deadlines.element().at);
            }
            return true;
        });
        return next.get();
    }

    /// @return whether anything had happened
    private boolean pass() {
        boolean progress = leftOver;
        leftOver = false;
        var failure = fault;
        if (failure != null && !faulty) {
            actOnFault(failure);
        }
        for (var request = requests.poll(); request != null; request = requests.poll()) {
            handle(request);
            progress = true;
        }
        progress |= exchange();
        for (long now = System.nanoTime(); !deadlines.isEmpty() && deadlines.element().at - now <= 0; ) {
            deadlines.remove().action.run();
            progress = true;
        }
        if (progress) {
            hire();
            dispatch();
        }
        return progress;
    }

    /// The part of a pass that others make, too.
    ///
    /// @return whether the pool's thread has something to do
    private boolean quickPass() {
        try {
            boolean progress = false;
            for (var request = requests.peek(); isQuick(request); request = requests.peek()) {
                handle(requests.remove());
                progress = true;
            }
            progress |= exchange();
            if (progress) {
                dispatch();
            }
            leftOver |= !requests.isEmpty()
                    || soonerThanThought && !duty.isNapping()
                    || progress && (closing || missing() > 0);
            return leftOver;
        } catch (RuntimeException | Error e) {
            fault = e;
            return true;
        }
    }

    private static boolean isQuick(@Nullable Request request) {
        return request instanceof Request.Submit
                || request instanceof Request.Define
                || request instanceof Request.Forget;
    }

    private boolean exchange() {
        boolean progress = false;
        for (int i = 0; i < workers.size(); i++) {
            var worker = workers.get(i);
            while (receive(worker)) {
                progress = true;
            }
            progress |= worker.flush();
        }
        return progress;
    }

    private void handle(Request request) {
        switch (request) {
            case Request.Submit(Task task) -> {
                if (broken != null || terminating) {
                    settle(task, inVain());
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
                if (terminating || worker.insane) {
                    kill(child);
                } else if (worker.leaving) { // race: it was told so before there was anybody to kill
                    killAfterGrace(worker);
                }
                for (var task : worker.tasks()) {
                    if (task.cancelled) {
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

    // ---- workers ------------------------------------------------------------------------------------------------

    /// Starts as many workers as there should be and are not.
    private void hire() {
        for (int missing = missing(); missing > 0 && broken == null; missing--) {
            startWorker();
        }
    }

    private int missing() {
        if (terminating || broken != null || earlyDeaths > 0 && System.nanoTime() - hireAt < 0) {
            return 0;
        }
        int employed = 0;
        int outstanding = pending.size();
        for (int i = 0; i < workers.size(); i++) {
            var worker = workers.get(i);
            if (!worker.retiring && !worker.leaving) {
                employed++;
                outstanding += worker.toRun();
            }
        }
        return (closing || spec.idle() > 0 ? Math.min(target, outstanding) : target) - employed;
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
        var role = new Role.Serve(worker.channelId(), duty.bell());
        var spec = new Child.Spec(null, "Worker-", true, setup, role, 0);
        Runnable start = () -> {
            try {
                var child = Child.start(spec, born -> {
                    SupervisePoint.WORKER_STARTED.pass();
                    if (!tell(new Request.Started(worker, born))) {
                        born.kill(); // the pool is over
                    }
                });
                child.ending().thenRun(() -> tell(new Request.Ending(worker)));
                child.ended().thenAccept(exit -> tell(new Request.Ended(worker, child, exit)));
            } catch (RuntimeException | Error e) {
                tell(new Request.Unstartable(worker, e));
            }
        };
        try {
            Threads.daemon("procession-start", start); // a virtual one, which nobody carries, may not even be refused
        } catch (RuntimeException | Error e) {
            tell(new Request.Unstartable(worker, e));
        }
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
        takeBack(worker, 0);
        leaveIfIdle(worker);
    }

    private void leaveIfIdle(Worker worker) {
        if (worker.hasNothingToRun() && !worker.leaving) {
            worker.leave();
            killAfterGrace(worker);
        }
    }

    /// Takes back what a worker has not begun, but for so many tasks.
    private void takeBack(Worker worker, int left) {
        var tasks = worker.tasks();
        for (int i = tasks.size() - 1; i >= left; i--) { // the last first, so that the first will be in front
            var task = tasks.get(i);
            if (worker.revoke(task)) {
                pending.addFirst(task);
                task.worker = null;
            }
        }
    }

    /// Looks after the idle time whether the worker has been idle for all of it.
    private void checkIdle(Worker worker) {
        if (spec.idle() == 0 || worker.idleChecked) {
            return;
        }
        worker.idleChecked = true;
        at(worker.idleSince + spec.idle(), () -> {
            worker.idleChecked = false;
            if (worker.isIdle() && !worker.leaving && workers.contains(worker)) {
                if (System.nanoTime() - worker.idleSince >= spec.idle()) {
                    retire(worker);
                } else {
                    checkIdle(worker);
                }
            }
        });
    }

    private void bury(Worker worker, Outcome.@Nullable Crash crash, @Nullable Throwable unstartable) {
        workers.remove(worker);
        done += worker.done;
        failed += worker.failed;
        busy += worker.busy;
        boolean wasRunning = crash != null && worker.tasks().stream().anyMatch(task -> !worker.isWaiting(task));
        try {
            settleTasks(worker, crash);
        } catch (RuntimeException | Error e) { // they are no worker's now: nobody else would
            worker.tasks().stream()
                    .filter(task -> !pending.contains(task))
                    .forEach(task -> settle(task, new Settlement.Broken(new Breakdown.Fault(e))));
            throw e;
        }
        SupervisePoint.WORKER_BURIED.pass();
        for (var task : List.copyOf(overdue)) {
            if (task.worker == worker) { // it has answered, and will not say any more what it was doing
                settleOverdue(task, "");
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
            countEarlyDeath(worker, crash, unstartable);
        }
        if (worker.unfit != null && unfit >= MOST_UNFIT) {
            breakPool(new Breakdown.Unfit(worker.unfit, unfit));
        } else if (doubt + doubtOfKilled >= HOPELESS) {
            breakPool(new Breakdown.Fault(unstartable != null ? unstartable : hopeless(crash)));
        } else if (earlyDeaths > 0) {
            long pause = FIRST_PAUSE << Math.min(earlyDeaths, LONGEST_PAUSE);
            hireAt = System.nanoTime() + pause;
            after(pause, () -> {}); // there is a pass then, and it hires
        }
    }

    private void countEarlyDeath(Worker worker, Outcome.@Nullable Crash crash, @Nullable Throwable unstartable) {
        boolean killed =
                crash != null && isFromOutside(crash.signal()) || unstartable instanceof KilledBootingException;
        if (killed && worker.settledIn) {
            return;
        }
        earlyDeaths++;
        if (killed) {
            doubtOfKilled += KILLED;
        } else {
            doubt += ENDED_BY_ITSELF;
        }
    }

    /// Settles what a worker that is gone was given, or has it done again.
    private void settleTasks(Worker worker, Outcome.@Nullable Crash crash) {
        for (var task : worker.tasks().reversed()) { // the last first, so that the first will be in front
            if (crash != null && !worker.isWaiting(task)) {
                died(worker, task, crash);
            } else if (task.cancelled) {
                settle(task, new Settlement.Cancelled());
            } else {
                task.worker = null;
                pending.addFirst(task);
            }
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
            if (task.unwanted) {
                settle(task, new Settlement.Cancelled());
            } else if (task.retries > 0 && !terminating) {
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
        doubtOfKilled = 0;
        unfit = 0;
    }

    /// Whether a signal comes from people, or the out-of-memory killer.
    static boolean isFromOutside(int signal) {
        return signal == Os.SIGKILL || signal == Os.SIGTERM;
    }

    private IllegalStateException hopeless(Outcome.@Nullable Crash last) {
        return new IllegalStateException("%d workers in a row ended before they could run a task%s"
                .formatted(
                        earlyDeaths,
                        last == null
                                ? ""
                                : ", the last with exit code %d%s"
                                        .formatted(last.exitCode(), ExitInfo.inItsWords(last.errors()))));
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
            for (var task : worker.tasks()) {
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
        unbegun.sort(Comparator.comparingLong(Task::number));
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
        var why = inVain();
        overdue.forEach(task -> settle(task, why));
        overdue.clear();
        while (!pending.isEmpty()) {
            settle(pending.remove(), why);
        }
        for (var worker : workers) {
            worker.tasks().forEach(task -> settle(task, why));
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
        try {
            Threads.daemon("procession-kill", child::kill);
        } catch (IllegalStateException e) { // no thread is left
            child.kill();
        }
    }

    // ---- tasks --------------------------------------------------------------------------------------------------

    private boolean receive(Worker worker) {
        if (worker.insane) {
            return false;
        }
        try {
            var message = worker.receive();
            if (message != null) {
                SupervisePoint.RESULT_READ.pass();
                accept(worker, message);
            }
            return message != null;
        } catch (RuntimeException
                | OutOfMemoryError e) { // native code of a task has written over the channel: it ends, alone
            worker.insane = true;
            if (worker.child != null) {
                kill(worker.child);
            }
            return true;
        }
    }

    private void accept(Worker worker, Parts.Message message) {
        byte[] bytes = message.bytes();
        var body = ByteBuffer.wrap(bytes);
        switch (message.kind()) {
            case Work.READY -> {
                unfit = 0;
                doubtOfKilled = 0;
                worker.settledIn = true;
            }
            case Work.UNFIT -> worker.unfit = Work.rest(body);
            case Work.DONE -> {
                worker.settledIn = true;
                int ticket = ticket(worker, body);
                accept(worker, Objects.requireNonNull(worker.task(ticket)), bytes, body);
                SupervisePoint.TASK_SETTLED.pass();
                free(worker, ticket);
            }
            case Work.SKIPPED -> free(worker, ticket(worker, body));
            default -> throw new IllegalStateException("A worker said " + message.kind());
        }
    }

    private static int ticket(Worker worker, ByteBuffer body) {
        long number = body.getLong();
        int ticket = body.getInt();
        var task = worker.task(ticket);
        if (task == null || task.number() != number) {
            throw new IllegalStateException("Worker answers for task %d, which it does not hold".formatted(number));
        }
        return ticket;
    }

    private void accept(Worker worker, Task task, byte[] bytes, ByteBuffer body) {
        forgetEarlyDeaths();
        long pin = body.getLong();
        var tally = Work.Tally.get(body);
        worker.done += tally.done();
        worker.failed += tally.failed();
        worker.busy += tally.nanos();
        worker.ended(tally.nanos());
        task.ran = tally.nanos();
        Parcels.claim(pin);
        if (task.overdue || !settle(task, new Settlement.Answered(bytes, body.position(), pin))) {
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
        worker.movedAt = System.nanoTime();
        if (worker.isIdle()) {
            worker.idleSince = worker.movedAt;
            checkIdle(worker);
            if (worker.retiring) {
                leaveIfIdle(worker);
            }
        }
    }

    private boolean settle(Task task, Settlement settlement) {
        boolean first = task.settle(settlement);
        if (first && task.pin() != 0) {
            try {
                Parcels.settle(task.pin());
            } catch (RuntimeException | Error e) {
                // its memory goes with this process; others must be settled
            }
        }
        return first;
    }

    private void dispatch() {
        if (!pending.isEmpty()) {
            spareTheHeldUp();
        }
        for (var worker = leastLoaded(); worker != null && !pending.isEmpty(); worker = leastLoaded()) {
            send(worker);
        }
        if (pending.isEmpty()) {
            steal();
        }
        if (closing && pending.isEmpty() && !isAnyToBeShared()) {
            workers.forEach(this::leaveIfIdle);
        }
    }

    /// Whether what waits with one worker may yet be another's.
    private boolean isAnyToBeShared() {
        for (var worker : workers) {
            if (worker.toRun() > 1) {
                return true;
            }
        }
        return false;
    }

    /// What waits behind a task that takes longer than was to be expected goes to others.
    private void spareTheHeldUp() {
        long now = System.nanoTime();
        for (var worker : workers) {
            if (worker.assigned() > 1 + WAITING && now - worker.movedAt > HELD_UP) {
                takeBack(worker, 1 + WAITING);
            }
        }
    }

    /// Of those that may get more, the one that has the least; but a few that are through in no time are better than many that
    /// must be woken, once there are enough of them to keep the processors busy.
    private @Nullable Worker leastLoaded() {
        Worker least = null;
        Worker quickest = null;
        int busy = 0;
        for (var worker : workers) {
            busy += worker.isIdle() ? 0 : 1;
            if (worker.assigned() < worker.depth() && worker.takesMore(spec.maxTasks())) {
                least = least == null || worker.assigned() < least.assigned() ? worker : least;
                boolean isQuick = !worker.isIdle() && worker.backlog() < SOON;
                quickest = isQuick && (quickest == null || worker.backlog() < quickest.backlog()) ? worker : quickest;
            }
        }
        return quickest != null && busy >= processors ? quickest : least;
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
        if (worker.isIdle()) {
            worker.movedAt = System.nanoTime();
        }
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
            var task = takeBackFor(idle);
            if (task != null) {
                give(idle, task);
            } else if (idle.settledIn) {
                return; // no other may take more
            }
        }
    }

    /// Never from one that has settled in and runs nothing: two of them would pass a task to and fro.
    private @Nullable Task takeBackFor(Worker idle) {
        long now = System.nanoTime();
        for (var worker : workers) {
            if (worker.assigned() < 2 && worker.child != null && !(idle.settledIn && !worker.settledIn)) {
                continue;
            }
            if (worker.backlog() < SOON && now - worker.movedAt < SOON) {
                lookAgainSoon();
                continue;
            }
            var task = worker.takeBack();
            if (task != null) {
                return task;
            }
        }
        return null;
    }

    private void lookAgainSoon() {
        if (!looksAgain) {
            looksAgain = true;
            after(SOON, () -> looksAgain = false); // there is a pass then, and it steals
        }
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
        task.unwanted = true;
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
            if (worker.holds(task) && workers.contains(worker)) {
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
        at(at, () -> {
            if (worker.clockAt == at && workers.contains(worker)) {
                worker.clockAt = Long.MAX_VALUE;
                checkClocks(worker);
            }
        });
    }

    private void checkClocks(Worker worker) {
        for (var task : worker.tasks()) {
            if (task.limit() == 0 || task.overdue) {
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
        after(CANCEL_GRACE, () -> {
            settleOverdue(task, "");
            if (worker.holds(task) && workers.contains(worker)) {
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

    // ---- numbers ------------------------------------------------------------------------------------------------

    private Report report(int waiting) {
        var processes = new ArrayList<Report.Member>();
        int running = 0;
        long allDone = done;
        long allFailed = failed;
        long allBusy = busy;
        for (var worker : workers) {
            boolean isRunning = worker.isRunning();
            running += isRunning ? 1 : 0;
            waiting += worker.toRun() - (isRunning ? 1 : 0);
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
        at(System.nanoTime() + nanos, action);
    }

    private void at(long time, Runnable action) {
        soonerThanThought |= deadlines.isEmpty() || time - deadlines.element().at < 0;
        deadlines.add(new Deadline(time, action));
    }
}
