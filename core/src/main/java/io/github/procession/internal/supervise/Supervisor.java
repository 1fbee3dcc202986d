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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
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
     * kernel for memory, by people) says less, and counts a fifth.
     */
    private static final AtomicInteger POOLS = new AtomicInteger();
    private static final int HOPELESS = 15; // of doubt
    private static final int ENDED_BY_ITSELF = 5;
    private static final int KILLED = 1;
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int LONGEST_PAUSE = 4; // doublings
    private static final long LEAVE_GRACE = TimeUnit.SECONDS.toNanos(10);
    private static final long CANCEL_GRACE = TimeUnit.SECONDS.toNanos(1);

    private final Spec spec;
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
    private final List<CompletableFuture<?>> speaking = new ArrayList<>(); // workers whose output is not yet passed on
    private boolean closing;
    private boolean terminating;
    private int earlyDeaths; // in a row
    private int doubt; // about whether any worker can live
    private volatile @Nullable Throwable broken; // read by any thread
    private volatile boolean exiting; // the JVM shuts down, and the workers are gone; set by any thread

    /// What kind of pool.
    ///
    /// @param workers how many processes
    /// @param setup   how they differ from this one
    public record Spec(int workers, Setup setup) {}

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

        record Close() implements Request {}

        record Terminate() implements Request {}
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
        this.bellBlock = SharedBlock.create(ObjectKind.BELL, WaitPointLayout.BYTES);
        this.bell = new WaitPoint(bellBlock.memory(), BlockLayout.HEADER);
    }

    // ---- what any thread may call -----------------------------------------------------------------------------------

    /// Asks for a callable to be run.
    ///
    /// @param body  the serialized callable
    /// @param pin   what keeps shared objects in it alive; released when the task has ended
    /// @param label what it is, for people
    /// @return null if the pool takes no more
    public @Nullable Task submit(byte[] body, long pin, String label) {
        return submit(new Task(numbers.incrementAndGet(), label, Task.CALLABLE, body, pin));
    }

    /// Asks for a chunk of items to be run through a function.
    ///
    /// @param function from [#define]
    /// @return null if the pool takes no more
    public @Nullable Task submitChunk(int function, byte[] items, long pin, String label) {
        return submit(new Task(numbers.incrementAndGet(), label, function, items, pin));
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
    public @Nullable Throwable broken() {
        return broken;
    }

    /// How many workers it has.
    public int workers() {
        return spec.workers();
    }

    /// Takes no more tasks; when those given have ended the workers leave. Returns at once.
    ///
    /// @return completes when all workers are gone and their output has been passed on
    public CompletableFuture<Void> close() {
        shut(new Request.Close());
        return finished;
    }

    /// Cancels everything and kills the workers. Returns at once.
    ///
    /// @return completes when all workers are gone and their output has been passed on
    public CompletableFuture<Void> terminate() {
        shut(new Request.Terminate());
        return finished;
    }

    private void shut(Request request) {
        synchronized (gate) {
            open = false;
            if (!ended) {
                requests.add(request);
                bell.signal();
            }
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
        for (int i = 0; i < spec.workers(); i++) {
            startWorker();
        }
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
                breakPool(e);
                terminateAll();
            }
        }
        AtExit.forget(atExit);
        synchronized (gate) {
            ended = true; // race: from here on tell refuses, what is queued is seen below
        }
        for (var left = requests.poll(); left != null; left = requests.poll()) {
            switch (left) {
                case Request.Submit(Task task) -> settle(task, new Settlement.Cancelled());
                case Request.Define(int _, Parcel parcel) -> Parcels.settle(parcel.pin());
                default -> {}
            }
        }
        functions.values().forEach(parcel -> Parcels.settle(parcel.pin())); // of streams that nobody has closed
        bell.close();
        bellBlock.close();
        CompletableFuture.allOf(speaking.toArray(CompletableFuture[]::new)).thenRun(() -> finished.complete(null));
        AtExit.holdBack(false);
        cancelAll(); // if the JVM exits there may be some left
    }

    private boolean isFinished() {
        return exiting || closing && workers.isEmpty() && pending.isEmpty() && requests.isEmpty();
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
            case Request.Close _ -> closing = true;
            case Request.Terminate _ -> terminateAll();
        }
    }

    // ---- workers
    // -----------------------------------------------------------------------------------------------------

    private void startWorker() {
        Worker worker;
        try {
            worker = new Worker();
        } catch (RuntimeException e) {
            breakPool(e);
            return;
        }
        workers.add(worker);
        var role = new Role.Serve(worker.channelId(), bellBlock.id());
        Thread.ofVirtual().start(() -> {
            try {
                var child = Child.start(new Child.Spec(null, "Worker-", true, spec.setup(), role, 0));
                tell(new Request.Started(worker, child));
                child.ending().thenRun(() -> tell(new Request.Ending(worker)));
                child.ended().thenAccept(exit -> tell(new Request.Ended(worker, child, exit)));
            } catch (RuntimeException | Error e) {
                tell(new Request.Unstartable(worker, e));
            }
        });
    }

    private void bury(Worker worker, Outcome.@Nullable Crash crash, @Nullable Throwable unstartable) {
        workers.remove(worker);
        boolean wasRunning = false;
        for (int ticket = 0; ticket < worker.tickets().length; ticket++) {
            var task = worker.tickets()[ticket];
            if (task == null || task.done().isDone() || task.worker != worker || task.ticket != ticket) {
                continue; // none, or it was taken back and is another worker's
            }
            if (task.cancelled) {
                settle(task, new Settlement.Cancelled());
            } else if (crash == null || worker.isWaiting(task)) {
                task.worker = null;
                pending.addFirst(task);
            } else {
                wasRunning = true;
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - task.sentAt);
                settle(task, new Settlement.Crashed(of(crash, task, millis)));
            }
        }
        worker.close();
        if (worker.child != null) {
            worker.child.drained();
        }
        if (worker.leaving || terminating) {
            return;
        }
        if (wasRunning || worker.settledTasks > 0) {
            forgetEarlyDeaths();
        } else {
            earlyDeaths++;
            doubt += isFromOutside(crash) ? KILLED : ENDED_BY_ITSELF;
        }
        if (doubt >= HOPELESS) {
            breakPool(unstartable != null ? unstartable : hopeless(crash));
            return;
        }
        if (closing && pending.isEmpty()) {
            return;
        }
        if (earlyDeaths == 0) {
            startWorker();
        } else {
            after(FIRST_PAUSE << Math.min(earlyDeaths, LONGEST_PAUSE), () -> {
                if (!terminating && broken == null) {
                    startWorker();
                }
            });
        }
    }

    private void forgetEarlyDeaths() {
        earlyDeaths = 0;
        doubt = 0;
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
                exit.reason());
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
                c.reason());
    }

    private void breakPool(Throwable cause) {
        broken = cause;
        closing = true;
        while (!pending.isEmpty()) {
            settle(pending.remove(), new Settlement.Broken(cause));
        }
    }

    private void terminateAll() {
        closing = true;
        terminating = true;
        cancelAll();
        for (var worker : workers) {
            if (worker.child != null) {
                kill(worker.child);
            }
        }
    }

    private void cancelAll() {
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
        long number = body.getLong();
        int ticket = body.getInt();
        var task = worker.tickets()[ticket];
        if (task == null || task.number() != number) {
            throw new IllegalStateException("Worker answers for task %d, which it does not hold".formatted(number));
        }
        switch (message.kind()) {
            case Work.DONE -> {
                worker.settledTasks++;
                forgetEarlyDeaths();
                long pin = body.getLong();
                Parcels.claim(pin);
                if (!settle(task, new Settlement.Answered(Work.rest(body), pin))) {
                    Parcels.settle(pin);
                }
            }
            case Work.SKIPPED -> {}
            default -> throw new IllegalStateException("A worker said " + message.kind());
        }
        worker.free(ticket);
    }

    private boolean settle(Task task, Settlement settlement) {
        boolean first = task.settle(settlement);
        if (first) {
            Parcels.settle(task.pin());
        }
        return first;
    }

    private void dispatch() {
        for (int load = 0; load < 2 && !pending.isEmpty(); load++) {
            for (int i = 0; i < workers.size() && !pending.isEmpty(); i++) {
                var worker = workers.get(i);
                if (worker.assigned() == load && !worker.leaving) {
                    send(worker);
                }
            }
        }
        if (pending.isEmpty()) {
            steal();
        }
        if (closing && pending.isEmpty()) {
            for (var worker : workers) {
                if (worker.isIdle() && !worker.leaving) {
                    worker.leave();
                    killAfterGrace(worker);
                }
            }
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
        task.sentAt = System.nanoTime();
        worker.send(task, function(task));
    }

    /// Gives an idle worker what waits behind another's task.
    private void steal() {
        for (var idle : workers) {
            if (!idle.isIdle() || idle.leaving || idle.child == null) {
                continue;
            }
            var task = takeBack();
            if (task == null) {
                return;
            }
            task.sentAt = System.nanoTime();
            idle.send(task, function(task));
        }
    }

    private @Nullable Task takeBack() {
        for (var worker : workers) {
            if (worker.assigned() == 2 || worker.child == null) {
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

    private void after(long nanos, Runnable action) {
        deadlines.add(new Deadline(System.nanoTime() + nanos, action));
    }
}
