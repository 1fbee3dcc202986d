package io.github.procession.stress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// What all processes of a storm write down: a plain file, mapped, that shares nothing with what is tested. Whoever is
/// killed leaves in it what it had written.
final class Ledger implements AutoCloseable {
    /*
     * Each entry is written by one atomic operation, before or after what it speaks of; so a death between the two leaves
     * an interval, not a lie, and the reckonings below count with it: what was announced is at the most what happened, what
     * was done is at the least.
     *
     *   words   stop, numbers of lives, items, faults; for each activity what has been done and what has been checked
     *   cells   owner, two counters and repairs, for each lock
     *   holders who has how many permits of the semaphore, in a word each
     *   faults  sentences
     *   lives   see Life
     *   items   an int each: whose, announced, acknowledged or refused, how often taken
     */
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private static final int STOP = 0;
    private static final int LIVES = 8;
    private static final int ITEMS = 16;
    private static final int FAULTS = 24;
    private static final int DONE = 1 << 10;
    private static final int CHECKED = 2 << 10;
    private static final int FREE_WORDS = 3 << 10;
    static final int CELLS = 4 << 10;
    private static final int CELL_BYTES = 64;
    private static final int ROUNDS = 6 << 10;
    private static final int MOST_ROUNDS = 64;
    private static final int HOLDERS = 8 << 10;
    private static final int SENTENCES = 64 << 10;
    private static final int SENTENCE_BYTES = 4 << 10;
    private static final int MOST_SENTENCES = 64;
    private static final int LIFE_TABLE = 1 << 20;
    private static final int MOST_LIVES = 1 << 19;
    private static final int ITEM_TABLE = LIFE_TABLE + MOST_LIVES * Life.BYTES;
    private static final long MOST_ITEMS = 1L << 30;
    private static final long BYTES = ITEM_TABLE + MOST_ITEMS * Integer.BYTES;

    static final int ANNOUNCED = 1;
    static final int ACKNOWLEDGED = 2;
    private static final int QUEUE_SHIFT = 2;
    private static final int QUEUE_MASK = 31;
    private static final int REFUSED = 1 << 7;
    private static final int TAKEN = 1 << 8;

    private final Path file;
    private final MemorySegment memory;

    private final Arena arena = Arena.ofShared();

    private Ledger(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena);
    }

    /// No longer looks into it. Members, which may do so until their end, do not call this.
    @Override
    public void close() {
        arena.close();
    }

    /// The ledger in a file, which is made if it is not there. An interrupt, which closes channels, stays set.
    static Ledger in(Path file) {
        boolean interrupted = false;
        while (true) {
            try (var channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                var made = new Ledger(file, channel);
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                return made;
            } catch (ClosedByInterruptException e) {
                interrupted |= Thread.interrupted();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// Where it is, and where goes what else there is to be read when something is wrong.
    Path folder() {
        return file.resolveSibling("");
    }

    // ---- words -----------------------------------------------------------------------------------------------------

    long get(long at) {
        return (long) LONG.getVolatile(memory, at);
    }

    void set(long at, long value) {
        LONG.setVolatile(memory, at, value);
    }

    long add(long at, long delta) {
        return (long) LONG.getAndAdd(memory, at, delta);
    }

    boolean replace(long at, long expected, long value) {
        return LONG.compareAndSet(memory, at, expected, value);
    }

    void stop() {
        set(STOP, 1);
    }

    boolean isStopped() {
        return get(STOP) != 0;
    }

    /// A member of the storm has done something: the watchdog sees that.
    void done(Activity activity) {
        add(DONE + Long.BYTES * (long) activity.ordinal(), 1);
    }

    long doneIn(Activity activity) {
        return get(DONE + Long.BYTES * (long) activity.ordinal());
    }

    long checkedIn(Activity activity) {
        return get(CHECKED + Long.BYTES * (long) activity.ordinal());
    }

    /// A word for an activity's own reckoning.
    static long word(Activity activity, int index) {
        return FREE_WORDS + (activity.ordinal() * 4L + index) * Long.BYTES;
    }

    // ---- faults ----------------------------------------------------------------------------------------------------

    /// Notes whether an invariant holds.
    @SuppressWarnings("AnnotateFormatMethod") // an annotation of a library that this does not have
    void check(Activity activity, boolean holds, String fault, Object... details) {
        add(CHECKED + Long.BYTES * (long) activity.ordinal(), 1);
        if (!holds) {
            fault(activity + ": " + fault.formatted(details));
        }
    }

    /// Notes that something is wrong.
    void fault(String sentence) {
        long index = add(FAULTS, 1);
        if (index < MOST_SENTENCES) {
            var bytes = sentence.getBytes(StandardCharsets.UTF_8);
            long at = SENTENCES + index * SENTENCE_BYTES;
            int length = Math.min(bytes.length, SENTENCE_BYTES - Long.BYTES);
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, at + Long.BYTES, length);
            set(at, length);
        }
    }

    boolean hasFaults() {
        return get(FAULTS) != 0;
    }

    List<String> faults() {
        var sentences = new ArrayList<String>();
        long count = get(FAULTS);
        for (long i = 0; i < Math.min(count, MOST_SENTENCES); i++) {
            long at = SENTENCES + i * SENTENCE_BYTES;
            var bytes = memory.asSlice(at + Long.BYTES, get(at)).toArray(ValueLayout.JAVA_BYTE);
            sentences.add(new String(bytes, StandardCharsets.UTF_8));
        }
        if (count > MOST_SENTENCES) {
            sentences.add("and %d more".formatted(count - MOST_SENTENCES));
        }
        return sentences;
    }

    // ---- lives -----------------------------------------------------------------------------------------------------

    /// A process begins.
    Life begin(Activity activity, String seat, long pid) {
        long number = add(LIVES, 1);
        if (number >= MOST_LIVES) {
            throw new IllegalStateException("more than %d processes".formatted(MOST_LIVES));
        }
        return new Life(this, number).begin(activity, seat, pid);
    }

    /// Lives have numbers from 1 on; 0 is nobody.
    Life life(long id) {
        return new Life(this, id - 1);
    }

    List<Life> lives() {
        return LongStream.range(0, Math.min(get(LIVES), MOST_LIVES))
                .mapToObj(number -> new Life(this, number))
                .filter(Life::hasBegun)
                .toList();
    }

    /// The process that wrote the first entry: nobody strikes it.
    boolean isRoot(long pid) {
        return life(1).pid() == pid;
    }

    /// Whether the tree is to end without a word.
    boolean isRootDoomed() {
        return life(1).isDoomed();
    }

    /// The lives of a process, one for each of its threads that do something.
    List<Life> livesOf(long pid) {
        return lives().stream().filter(life -> life.pid() == pid).toList();
    }

    /// Whether somebody has killed a process on purpose.
    boolean isDoomed(long pid) {
        return livesOf(pid).stream().anyMatch(Life::isDoomed);
    }

    static long lifeAt(long number) {
        return LIFE_TABLE + number * Life.BYTES;
    }

    MemorySegment memory() {
        return memory;
    }

    // ---- what a lock guards ----------------------------------------------------------------------------------------

    static final class Cell {
        private final Ledger ledger;
        private final Activity activity;
        private final long owner;
        private final long one;
        private final long two;

        Cell(Ledger ledger, Activity activity, int index) {
            this.ledger = ledger;
            this.activity = activity;
            this.owner = CELLS + (long) index * CELL_BYTES;
            this.one = owner + 8;
            this.two = owner + 16;
        }

        /// The lock has just been taken.
        void enter(Life life) {
            long other = ledger.get(owner);
            boolean entered = other == 0 && ledger.replace(owner, 0, life.id());
            ledger.check(activity, entered, "a lock is held by life %d and by life %d", other, life.id());
            long first = ledger.get(one);
            long second = ledger.get(two);
            ledger.check(
                    activity, first == second, "under a lock the counters are %d and %d, unrepaired", first, second);
        }

        /// Counts, in two steps that only the lock makes one.
        void count(Life life) {
            life.announce();
            ledger.set(one, ledger.get(one) + 1);
            Thread.onSpinWait();
            ledger.set(two, ledger.get(two) + 1);
            life.acknowledge();
        }

        /// The lock is about to be freed.
        void leave(Life life) {
            boolean left = ledger.replace(owner, life.id(), 0);
            ledger.check(activity, left, "a lock of life %d was also held by life %d", life.id(), ledger.get(owner));
        }

        /// What a repair does: makes the counters equal after a death.
        void mend() {
            long dead = ledger.get(owner);
            boolean gone = dead == 0 || ledger.life(dead).isGone();
            ledger.check(activity, gone, "a lock was repaired while its owner, life %d, is alive", dead);
            long first = ledger.get(one);
            long second = ledger.get(two);
            ledger.check(
                    activity, first - second == 0 || first - second == 1, "after a death: %d and %d", first, second);
            ledger.set(two, first);
            ledger.set(owner, 0);
        }

        /// When all have ended: whether as much was counted as members have counted.
        void reckon() {
            long least = ledger.acknowledged(activity);
            long most = ledger.announced(activity);
            long counted = ledger.get(one);
            ledger.check(
                    activity,
                    least <= counted && counted <= most,
                    "%d counted under a lock, but it must be between %d and %d",
                    counted,
                    least,
                    most);
        }
    }

    long announced(Activity activity) {
        return lives().stream()
                .filter(life -> life.activity() == activity)
                .mapToLong(Life::announced)
                .sum();
    }

    long acknowledged(Activity activity) {
        return lives().stream()
                .filter(life -> life.activity() == activity)
                .mapToLong(Life::acknowledged)
                .sum();
    }

    // ---- who has permits -------------------------------------------------------------------------------------------

    static final class Holders {
        private static final int COUNT = 32;
        private static final int LIFE = 40; // above a number of changes, and that above the permits
        private static final int CHANGE = 8;
        private static final long CHANGE_MASK = (1L << (LIFE - CHANGE)) - 1;
        private static final long PERMITS_MASK = (1 << CHANGE) - 1;

        private final Ledger ledger;
        private final int limit;

        Holders(Ledger ledger, int limit) {
            this.ledger = ledger;
            this.limit = limit;
        }

        /// A place for a life to say what it has. Who takes the place of one that is gone does not take its permits with it,
        /// not for an instant.
        ///
        /// @return the place of the number
        int enter(Life life) {
            for (int i = 0; i < COUNT; i++) {
                long word = ledger.get(at(i));
                long who = word >>> LIFE;
                if ((who == 0 || ledger.life(who).isGone()) && ledger.replace(at(i), word, next(word, life.id(), 0))) {
                    return i;
                }
            }
            throw new IllegalStateException("more than %d processes at one semaphore".formatted(COUNT));
        }

        void holds(int place, int permits) {
            long word = ledger.get(at(place));
            ledger.set(at(place), next(word, word >>> LIFE, permits));
        }

        private static long next(long word, long life, int permits) {
            return life << LIFE | ((word >>> CHANGE) + 1 & CHANGE_MASK) << CHANGE | permits;
        }

        /// Whether the permits of the living are at the most as many as there are. If two looks see the same, all that was
        /// seen was so at the instant between them; and who is alive after it was so then.
        void check() {
            var first = look();
            var second = look();
            if (Arrays.equals(first, second)) {
                var holders = Arrays.stream(first)
                        .filter(word -> (word & PERMITS_MASK) > 0
                                && !ledger.life(word >>> LIFE).isGone())
                        .toArray();
                long permits =
                        Arrays.stream(holders).map(word -> word & PERMITS_MASK).sum();
                ledger.check(
                        Activity.SEMAPHORE,
                        permits <= limit,
                        "%d permits are taken, of %d, by lives %s",
                        permits,
                        limit,
                        Arrays.toString(Arrays.stream(holders)
                                .map(word -> word >>> LIFE)
                                .toArray()));
            }
        }

        private long[] look() {
            return LongStream.range(0, COUNT)
                    .map(place -> ledger.get(at((int) place)))
                    .toArray();
        }

        private static long at(int place) {
            return HOLDERS + (long) place * Long.BYTES;
        }
    }

    // ---- rounds of events ------------------------------------------------------------------------------------------

    /// Somebody is about to count down in a round, or with 0, nobody yet.
    void counted(long round, int more) {
        if (more == 0) {
            set(roundAt(round), round << 8);
        } else {
            add(roundAt(round), more);
        }
    }

    long counted(long round) {
        return get(roundAt(round)) - (round << 8);
    }

    /// The event of a round is about to be set.
    void announceEvent(long round) {
        set(roundAt(round) + Long.BYTES, round);
    }

    boolean isEventAnnounced(long round) {
        return get(roundAt(round) + Long.BYTES) >= round;
    }

    private static long roundAt(long round) {
        return ROUNDS + (round % MOST_ROUNDS) * 2 * Long.BYTES;
    }

    // ---- items -----------------------------------------------------------------------------------------------------

    private static long itemAt(long item) {
        return ITEM_TABLE + item * Integer.BYTES;
    }

    /// An item is about to be put into a queue.
    ///
    /// @return its number
    long announce(Activity queue) {
        return announce(queue, 1);
    }

    /// The same for several, whose numbers follow each other. Tasks of a pool are items, too.
    ///
    /// @return the number of the first
    long announce(Activity queue, int items) {
        long first = add(ITEMS, items);
        if (first + items > MOST_ITEMS) {
            throw new IllegalStateException("more items than the ledger has room for");
        }
        for (long item = first; item < first + items; item++) {
            INT.setVolatile(memory, itemAt(item), ANNOUNCED | queue.ordinal() << QUEUE_SHIFT);
        }
        return first;
    }

    /// The queue has it.
    void acknowledge(long item) {
        int _ = (int) INT.getAndBitwiseOr(memory, itemAt(item), ACKNOWLEDGED);
    }

    /// The queue does not have it, for want of room or because of an interrupt.
    void refuse(Activity queue, long item) {
        int before = (int) INT.getAndBitwiseOr(memory, itemAt(item), REFUSED);
        check(queue, before < TAKEN, "item %d came out and was refused", item);
    }

    /// It has come out.
    void taken(Activity queue, long item) {
        boolean known = item >= 0 && item < get(ITEMS);
        int before = known ? (int) INT.getAndAdd(memory, itemAt(item), TAKEN) : 0;
        check(queue, (before & ANNOUNCED) != 0, "item %d came out and was never put", item);
        check(queue, before < TAKEN, "item %d came out twice", item);
        check(queue, (before & REFUSED) == 0, "item %d was refused and came out", item);
        var home = Activity.values()[before >>> QUEUE_SHIFT & QUEUE_MASK];
        check(queue, home == queue || (before & ANNOUNCED) == 0, "item %d is of %s", item, home);
    }

    boolean isAcknowledged(long item) {
        return ((int) INT.getVolatile(memory, itemAt(item)) & ACKNOWLEDGED) != 0;
    }

    boolean isTakenOnce(long item) {
        return (int) INT.getVolatile(memory, itemAt(item)) / TAKEN == 1;
    }

    /// How many items were put and have not come out.
    long[] lost() {
        var lost = new long[QUEUE_MASK + 1];
        for (long item = 0; item < get(ITEMS); item++) {
            int state = (int) INT.getVolatile(memory, itemAt(item));
            if ((state & ACKNOWLEDGED) != 0 && state < TAKEN) {
                lost[state >>> QUEUE_SHIFT & QUEUE_MASK]++;
            }
        }
        return lost;
    }

    /// How many items at the most went with those that died: what each was about to take.
    long lostAtMost(Activity queue) {
        return lives().stream()
                .filter(life -> life.activity() == queue && !life.hasEnded())
                .mapToLong(Life::taking)
                .sum();
    }

    /// When all have ended and the queues are empty: an acknowledged item that has not come out must be one that a consumer
    /// had taken when it died.
    void reckonItems() {
        var lost = lost();
        for (var queue : Activity.QUEUES) {
            long mayBe = lostAtMost(queue);
            long out = lost[queue.ordinal()];
            check(queue, out <= mayBe, "%d items are lost; the dead had taken %d at the most", out, mayBe);
        }
    }

    /// An item may come out after a later one of its producer only if it had been taken by one that died.
    void reckonOrder() {
        for (var queue : Activity.QUEUES) {
            long late = get(word(queue, 0));
            long mayBe = lostAtMost(queue);
            check(queue, late <= mayBe, "%d items came out of order; %d may have, after deaths", late, mayBe);
        }
    }
}
