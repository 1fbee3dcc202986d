package io.github.procession.internal.sync;

import static io.github.procession.internal.sync.Interleavings.FIRST;
import static io.github.procession.internal.sync.Interleavings.NOTES;
import static io.github.procession.internal.sync.Interleavings.ROOT;
import static io.github.procession.internal.sync.Interleavings.SECOND;
import static io.github.procession.internal.sync.Interleavings.THIRD;
import static io.github.procession.internal.sync.Interleavings.sleepUntil;
import static io.github.procession.internal.sync.Interleavings.wakeAll;
import static io.github.procession.internal.sync.Interleavings.wakeOne;

import io.github.procession.internal.os.TestJvm;
import io.github.procession.internal.ring.CellRing;
import io.github.procession.internal.sync.BarrierState.Standing;
import io.github.procession.internal.sync.Interleavings.Scenario;
import io.github.procession.internal.sync.Interleavings.State;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// A JVM that explores the primitives, and mutants of them that must not pass. See [Interleavings].
final class Schedules {
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private Schedules() {}

    public static void main(String[] arguments) throws InterruptedException {
        TestJvm.dieWithParent();
        var explorer = Thread.ofVirtual().start(() -> {
            try {
                primitives();
                mutants();
                System.out.println("done");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        explorer.join();
    }

    private static void primitives() throws InterruptedException {
        explore("lock, two, both may die", new Locked(), 2, 2);
        explore("lock, three, two may die", new Locked(), 3, 2);
        explore("journal, two, both may die", new Ledger(), 2, 2);
        explore("journal, three, one may die", new Ledger(), 3, 1);
        explore("semaphore of one, both may die", new Permits(1, 1), 2, 2);
        explore("semaphore of two, both want both and may die", new Permits(2, 2), 2, 2);
        explore("semaphore as a signal, both may die", new Signals(), 2, 2);
        explore("condition, a signal to two that wait, two may die", new Signal(), 3, 2);
        explore("condition, a signal to all of two that wait, one may die", new SignalToAll(), 3, 1);
        explore("condition and its lock, both may die", new Handover(), 2, 2);
        explore("barrier, two rounds, one may die", new Meeting(2, 2), 2, 1);
        explore("barrier, three for two", new Meeting(2, 1), 3, 0);
        explore("barrier of three, one may die", new Meeting(3, 1), 3, 1);
        explore("barrier of two, a third resets it, one may die", new Reset(), 3, 1);
        explore("event, one may die", new Flash(), 3, 1);
        explore("latch, three, two may die", new Countdown(), 3, 2);
        explore("cells, one item for two, one may die", new Cells(1, 1), 3, 1);
        explore("cells, one item for two, two may die", new Cells(1, 1), 3, 2);
        explore("cells, two items for one, both may die", new Cells(2, 2), 2, 2);
        explore("one cell, two producers, a consumer, one may die", new Cells(1, 2, 1, 2), 3, 1);
        explore("one cell, two producers, a consumer, two may die", new Cells(1, 2, 1, 2), 3, 2);
    }

    private static void mutants() throws InterruptedException {
        refute(
                "a lock of the dead is free",
                new Locked() {
                    @Override
                    public boolean bury(MemorySegment block, int slot) {
                        var word = new LockWord(block, 0, ROOT);
                        if (word.bury(slot)) {
                            LONG.setVolatile(block, 0L, 0L);
                        }
                        wakeAll(0);
                        return true;
                    }
                },
                2,
                1,
                "half a change");
        refute(
                "a lock is free before the last write",
                new Locked() {
                    @Override
                    void change(MemorySegment block, LockWord word) {
                        note(block, ONE, note(block, ONE) + 1);
                        word.free();
                        note(block, TWO, note(block, TWO) + 1);
                    }
                },
                2,
                0,
                "half a change");
        refute(
                "an abandoned lock that nobody mends",
                new Locked() {
                    @Override
                    void mend(MemorySegment block, LockWord word) {
                        word.mended();
                    }
                },
                3,
                2,
                "half a change");
        refute(
                "a burial that wakes nobody",
                new Locked() {
                    @Override
                    public boolean bury(MemorySegment block, int slot) {
                        new LockWord(block, 0, ROOT).bury(slot);
                        return true;
                    }
                },
                2,
                1,
                "asleep");
        refute(
                "a journal that stays taken if it does not count",
                new Ledger() {
                    @Override
                    public boolean bury(MemorySegment block, int slot) {
                        boolean counts = ((long) LONG.getVolatile(block, 0L) & 2) != 0;
                        return !counts || super.bury(block, slot);
                    }
                },
                2,
                1,
                "everybody waits for the journal");
        refute(
                "a journal that is freed, and not carried out",
                new Ledger() {
                    @Override
                    public boolean bury(MemorySegment block, int slot) {
                        LONG.compareAndSet(block, 0L, (long) slot << 2 | 2, (long) slot << 2 | 1);
                        return super.bury(block, slot);
                    }
                },
                2,
                1,
                "half a change");
        refute(
                "permits of the dead that do not come back",
                new Permits(1, 1) {
                    @Override
                    public boolean bury(MemorySegment block, int slot) {
                        new Journal(block, 0, ROOT).repair(slot);
                        wakeAll(0);
                        return true;
                    }
                },
                2,
                1,
                "0 permits come back, not 1");
        refute(
                "a permit that comes back though it was released",
                new Signals() {
                    @Override
                    public boolean bury(MemorySegment block, int slot) {
                        LONG.setVolatile(block, Journal.BYTES + 16, 0L); // nothing is foreign
                        return super.bury(block, slot);
                    }
                },
                2,
                1,
                "1 permits are left, not 0");
        refute(
                "a signal that dies with who had got it",
                new Signal() {
                    @Override
                    public boolean bury(MemorySegment block, int slot) {
                        var journal = new Journal(block, 0, ROOT);
                        journal.repair(slot);
                        if (slot == FIRST) {
                            if (!journal.tryBegin()) {
                                return false;
                            }
                            journal.set(512, 0); // its entry
                            journal.commit();
                            journal.end();
                        }
                        wakeAll(0);
                        return true;
                    }
                },
                3,
                1,
                "the signal is lost");
        refute(
                "a condition that frees the lock before it takes a ticket",
                new Handover() {
                    @Override
                    boolean await(LockWord word, ConditionState condition) {
                        word.free();
                        return super.await(word, condition);
                    }
                },
                2,
                0,
                "nobody tells who waits");
        refute(
                "a dead party that is waited for",
                new Meeting(2, 2) {
                    @Override
                    public boolean bury(MemorySegment block, int slot) {
                        new Journal(block, 0, ROOT).repair(slot);
                        wakeAll(0);
                        return true;
                    }
                },
                2,
                1,
                "somebody waits for the dead");
        refute(
                "a signal to all that is one to one",
                new SignalToAll() {
                    @Override
                    void signal(ConditionState state) {
                        state.signal();
                    }
                },
                3,
                0,
                "all were signalled, and somebody sleeps");
        refute(
                "a reset that wakes nobody",
                new Reset() {
                    @Override
                    public void run(MemorySegment block, int slot) {
                        if (slot == THIRD) {
                            new BarrierState(block, 0, slot).reset();
                        } else {
                            super.run(block, slot);
                        }
                    }
                },
                3,
                0,
                "for each other");
        refute(
                "a consumer's cell that is not given back",
                new Cells(1, 1) {
                    @Override
                    public boolean bury(MemorySegment block, int slot) {
                        if (slot == FIRST) {
                            return super.bury(block, slot);
                        }
                        wakeAll(ITEMS);
                        wakeAll(ROOM);
                        return true;
                    }
                },
                3,
                1,
                "is lost");
        refute(
                "a producer's cell that stays claimed",
                new Cells(1, 1) {
                    @Override
                    public boolean bury(MemorySegment block, int slot) {
                        if (slot != FIRST) {
                            return super.bury(block, slot);
                        }
                        wakeAll(ITEMS);
                        return true;
                    }
                },
                3,
                1,
                "blocked");
        refute(
                "a tombstone that is cleared in silence",
                new Cells(1, 2, 1, 2) {
                    @Override
                    void tellOfRoom(CellRing ring) {
                        var _ = ring.hasMadeRoom();
                    }
                },
                3,
                1,
                "a producer is blocked, and there is room");
        refute(
                "an event that forgets that it was set",
                new Flash() {
                    @Override
                    boolean hasCome(EventState state) {
                        return state.isSet();
                    }
                },
                2,
                0,
                "asleep, and it was set");
        refute(
                "a latch that is read and then written",
                new Countdown() {
                    @Override
                    boolean countDown(LatchState state) {
                        long count = state.count();
                        SyncPoint.LOCK_COUNTED.pass(); // an instant between the two
                        state.format(count - 1);
                        SyncPoint.STATE_CHANGED.pass();
                        return count == 1;
                    }
                },
                3,
                0,
                "at ");
    }

    private static void explore(String name, Scenario scenario, int processes, int deaths) throws InterruptedException {
        long start = System.nanoTime();
        var explored = Interleavings.explore(scenario, processes, deaths);
        System.out.printf(
                "%s: %,d schedules, %,d states, %,d ms%n",
                name, explored.schedules(), explored.states(), (System.nanoTime() - start) / 1_000_000);
    }

    private static void refute(String name, Scenario mutant, int processes, int deaths, String expected)
            throws InterruptedException {
        try {
            Interleavings.explore(mutant, processes, deaths);
        } catch (AssertionError e) {
            String message = String.valueOf(e.getMessage());
            if (!message.contains(expected)) {
                throw new AssertionError("%s: not \"%s\", but".formatted(name, expected), e);
            }
            System.out.printf("%s: %s%n", name, message);
            return;
        }
        throw new AssertionError(name + " is not noticed");
    }

    private static long note(MemorySegment block, int index) {
        return (long) LONG.getVolatile(block, NOTES + 8L * index);
    }

    private static void note(MemorySegment block, int index, long value) {
        LONG.setVolatile(block, NOTES + 8L * index, value);
    }

    // ---- lock ------------------------------------------------------------------------------------------------------

    /// Each adds one to two words under a lock; who finds it abandoned mends them.
    static class Locked implements Scenario {
        static final int ONE = 0;
        static final int TWO = 1;
        static final int HALF = 2;

        @Override
        public void run(MemorySegment block, int slot) {
            var word = new LockWord(block, 0, slot);
            sleepUntil(0, () -> {
                var attempt = word.take(true);
                if (attempt == LockWord.Attempt.ABANDONED) {
                    mend(block, word);
                }
                return attempt != LockWord.Attempt.BUSY;
            });
            if (note(block, ONE) != note(block, TWO)) {
                note(block, HALF, 1);
            }
            change(block, word);
            wakeOne(0);
        }

        void mend(MemorySegment block, LockWord word) {
            note(block, TWO, note(block, ONE));
            word.mended();
        }

        void change(MemorySegment block, LockWord word) {
            note(block, ONE, note(block, ONE) + 1);
            word.count(1); // an instant between the two
            note(block, TWO, note(block, TWO) + 1);
            word.free();
        }

        @Override
        public boolean bury(MemorySegment block, int slot) {
            new LockWord(block, 0, ROOT).bury(slot);
            wakeAll(0);
            return true;
        }

        @Override
        public @Nullable String look(MemorySegment block, State state) {
            return note(block, HALF) != 0 ? "somebody saw half a change" : null;
        }

        @Override
        public @Nullable String check(MemorySegment block, State state) {
            var word = new LockWord(block, 0, ROOT);
            long one = note(block, ONE);
            if (word.isHeld()) {
                return "held by nobody who lives";
            } else if (state.asleep() > 0) {
                return "asleep, and the lock is nobody's";
            } else if (one < state.through() || one > state.through() + state.dead()) {
                return one + " changes by " + state.through();
            }
            return one != note(block, TWO) && !word.isAbandoned() ? "half a change, and free" : null;
        }
    }

    // ---- journal ---------------------------------------------------------------------------------------------------

    /// Each moves one from a word to another.
    static class Ledger implements Scenario {
        private static final long FROM = NOTES;
        private static final long TO = NOTES + 8;
        private static final int HALF = 2;

        @Override
        public void run(MemorySegment block, int slot) {
            var journal = new Journal(block, 0, slot);
            journal.begin();
            try {
                if (journal.get(FROM) + journal.get(TO) != 0) {
                    note(block, HALF, 1);
                }
                journal.set(FROM, journal.get(FROM) - 1);
                journal.set(TO, journal.get(TO) + 1);
                journal.commit();
            } finally {
                journal.end();
            }
        }

        @Override
        public boolean bury(MemorySegment block, int slot) {
            new Journal(block, 0, ROOT).repair(slot);
            return true;
        }

        @Override
        public @Nullable String look(MemorySegment block, State state) {
            return note(block, HALF) != 0 ? "somebody saw half a change" : null;
        }

        @Override
        public @Nullable String check(MemorySegment block, State state) {
            long from = (long) LONG.getVolatile(block, FROM);
            long to = (long) LONG.getVolatile(block, TO);
            long committed = state.passed(SyncPoint.JOURNAL_COMMITTED);
            if (from + to != 0) {
                return "half a change";
            }
            return to == committed ? null : to + " changes, and " + committed + " were committed";
        }
    }

    // ---- semaphore -------------------------------------------------------------------------------------------------

    /// Each takes a number of permits at once and gives them back.
    static class Permits implements Scenario {
        private final int permits;
        private final int wanted;

        Permits(int permits, int wanted) {
            this.permits = permits;
            this.wanted = wanted;
        }

        @Override
        public void prepare(MemorySegment block) {
            new SemaphoreState(block, 0, ROOT).format(permits, permits);
        }

        @Override
        public void run(MemorySegment block, int slot) {
            var state = new SemaphoreState(block, 0, slot);
            sleepUntil(0, () -> state.acquire(wanted));
            note(block, slot, wanted);
            SyncPoint.STATE_CHANGED.pass(); // has them
            note(block, slot, 0);
            state.release(wanted);
            wakeOne(0);
        }

        @Override
        public boolean bury(MemorySegment block, int slot) {
            boolean done = new SemaphoreState(block, 0, ROOT).bury(slot);
            if (done) {
                wakeAll(0);
            }
            return done;
        }

        @Override
        public @Nullable String look(MemorySegment block, State state) {
            long had = new SemaphoreState(block, 0, ROOT).permits();
            for (int slot : state.slots()) {
                had += state.isDead(slot) ? 0 : note(block, slot);
            }
            return had > permits ? had + " permits of " + permits : null;
        }

        @Override
        public @Nullable String check(MemorySegment block, State state) {
            int left = new SemaphoreState(block, 0, ROOT).permits();
            if (state.asleep() > 0) {
                return "asleep, and there are " + left;
            }
            return left == permits ? null : left + " permits come back, not " + permits;
        }
    }

    /// One takes what the other gives.
    static class Signals implements Scenario {
        @Override
        public void prepare(MemorySegment block) {
            new SemaphoreState(block, 0, ROOT).format(0, 10);
        }

        @Override
        public void run(MemorySegment block, int slot) {
            var state = new SemaphoreState(block, 0, slot);
            if (slot == FIRST) {
                sleepUntil(0, () -> state.acquire(1));
            } else {
                state.release(1);
                wakeOne(0);
            }
        }

        @Override
        public boolean bury(MemorySegment block, int slot) {
            boolean done = new SemaphoreState(block, 0, ROOT).bury(slot);
            if (done) {
                wakeAll(0);
            }
            return done;
        }

        @Override
        public @Nullable String check(MemorySegment block, State state) {
            boolean given = state.hasPassed(SECOND, SyncPoint.JOURNAL_COMMITTED);
            boolean taken = state.hasPassed(FIRST, SyncPoint.JOURNAL_COMMITTED);
            int expected = given && !taken ? 1 : 0;
            int left = new SemaphoreState(block, 0, ROOT).permits();
            if (given && state.isAsleep(FIRST)) {
                return "given, and not taken";
            }
            return left == expected ? null : left + " permits are left, not " + expected;
        }
    }

    // ---- condition -------------------------------------------------------------------------------------------------

    /// Two wait; the first leaves at its limit, while a third signals one.
    static class Signal implements Scenario {
        private static final int FIRST_HAS_IT = 0;

        @Override
        public void prepare(MemorySegment block) {
            new ConditionState(block, 0, FIRST).enqueue();
            new ConditionState(block, 0, SECOND).enqueue();
        }

        @Override
        public void run(MemorySegment block, int slot) {
            var state = new ConditionState(block, 0, slot);
            if (slot == FIRST) {
                state.leave(0);
            } else if (slot == SECOND) {
                sleepUntil(0, () -> state.isSignalled(1));
                state.leave(1);
            } else if (state.signal() != ConditionState.NONE) {
                wakeAll(0);
            }
        }

        @Override
        public boolean bury(MemorySegment block, int slot) {
            boolean done = new ConditionState(block, 0, ROOT).bury(slot);
            if (done) {
                wakeAll(0);
            }
            return done;
        }

        @Override
        public @Nullable String look(MemorySegment block, State state) {
            if (!state.hasPassed(FIRST, SyncPoint.JOURNAL_SET) && !state.isDead(FIRST)) {
                note(block, FIRST_HAS_IT, new ConditionState(block, 0, ROOT).isSignalled(0) ? 1 : 0);
            }
            return null;
        }

        @Override
        public @Nullable String check(MemorySegment block, State state) {
            boolean given = state.hasPassed(THIRD, SyncPoint.JOURNAL_COMMITTED);
            boolean first = state.hasPassed(FIRST, SyncPoint.JOURNAL_SET) && note(block, FIRST_HAS_IT) == 1;
            if (state.isDead(SECOND)) {
                return null; // nobody is left to have it
            } else if (state.isThrough(THIRD) && !given) {
                return "two wait, and the signal finds nobody";
            }
            return state.isThrough(SECOND) == (given && !first)
                    ? null
                    : "the signal is " + (first ? "had twice" : "lost");
        }
    }

    /// Two wait, while a third signals all.
    static class SignalToAll implements Scenario {
        @Override
        public void prepare(MemorySegment block) {
            new ConditionState(block, 0, FIRST).enqueue();
            new ConditionState(block, 0, SECOND).enqueue();
        }

        @Override
        public void run(MemorySegment block, int slot) {
            var state = new ConditionState(block, 0, slot);
            if (slot == THIRD) {
                signal(state);
                wakeAll(0);
            } else {
                int ticket = slot - FIRST;
                sleepUntil(0, () -> state.isSignalled(ticket));
                state.leave(ticket);
            }
        }

        void signal(ConditionState state) {
            state.signalAll();
        }

        @Override
        public boolean bury(MemorySegment block, int slot) {
            boolean done = new ConditionState(block, 0, ROOT).bury(slot);
            if (done) {
                wakeAll(0);
            }
            return done;
        }

        @Override
        public @Nullable String check(MemorySegment block, State state) {
            boolean given = state.hasPassed(THIRD, SyncPoint.JOURNAL_COMMITTED);
            if (given && state.asleep() > 0) {
                return "all were signalled, and somebody sleeps";
            }
            return !given && state.through() > (state.isThrough(THIRD) ? 1 : 0) ? "somebody woke unasked" : null;
        }
    }

    /// One waits under a lock for what the other does under it.
    static class Handover implements Scenario {
        private static final int DONE = 0;
        private static final long CONDITION = LockWord.BYTES;
        private static final int LOCK_POINT = 0;
        private static final int CONDITION_POINT = 1;

        @Override
        public void run(MemorySegment block, int slot) {
            var word = new LockWord(block, 0, slot);
            var condition = new ConditionState(block, CONDITION, slot);
            boolean abandoned = lock(word);
            if (slot == FIRST) {
                while (!abandoned && note(block, DONE) == 0) {
                    if (!await(word, condition)) {
                        return; // the other has died with the lock
                    }
                }
            } else {
                note(block, DONE, 1);
                if (condition.signal() != ConditionState.NONE) {
                    wakeAll(CONDITION_POINT);
                }
            }
            word.free();
            wakeOne(LOCK_POINT);
        }

        /// Whether it was abandoned.
        private static boolean lock(LockWord word) {
            boolean[] abandoned = new boolean[1];
            sleepUntil(LOCK_POINT, () -> {
                var attempt = word.take(true);
                abandoned[0] = attempt == LockWord.Attempt.ABANDONED;
                return attempt != LockWord.Attempt.BUSY;
            });
            if (abandoned[0]) {
                word.mended();
            }
            return abandoned[0];
        }

        boolean await(LockWord word, ConditionState condition) {
            long ticket = condition.enqueue();
            word.free();
            wakeOne(LOCK_POINT);
            sleepUntil(CONDITION_POINT, () -> condition.isSignalled(ticket) || word.isAbandoned());
            boolean signalled = condition.leave(ticket);
            if (!signalled) {
                return false;
            }
            lock(word);
            return true;
        }

        @Override
        public boolean bury(MemorySegment block, int slot) {
            new LockWord(block, 0, ROOT).bury(slot);
            wakeAll(LOCK_POINT);
            boolean done = new ConditionState(block, CONDITION, ROOT).bury(slot);
            if (done) {
                wakeAll(CONDITION_POINT);
            }
            return done;
        }

        @Override
        public @Nullable String check(MemorySegment block, State state) {
            if (new LockWord(block, 0, ROOT).isHeld()) {
                return "held by nobody who lives";
            } else if (state.isAsleep(SECOND)) {
                return "asleep, and the lock is nobody's";
            }
            boolean told = note(block, DONE) == 1 || state.hasPassed(SECOND, SyncPoint.LOCK_TAKEN);
            return state.isAsleep(FIRST) && told ? "nobody tells who waits" : null;
        }
    }

    // ---- barrier ---------------------------------------------------------------------------------------------------

    /// Each meets the others so many times, or until it is told that the barrier is broken.
    static class Meeting implements Scenario {
        private static final int WENT = 1;
        private static final int BROKE = 2;
        private static final int NOTES_EACH = 8;
        private final int parties;
        private final int rounds;

        Meeting(int parties, int rounds) {
            this.parties = parties;
            this.rounds = rounds;
        }

        @Override
        public void prepare(MemorySegment block) {
            new BarrierState(block, 0, ROOT).format(parties);
        }

        @Override
        public void run(MemorySegment block, int slot) {
            var state = new BarrierState(block, 0, slot);
            for (int i = 0; i < rounds; i++) {
                if (!meet(block, state, slot)) {
                    wakeAll(0);
                    return;
                }
            }
        }

        private static boolean meet(MemorySegment block, BarrierState state, int slot) {
            var arrival = state.arrive();
            while (arrival != null && arrival.index() == BarrierState.FULL) {
                long before = arrival.round();
                sleepUntil(0, () -> state.standing(before) != Standing.WAITS);
                arrival = state.arrive();
            }
            if (arrival == null) {
                return false;
            }
            long round = arrival.round();
            boolean went;
            if (arrival.index() == 0) {
                went = state.trip(round);
                if (!went) {
                    state.breakRound(round);
                }
                wakeAll(0);
            } else {
                sleepUntil(0, () -> state.standing(round) != Standing.WAITS);
                went = state.standing(round) == Standing.THROUGH;
            }
            note(block, slot * NOTES_EACH + (int) round, went ? WENT : BROKE);
            return went;
        }

        @Override
        public boolean bury(MemorySegment block, int slot) {
            boolean done = new BarrierState(block, 0, ROOT).bury(slot, true);
            if (done) {
                wakeAll(0);
            }
            return done;
        }

        @Override
        public @Nullable String look(MemorySegment block, State state) {
            for (int round = 0; round < NOTES_EACH; round++) {
                long seen = 0;
                for (int slot : state.slots()) {
                    seen |= note(block, slot * NOTES_EACH + round);
                }
                if (seen == (WENT | BROKE)) {
                    return "round " + round + " is over for one and broken for another";
                }
            }
            return null;
        }

        @Override
        public @Nullable String check(MemorySegment block, State state) {
            var barrier = new BarrierState(block, 0, ROOT);
            if (state.dead() == 0
                    && (barrier.isBroken() || state.asleep() != state.slots().size() * rounds % parties)) {
                return "all come, and not all go";
            }
            for (int slot : state.slots()) {
                // who has never come is not missed
                if (state.isDead(slot) && state.hasPassed(slot, SyncPoint.JOURNAL_COMMITTED) && state.asleep() > 0) {
                    return "somebody waits for the dead";
                }
            }
            return null;
        }
    }

    /// Two meet, while a third begins a new round.
    static class Reset extends Meeting {
        Reset() {
            super(2, 1);
        }

        @Override
        public void run(MemorySegment block, int slot) {
            if (slot == THIRD) {
                new BarrierState(block, 0, slot).reset();
                wakeAll(0);
            } else {
                super.run(block, slot);
            }
        }

        @Override
        public @Nullable String check(MemorySegment block, State state) {
            if (state.dead() > 0 && !state.hasPassed(THIRD, SyncPoint.JOURNAL_COMMITTED)) {
                return super.check(block, state);
            }
            // who came before the reset is told, and the other is alone in the new round; or both met, before or after
            // it
            return state.asleep() > 1 ? "two of two wait for each other" : null;
        }
    }

    // ---- event and latch -------------------------------------------------------------------------------------------

    /// One sets an event and clears it, the others wait for it.
    static class Flash implements Scenario {
        @Override
        public void run(MemorySegment block, int slot) {
            var state = new EventState(block, 0);
            if (slot == FIRST) {
                state.set();
                wakeAll(0);
                state.clear();
            } else {
                sleepUntil(0, () -> hasCome(state));
            }
        }

        boolean hasCome(EventState state) {
            return state.isSetSince(0);
        }

        @Override
        public boolean bury(MemorySegment block, int slot) {
            wakeAll(0);
            return true;
        }

        @Override
        public @Nullable String check(MemorySegment block, State state) {
            return state.hasPassed(FIRST, SyncPoint.STATE_CHANGED) && state.asleep() > 0
                    ? "asleep, and it was set"
                    : null;
        }
    }

    /// Each counts down and waits for zero.
    static class Countdown implements Scenario {
        @Override
        public void prepare(MemorySegment block) {
            new LatchState(block, 0).format(3);
        }

        @Override
        public void run(MemorySegment block, int slot) {
            var state = new LatchState(block, 0);
            if (countDown(state)) {
                wakeAll(0);
            }
            sleepUntil(0, () -> state.count() == 0);
        }

        boolean countDown(LatchState state) {
            return state.countDown();
        }

        @Override
        public boolean bury(MemorySegment block, int slot) {
            wakeAll(0);
            return true;
        }

        @Override
        public @Nullable String check(MemorySegment block, State state) {
            long count = new LatchState(block, 0).count();
            long expected = 3 - state.passed(SyncPoint.STATE_CHANGED);
            if (count != expected) {
                return "at %d instead of %d".formatted(count, expected);
            }
            return count == 0 && state.asleep() > 0 ? "asleep, and it is open" : null;
        }
    }
}
