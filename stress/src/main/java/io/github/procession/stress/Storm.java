package io.github.procession.stress;

import io.github.procession.SharedInt;
import io.github.procession.stress.Seat.Role;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/// Everything at once, in a tree of processes whose members are killed, for a given time. The same seed makes the same plan.
public final class Storm {
    /*
     *   root ── crew thread: 4 children, a foreman, a child with a pool ── each replaced when it has died
     *     │                        foreman: 2 grandchildren, replaced by the foreman, or with it
     *     │                        child with a pool: its workers, replaced by the pool
     *     ├── a pool of its own
     *     ├── killer
     *     └── watchdog, in the calling thread: until the time is over or a fault is in the ledger
     *
     * After the last strike each activity must move on once more. Then all are interrupted and end; what is left in the
     * queues is taken out, and the ledger is reckoned up.
     */
    private static final Set<Activity> MOVING = EnumSet.complementOf(EnumSet.of(Activity.CREW));
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration GLANCE = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    static final String LEDGER = "ledger"; // file in its folder
    private static final int CHILDREN = 4;
    private static final int GRANDCHILDREN = 2;

    private final PrintStream out;
    private final Duration time;
    private final long seed;
    private final Duration bound;

    /// Prepares a storm.
    ///
    /// @param out   where the summary goes
    /// @param time  how long it lasts
    /// @param seed  decides whom the killer strikes, when and how, and who does what
    /// @param bound how long an activity may stand still
    public Storm(PrintStream out, Duration time, long seed, Duration bound) {
        this.out = out;
        this.time = time;
        this.seed = seed;
        this.bound = bound;
    }

    /// Lets it rage.
    ///
    /// @return whether nothing was wrong; what was is in the summary
    /// @throws IOException          if the ledger cannot be written
    /// @throws InterruptedException if this thread is interrupted
    public boolean rage() throws IOException, InterruptedException {
        return rage(Files.createTempDirectory("procession-storm-" + self() + "-"));
    }

    /// The same with the ledger in a folder of its own.
    boolean rage(Path folder) throws IOException, InterruptedException {
        SharedInt.of(0).close(); // from here on this process has what the library keeps
        long memoriesBefore = Growth.memories();
        var file = folder.resolve(LEDGER);
        var ledger = Member.ledger(file.toString());
        var root = ledger.begin(Activity.CREW, "root", self());
        long begin = System.nanoTime();
        Killer killer;
        var growth = new Growth(time);
        try (var shares = Shares.create(file, seed)) {
            killer = rage(ledger, shares, root, growth);
            reckon(ledger, shares);
        }
        growth.reckon(ledger);
        checkNothingIsLeft(ledger, folder, memoriesBefore);
        summarize(ledger, killer, growth, Duration.ofNanos(System.nanoTime() - begin));
        if (ledger.hasFaults()) {
            out.println("The ledger and the reports of crashes are in " + folder);
        } else {
            delete(folder);
        }
        return !ledger.hasFaults();
    }

    private Killer rage(Ledger ledger, Shares shares, Life root, Growth growth)
            throws IOException, InterruptedException {
        var crew = new Crew(ledger, shares, seats(seed), root);
        var keeping = Thread.ofPlatform().name("crew").start(crew::keepManned);
        var pool = new Member(ledger, root, shares, new Role(Activity.POOL, 0), new Random(seed));
        var pooling = Thread.ofPlatform().name("pool").start(() -> playPool(pool));
        var killer = new Killer(ledger, new Plan(seed));
        try {
            try (killer) {
                watch(ledger, killer, growth);
            }
            awaitProgress(ledger);
        } finally {
            ledger.stop();
        }
        pooling.join(PATIENCE);
        crew.end();
        keeping.join(PATIENCE.multipliedBy(2));
        if (keeping.isAlive() || pooling.isAlive()) {
            ledger.fault("the storm does not end");
            Stacks.print(ledger);
        }
        return killer;
    }

    /// What stands still because of one of the last strikes is found, too.
    private void awaitProgress(Ledger ledger) throws InterruptedException {
        var before = new EnumMap<Activity, Long>(Activity.class);
        MOVING.forEach(activity -> before.put(activity, ledger.doneIn(activity)));
        long end = System.nanoTime() + bound.toNanos();
        while (!ledger.hasFaults() && !before.isEmpty()) {
            Thread.sleep(GLANCE);
            before.entrySet().removeIf(each -> ledger.doneIn(each.getKey()) > each.getValue());
            if (!before.isEmpty() && System.nanoTime() > end) {
                Stacks.print(ledger);
                ledger.fault("%s: no progress for %s after the last strike".formatted(before.keySet(), bound));
            }
        }
    }

    private static void playPool(Member member) {
        try {
            new PoolWork(member).play();
        } catch (InterruptedException | RuntimeException e) {
            Member.complainUnlessOver(member.ledger(), member.life(), e);
        }
    }

    private void watch(Ledger ledger, Killer killer, Growth growth) throws IOException, InterruptedException {
        var activities = new Watchdog<Activity>(bound, ledger::doneIn);
        var members = new Watchdog<Long>(bound, life -> ledger.life(life).rounds());
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end && !ledger.hasFaults()) {
            Thread.sleep(Math.min(LOOK.toMillis(), Math.max(1, (end - System.nanoTime()) / 1_000_000)));
            growth.look();
            boolean stopped = killer.isAnybodyStopped();
            var atWork =
                    ledger.lives().stream().filter(Life::isAtWork).map(Life::id).toList();
            var still = new ArrayList<Object>(activities.look(MOVING, LOOK, stopped));
            members.look(atWork, LOOK, stopped).forEach(id -> {
                var life = ledger.life(id);
                still.add(life.activity() + " of " + life);
            });
            if (!still.isEmpty()) {
                Stacks.print(ledger);
                ledger.fault("%s: no progress for %s".formatted(still, bound));
            }
        }
    }

    // ---- who does what ---------------------------------------------------------------------------------------------

    private static final List<Role> ROLES = Stream.of(
                    roles(Activity.SMALL_ITEMS, 0, 0, 1, 1),
                    roles(Activity.LARGE_ITEMS, 0, 1, 1),
                    roles(Activity.LOCK_WITH_REPAIR, 0, 0, 0),
                    roles(Activity.LOCK_TO_RECOVER, 0, 0, 0),
                    roles(Activity.REENTRANT_LOCK, 0, 0, 0),
                    roles(Activity.GUARD, 0, 0, 0),
                    roles(Activity.SEMAPHORE, 0, 0, 0, 0),
                    roles(Activity.CONDITION, 0, 1, 1),
                    roles(Activity.RECORD, 0, 0, 0),
                    roles(Activity.ARRAY, 0, 0, 0))
            .flatMap(List::stream)
            .toList();

    /// At most one to a process: they close handles, which detaches the whole process.
    private static final List<List<Role>> APART = List.of(
            roles(Activity.HANDLES, 0, 0, 1, 1), roles(Activity.EVENT_AND_LATCH, 0, 0, 1, 1, 1, 1),
            roles(Activity.PIPE, 0, 0, 1, 1), roles(Activity.WORK, 0, 1, 1, 1));

    private static List<Role> roles(Activity activity, Integer... numbers) {
        return Arrays.stream(numbers).map(number -> new Role(activity, number)).toList();
    }

    /// The tree, for a seed. Roles that must not be played twice at a time, not even while a foreman's children die with it,
    /// are the children's.
    static List<Seat> seats(long seed) {
        var roles = new ArrayList<>(ROLES);
        var random = new Random(seed);
        Collections.shuffle(roles, random);
        var hands = new ArrayList<List<Role>>();
        for (int i = 0; i < CHILDREN + GRANDCHILDREN; i++) {
            hands.add(new ArrayList<>());
        }
        for (int i = 0; i < roles.size(); i++) {
            hands.get(i % hands.size()).add(roles.get(i));
        }
        for (var apart : APART) {
            var order = new ArrayList<>(hands);
            Collections.shuffle(order, random);
            for (int i = 0; i < apart.size(); i++) {
                order.get(i).add(apart.get(i));
            }
        }
        for (int party = 0; party < Shares.PARTIES; party++) {
            hands.get(party).add(new Role(Activity.BARRIER, party));
        }
        hands.get(CHILDREN - 1).add(new Role(Activity.NAMED_MEMORY, 0));
        var seats = new ArrayList<Seat>();
        for (int i = 0; i < CHILDREN; i++) {
            seats.add(new Seat("child-" + i, hands.get(i), List.of()));
        }
        var below = new ArrayList<Seat>();
        for (int i = CHILDREN; i < hands.size(); i++) {
            below.add(new Seat("foreman/grandchild-" + i, hands.get(i), List.of()));
        }
        seats.add(new Seat("foreman", List.of(), below));
        seats.add(new Seat("pool", roles(Activity.POOL, 0), List.of()));
        return seats;
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    private static void reckon(Ledger ledger, Shares shares) throws InterruptedException {
        Deliveries.reckon(ledger, shares.queues());
        Exclusion.reckon(ledger, shares);
        Meetings.reckon(ledger, shares);
        Values.reckon(ledger, shares);
        Talks.reckon(shares.talks());
        Jobs.reckon(shares.jobs());
        for (var round = shares.rounds().poll();
                round != null;
                round = shares.rounds().poll()) {
            round.latch().close();
            round.event().close();
        }
    }

    private static void checkNothingIsLeft(Ledger ledger, Path folder, long memoriesBefore) throws IOException {
        var left = Leftovers.processes(ledger);
        ledger.check(Activity.CREW, left.isEmpty(), "processes are left: %s", left);
        long memories = Growth.memories();
        ledger.check(
                Activity.CREW,
                memories <= memoriesBefore,
                "there were %d shared memories before, and %d are left",
                memoriesBefore,
                memories);
        var files = Leftovers.files(ledger, folder);
        ledger.check(Activity.CREW, files.isEmpty(), "files are left: %s", files);
    }

    private void summarize(Ledger ledger, Killer killer, Growth growth, Duration took) {
        say("storm: seed %d, %.1f minutes, %d processes", seed, took.toMillis() / 60_000.0, processes(ledger));
        say("struck: %s", killer.blows());
        say("%-20s%14s%14s", "", "operations", "checks");
        for (var activity : Activity.values()) {
            say("%-20s%,14d%,14d", activity, ledger.doneIn(activity), ledger.checkedIn(activity));
        }
        var lost = ledger.lost();
        for (var queue : Activity.QUEUES) {
            say("%s: %d went with the dead, of %d at the most", queue, lost[queue.ordinal()], ledger.lostAtMost(queue));
        }
        say("the root: %s", growth);
        if (ledger.hasFaults()) {
            ledger.faults().forEach(fault -> say("WRONG: %s", fault));
            say("Again: ./procession storm --minutes %s --seed %d", time.toMillis() / 60_000.0, seed);
        } else {
            say("Nothing was wrong.");
        }
    }

    private static long self() {
        return ProcessHandle.current().pid();
    }

    private static long processes(Ledger ledger) {
        return ledger.lives().stream().mapToLong(Life::pid).distinct().count();
    }

    @SuppressWarnings("AnnotateFormatMethod") // as in the ledger
    private void say(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
    }

    static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
