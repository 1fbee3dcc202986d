package io.github.procession.internal.sync;

import io.github.procession.internal.os.Fuse;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Runs processes of a few operations each in every order of their shared stores, lets each of them die after every one,
/// and lets the root bury it after every other; an invariant must hold after each step, and another in the end.
///
/// What is explored: a process goes from one [SyncPoint] to the next, and so does the root while it buries. What lies
/// between two stores is one step: a read and the store after it are not parted. Memory is sequentially consistent. A
/// process is one thread, and the root does not die. The wait points are a model: whoever sleeps is not lost to a wake,
/// which `internal/waiting` shows. The journal's own is not there: whoever may not enter goes on when it is free.
///
/// There is no bound on preemptions. A schedule is cut off where it comes to a state that another has been in: the same
/// memory, and the same processes at the same places that can know no more. What a process knows is taken to be all of
/// memory as it was at each of its steps; but one that has failed to enter a journal, or sleeps, has kept nothing of
/// what it saw. States are told apart by 64 bits.
///
/// One that finds the journal taken goes on when it has been freed: before, it would look and store nothing. A burial that
/// had to be put off is tried again then.
final class Interleavings {
    /*
     * Depth first: each run follows the choices of the last as far as they go, but for the last choice that has another,
     * which is changed. Processes, root and scheduler are virtual threads on one carrier, so that one runs at a time,
     * and park when it is another's turn. Threads stay from run to run, since a lock names its owner's. A run that is
     * over is unwound by an error.
     */
    static final int ROOT = 1;
    static final int FIRST = 2;
    static final int SECOND = 3;
    static final int THIRD = 4;
    /// Where scenarios keep what they want to know.
    static final long NOTES = 60_000;
    private static final long MOST = 1_000_000;
    private static final long BYTES = 1 << 16;
    private static final int STATE_WORDS = 96; // enough for a few processes and tickets
    private static final int NOTES_WORDS = 40;
    private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[(int) NOTES]);
    private static final String THROUGH = "THROUGH";
    private static final String SLEEPS = "SLEEPS";
    private static final String LATER = "LATER";

    /// What the processes do to a block, and what must be true.
    interface Scenario {
        /// How many words from the beginning of the block have state in them; the rest stays zeros.
        default int words() {
            return STATE_WORDS;
        }

        /// Lays out the block, which is zeros.
        default void prepare(MemorySegment block) {}

        /// One process.
        void run(MemorySegment block, int slot);

        /// The root: that slot is gone. False if it must be done later.
        boolean bury(MemorySegment block, int slot);

        /// Looks at the block after each step; null if all is well.
        default @Nullable String look(MemorySegment block, State state) {
            return null;
        }

        /// Looks at the block when all are through, asleep, or dead and buried; null if all is well.
        @Nullable String check(MemorySegment block, State state);
    }

    /// What has become of the processes.
    interface State {
        boolean isDead(int slot);

        boolean isThrough(int slot);

        boolean isAsleep(int slot);

        /// How many have died.
        int dead();

        /// How many are through.
        int through();

        /// How many sleep.
        int asleep();

        /// Of all processes.
        List<Integer> slots();

        /// How many have passed that instant, the dead among them.
        int passed(SyncPoint point);

        /// Whether the process has passed that instant.
        default boolean hasPassed(int slot, SyncPoint point) {
            return hasPassed(slot, point.name());
        }

        /// Whether the process has passed the instant of that name.
        boolean hasPassed(int slot, String point);
    }

    private static @Nullable Interleavings exploring;

    private final Scenario scenario;
    private final int deaths;
    private final List<Integer> slots;
    private final MemorySegment block = Arena.ofAuto().allocate(BYTES, 128);
    private final List<int[]> choices = new ArrayList<>(); // which was chosen, of how many
    private final Thread scheduler = Thread.currentThread();
    private final List<Member> members;
    private final Member root = new Member(ROOT);
    private final Map<String, Integer> points = new HashMap<>();
    private final int stateWords;
    private final long[] words;
    private final Set<Long> states = new HashSet<>();
    private Run run = new Run();
    private long runs;
    private @Nullable Member current;

    private Interleavings(Scenario scenario, int processes, int deaths) {
        this.scenario = scenario;
        this.deaths = deaths;
        this.stateWords = scenario.words();
        this.words = new long[stateWords + NOTES_WORDS];
        this.members =
                IntStream.range(FIRST, FIRST + processes).mapToObj(Member::new).toList();
        this.slots = IntStream.range(FIRST, FIRST + processes).boxed().toList();
    }

    /// Runs all schedules, on a virtual thread of a JVM that has one carrier and watches its stores.
    ///
    /// @param deaths how many may die
    /// @return how many there were, and states
    /// @throws AssertionError if an invariant does not hold, with the schedule
    static Explored explore(Scenario scenario, int processes, int deaths) throws InterruptedException {
        var all = new Interleavings(scenario, processes, deaths);
        exploring = all;
        Fuse.watcher = point -> {
            var member = all.current;
            if (member != null) {
                member.pass(point);
            }
        };
        try {
            do {
                all.run = all.new Run();
                all.run.go();
                if (++all.runs > MOST) {
                    throw new IllegalArgumentException(
                            "more than %,d schedules: make the scenario smaller".formatted(MOST));
                }
            } while (all.advance());
        } finally {
            all.root.end();
            for (var member : all.members) {
                member.end();
            }
        }
        return new Explored(all.runs, all.states.size());
    }

    /// @param schedules those cut off among them
    record Explored(long schedules, int states) {}

    private boolean advance() {
        while (!choices.isEmpty() && choices.getLast()[0] + 1 == choices.getLast()[1]) {
            choices.removeLast();
        }
        if (!choices.isEmpty()) {
            choices.getLast()[0]++;
        }
        return !choices.isEmpty();
    }

    // ---- what processes wait for -----------------------------------------------------------------------------------

    /// The calling process repeats an attempt until it succeeds, asleep at a wait point in between. A wake that comes during
    /// an attempt that fails is as good as one after it.
    static void sleepUntil(int point, BooleanSupplier attempt) {
        boolean succeeds = attempt.getAsBoolean(); // not counted among those who wait yet
        boolean hasSlept = !succeeds;
        while (!succeeds) {
            var member = exploring == null ? null : exploring.current;
            if (member == null) {
                return; // its run is over
            }
            member.tries(point);
            succeeds = attempt.getAsBoolean();
            if (!succeeds) {
                member.sleep();
            }
        }
        if (hasSlept) {
            var member = exploring == null ? null : exploring.current;
            if (member != null) {
                member.triesAt = Member.AWAKE;
            }
            wakeOne(point); // it may have used up a wake that was meant for another
        }
    }

    /// Wakes one who sleeps there: any.
    static void wakeOne(int point) {
        var all = exploring;
        if (all != null && all.current != null) {
            var asleep = all.run.wakeable(point);
            if (!asleep.isEmpty()) {
                asleep.get(all.run.choose(asleep.size())).asleepAt = Member.AWAKE;
            }
        }
    }

    /// Wakes all who sleep there.
    static void wakeAll(int point) {
        var all = exploring;
        if (all != null && all.current != null) {
            all.run.wakeable(point).forEach(m -> m.asleepAt = Member.AWAKE);
        }
    }

    // ---- schedules -------------------------------------------------------------------------------------------------

    private final class Run implements State {
        private final List<Member> unburied = new ArrayList<>();
        private final StringBuilder trace = new StringBuilder();
        private @Nullable Member burial; // whom the root buries
        private long memory; // a hash, as it is after the last step
        private int dead;
        private int next;

        int choose(int of) {
            if (next == choices.size()) {
                choices.add(new int[] {0, of});
            }
            int[] choice = choices.get(next++);
            if (choice[1] != of) {
                throw new AssertionError(
                        "%d choices instead of %d in the same schedule:%s".formatted(of, choice[1], trace));
            }
            return choice[0];
        }

        /// Who sleeps there, after those who try have been told.
        List<Member> wakeable(int point) {
            members.forEach(m -> m.isToldWhileItTries |= m.triesAt == point);
            return members.stream().filter(m -> m.asleepAt == point).toList();
        }

        void go() throws InterruptedException {
            root.reset(() -> THROUGH);
            for (var member : members) {
                member.reset(() -> {
                    scenario.run(block, member.slot);
                    return THROUGH;
                });
            }
            block.fill((byte) 0); // after the last run has been unwound
            scenario.prepare(block);
            memory = look();
            while (step()) {
                complain(scenario.look(block, this));
                memory = look();
                if (next == choices.size() && !states.add(state())) {
                    return;
                }
            }
            if (members.stream().anyMatch(m -> m.canGo && m.isBusy)) {
                complain("everybody waits for the journal");
            }
            if (!unburied.isEmpty()) {
                complain("the root waits for ever");
            }
            complain(scenario.check(block, this));
            long rest = (long) stateWords * Long.BYTES;
            if (MemorySegment.mismatch(block, rest, NOTES, ZEROS, 0, NOTES - rest) >= 0) {
                complain("more than %d words of state".formatted(stateWords));
            }
        }

        /// All that what follows depends on.
        private long state() {
            long hash = memory;
            for (var member : members) {
                hash = mix(hash, member.knows);
                hash = mix(hash, member.passed);
                hash = mix(hash, member.asleepAt * 8L + member.triesAt * 2L + (member.isToldWhileItTries ? 1 : 0));
                hash = mix(hash, (member.canGo ? 1 : 0) + (member.isDead ? 2 : 0));
                hash = mix(hash, (unburied.contains(member) ? 1 : 0) + (member.isPutOff ? 2 : 0));
            }
            return burial == null ? hash : mix(mix(hash, burial.slot), root.knows);
        }

        private long look() {
            MemorySegment.copy(block, ValueLayout.JAVA_LONG, 0, words, 0, stateWords);
            MemorySegment.copy(block, ValueLayout.JAVA_LONG, NOTES, words, stateWords, NOTES_WORDS);
            long hash = 1;
            for (long word : words) {
                hash = mix(hash, word);
            }
            return hash;
        }

        private static long mix(long hash, long value) {
            long mixed = (hash ^ value) * 0x9E37_79B9_7F4A_7C15L;
            return (mixed ^ mixed >>> 29) * 0xBF58_476D_1CE4_E5B9L + 1;
        }

        private void complain(@Nullable String wrong) {
            if (wrong != null) {
                throw new AssertionError(wrong + ", after" + trace);
            }
        }

        private boolean step() {
            var able = members.stream().filter(Member::isAble).toList();
            var mortal = members.stream().filter(m -> m.canGo && dead < deaths).toList();
            var buriable = unburied.stream().filter(m -> !m.isPutOff).toList();
            int burials = burial != null ? 1 : buriable.size();
            int of = able.size() + mortal.size() + burials;
            if (of == 0) {
                return false;
            }
            int choice = choose(of);
            if (choice < able.size()) {
                step(able.get(choice));
            } else if (choice < able.size() + mortal.size()) {
                var member = mortal.get(choice - able.size());
                member.canGo = false;
                member.isDead = true;
                member.knows = 0;
                dead++;
                unburied.add(member);
                trace.append(' ').append(member.slot).append(":DIES");
            } else {
                bury(burial != null ? burial : buriable.get(choice - able.size() - mortal.size()));
            }
            return true;
        }

        private void step(Member member) {
            String at = member.step();
            trace.append(' ').append(member.slot).append(':').append(at);
            member.passed |= bit(at);
            member.isBusy = at.equals(SyncPoint.JOURNAL_BUSY.name());
            member.canGo = !at.equals(THROUGH);
            boolean inVain = member.isBusy || at.equals(SLEEPS);
            if (!inVain) {
                member.knows = member.canGo ? mix(member.knows, memory) : 0;
            } else if (!at.equals(member.lastAt)) {
                member.knows = mix(member.knows, bit(at));
            }
            member.lastAt = at;
            freed(at);
        }

        private long bit(String at) {
            return switch (at) {
                case THROUGH -> 1L << 62;
                case SLEEPS -> 1L << 61;
                default -> 1L << points.computeIfAbsent(at, _ -> points.size());
            };
        }

        private void bury(Member member) {
            if (burial == null) {
                burial = member;
                root.reset(() -> scenario.bury(block, member.slot) ? THROUGH : LATER);
                trace.append(" bury ").append(member.slot).append(" (");
            }
            String at = root.step();
            root.knows = mix(root.knows, memory);
            trace.append(' ').append(at);
            freed(at);
            if (at.equals(THROUGH) || at.equals(LATER)) {
                trace.append(')');
                burial = null;
                if (at.equals(LATER)) {
                    member.isPutOff = true;
                } else {
                    unburied.remove(member);
                }
            }
        }

        private void freed(String at) {
            if (at.equals(SyncPoint.JOURNAL_FREED.name())) {
                for (var member : members) {
                    member.isBusy = false;
                    member.isPutOff = false;
                }
            }
        }

        private Member member(int slot) {
            return members.get(slot - FIRST);
        }

        @Override
        public boolean isDead(int slot) {
            return member(slot).isDead;
        }

        @Override
        public boolean isThrough(int slot) {
            return (member(slot).passed & bit(THROUGH)) != 0 && !isDead(slot);
        }

        @Override
        public boolean isAsleep(int slot) {
            return member(slot).asleepAt != Member.AWAKE && !isDead(slot);
        }

        @Override
        public int dead() {
            return dead;
        }

        @Override
        public int through() {
            return (int) members.stream().filter(m -> isThrough(m.slot)).count();
        }

        @Override
        public int asleep() {
            return (int) members.stream().filter(m -> isAsleep(m.slot)).count();
        }

        @Override
        public List<Integer> slots() {
            return slots;
        }

        @Override
        public int passed(SyncPoint point) {
            return (int) slots.stream().filter(slot -> hasPassed(slot, point)).count();
        }

        @Override
        public boolean hasPassed(int slot, String point) {
            return (member(slot).passed & bit(point)) != 0;
        }
    }

    /// A process, or the root while it buries.
    private final class Member {
        static final int AWAKE = -1;

        final int slot;
        long passed; // a bit for each instant
        long knows; // a hash of what it may have seen
        boolean canGo;
        boolean isDead;
        boolean isBusy;
        boolean isPutOff; // its burial
        int asleepAt;
        int triesAt;
        boolean isToldWhileItTries;

        @Nullable String lastAt;

        private final Thread thread;
        private Life life = () -> THROUGH;
        private boolean isIdle; // at the beginning of a life
        private boolean go;
        private boolean over;
        private boolean ends;
        private @Nullable String arrived;
        private @Nullable Throwable failure;

        Member(int slot) {
            this.slot = slot;
            this.thread = Thread.ofVirtual().unstarted(this::liveAndLive);
            thread.start();
        }

        private void liveAndLive() {
            while (!ends) {
                try {
                    over = false;
                    isIdle = true;
                    LockSupport.unpark(scheduler);
                    awaitGo();
                    isIdle = false;
                    arrive(life.live());
                } catch (Dead _) {
                    // the run is over
                } catch (RuntimeException | Error e) {
                    failure = e;
                    arrive("FAILS");
                }
            }
        }

        /// The scheduler: unwinds what it was in, and prepares it for another life. What it does on its way out is done to
        /// memory that is looked at no more.
        void reset(Life life) {
            unwind();
            this.life = life;
            passed = 0;
            knows = 0;
            canGo = true;
            isDead = false;
            isBusy = false;
            isPutOff = false;
            asleepAt = AWAKE;
            triesAt = AWAKE;
            isToldWhileItTries = false;
            lastAt = null;
        }

        private void unwind() {
            over = !isIdle;
            while (!isIdle) {
                LockSupport.unpark(thread);
                LockSupport.park(this);
            }
        }

        boolean isAble() {
            return canGo && !isBusy && asleepAt == AWAKE;
        }

        /// The scheduler: on to its next instant.
        String step() {
            current = this;
            arrived = null;
            go = true;
            LockSupport.unpark(thread);
            String at;
            while ((at = arrived) == null) {
                LockSupport.park(this);
            }
            current = null;
            if (failure != null) {
                throw new IllegalStateException(slot + " fails, after" + run.trace, failure);
            }
            return at;
        }

        /// It is counted among those who wait, and looks.
        void tries(int point) {
            triesAt = point;
            isToldWhileItTries = false;
        }

        /// It has looked in vain.
        void sleep() {
            int point = triesAt;
            triesAt = AWAKE;
            if (!isToldWhileItTries) {
                asleepAt = point;
                pass(SLEEPS);
            }
        }

        void pass(String point) {
            if (slot == ROOT && point.equals(SyncPoint.JOURNAL_BUSY.name())) {
                return; // it waits for nobody
            }
            arrive(point);
            awaitGo();
        }

        private void arrive(String at) {
            arrived = at;
            LockSupport.unpark(scheduler);
        }

        private void awaitGo() {
            while (!go) {
                if (over) {
                    throw new Dead();
                }
                LockSupport.park(this);
            }
            go = false;
        }

        /// The scheduler: ends its thread.
        void end() throws InterruptedException {
            unwind();
            ends = true;
            over = true;
            LockSupport.unpark(thread);
            thread.join();
        }
    }

    private interface Life {
        String live();
    }

    private static final class Dead extends Error {
        private static final long serialVersionUID = 1L;

        Dead() {
            super(null, null, false, false);
        }
    }
}
