package io.github.procession.stress;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// One thread of a process in a storm: what it is, and what it does until the storm is over.
///
/// @param life   of this thread, in the ledger
/// @param random of its own
record Member(Ledger ledger, Life life, Shares shares, Seat.Role role, Random random) {
    private static final long PARENT = parent(); // as long as that one lives
    private static final ConcurrentHashMap<String, Ledger> LEDGERS = new ConcurrentHashMap<>();
    private static final int SHORTEST_PAUSE = 50_000;
    private static final int LONGEST_PAUSE = 1_000_000;

    /// The ledger, as this process has it.
    static Ledger ledger(String file) {
        return LEDGERS.computeIfAbsent(file, name -> Ledger.in(Path.of(name)));
    }

    /// The target of each child process.
    static void man(Seat seat, Shares shares) throws InterruptedException {
        var ledger = ledger(shares.ledger());
        var life =
                ledger.begin(Activity.CREW, seat.name(), ProcessHandle.current().pid());
        var threads = new ArrayList<Thread>();
        for (var role : seat.roles()) {
            threads.add(Thread.ofPlatform()
                    .name(seat.name() + " " + role.activity())
                    .start(() -> play(ledger, seat, shares, role)));
        }
        var crew = new Crew(ledger, shares, seat.below(), life);
        var keeping = Thread.ofPlatform().name(seat.name() + " crew").start(crew::keepManned);
        try {
            for (var thread : threads) {
                thread.join();
            }
            keeping.join();
        } catch (InterruptedException e) {
            complainUnlessOver(ledger, life, e);
            crew.end();
            threads.forEach(Thread::interrupt);
            for (var thread : threads) {
                thread.join();
            }
            keeping.join();
        }
        life.end();
    }

    private static void play(Ledger ledger, Seat seat, Shares shares, Seat.Role role) {
        var life = ledger.begin(
                role.activity(), seat.name(), ProcessHandle.current().pid());
        var random = new Random(shares.seed() * 31 + life.id());
        var member = new Member(ledger, life, shares, role, random);
        try {
            member.play();
        } catch (InterruptedException | RuntimeException | Error e) {
            complainUnlessOver(ledger, life, e);
            if (ledger.isDoomed(life.pid())) {
                return; // whatever it has taken is lost
            }
        }
        life.end();
    }

    /// Notes what a member did not expect, unless that comes of its being asked to end.
    static void complainUnlessOver(Ledger ledger, Life life, Throwable problem) {
        boolean asked = problem instanceof InterruptedException && ledger.isStopped();
        if (!asked && !isDying(ledger)) {
            var text = new StringWriter();
            problem.printStackTrace(new PrintWriter(text));
            ledger.fault("%s, %s: %s".formatted(life.activity(), life, text));
        }
    }

    /// Whether this process, its parent or the root is about to die by a signal.
    static boolean isDying(Ledger ledger) {
        long self = ProcessHandle.current().pid();
        return ledger.isRootDoomed()
                || !ledger.isRoot(self) && (ledger.isDoomed(self) || parent() != PARENT || ledger.isDoomed(PARENT));
    }

    private static long parent() {
        return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L);
    }

    private void play() throws InterruptedException {
        switch (role.activity()) {
            case SMALL_ITEMS, LARGE_ITEMS, HANDLES -> new Deliveries(this).play();
            case LOCK_WITH_REPAIR, LOCK_TO_RECOVER, REENTRANT_LOCK, GUARD, CONDITION -> new Exclusion(this).play();
            case SEMAPHORE, BARRIER, EVENT_AND_LATCH -> new Meetings(this).play();
            case RECORD, ARRAY, NAMED_MEMORY -> new Values(this).play();
            case PIPE -> new Talks(this).play();
            case WORK -> new Jobs(this).play();
            case POOL -> new PoolWork(this).play();
            case CREW -> throw new IllegalArgumentException("no role");
        }
    }

    /// Asked once in each round, which the watchdog sees.
    boolean goesOn() {
        life.round();
        return !ledger.isStopped();
    }

    /// Lets others have the processor, so that no activity starves the rest.
    void pause() {
        LockSupport.parkNanos(random.nextInt(SHORTEST_PAUSE, LONGEST_PAUSE));
    }

    void done() {
        ledger.done(role.activity());
    }

    @SuppressWarnings("AnnotateFormatMethod") // as in the ledger
    void check(boolean holds, String fault, Object... details) {
        ledger.check(role.activity(), holds, fault, details);
    }
}
