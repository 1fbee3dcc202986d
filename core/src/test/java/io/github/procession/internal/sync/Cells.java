package io.github.procession.internal.sync;

import static io.github.procession.internal.sync.Interleavings.FIRST;
import static io.github.procession.internal.sync.Interleavings.NOTES;
import static io.github.procession.internal.sync.Interleavings.ROOT;
import static io.github.procession.internal.sync.Interleavings.sleepUntil;
import static io.github.procession.internal.sync.Interleavings.wakeAll;
import static io.github.procession.internal.sync.Interleavings.wakeOne;

import io.github.procession.internal.ring.CellRing;
import io.github.procession.internal.sync.Interleavings.Scenario;
import io.github.procession.internal.sync.Interleavings.State;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// The cells of a queue: some put some items each, others take some each.
class Cells implements Scenario {
    static final int ITEMS = 0; // where takers sleep
    static final int ROOM = 1; // where producers sleep
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final int SLOTS = 8;
    private static final long ACKNOWLEDGED = NOTES; // a word for each process: how many of its offers have returned
    private static final long TAKEN =
            NOTES + 8 * SLOTS; // a word for each process: a bit for each tag it has had, after the release
    private static final byte[] BODY = {};

    private final int capacity;
    private final int producers;
    private final int items;
    private final int takes;

    /// One producer, two cells.
    Cells(int items, int takes) {
        this(2, 1, items, takes);
    }

    /// @param producers so many processes put, the first ones
    /// @param items     so many are put by each
    /// @param takes     so many are taken by each of the others
    Cells(int capacity, int producers, int items, int takes) {
        this.capacity = capacity;
        this.producers = producers;
        this.items = items;
        this.takes = takes;
    }

    @Override
    public int words() {
        return (int) (CellRing.bytes(capacity) / Long.BYTES);
    }

    @Override
    public void prepare(MemorySegment block) {
        CellRing.format(block, 0, capacity);
    }

    private boolean isProducer(int slot) {
        return slot < FIRST + producers;
    }

    private int tag(int slot, int item) {
        return (slot - FIRST) * items + item;
    }

    @Override
    public void run(MemorySegment block, int slot) {
        var ring = CellRing.over(block, 0);
        if (isProducer(slot)) {
            for (int i = 1; i <= items; i++) {
                int tag = tag(slot, i);
                sleepUntil(ROOM, () -> offer(ring, slot, tag));
                LONG.setVolatile(block, acknowledged(slot), (long) i);
                wakeOne(ITEMS);
            }
        } else {
            for (int i = 0; i < takes; i++) {
                long[] ticket = new long[1];
                sleepUntil(ITEMS, () -> (ticket[0] = claim(ring, slot)) != CellRing.NONE);
                int tag = ring.tag(ticket[0]);
                ring.release(ticket[0]);
                LONG.setVolatile(block, taken(slot), taken(block, slot) | 1L << tag);
                wakeOne(ROOM);
                tellOfRoom(ring);
            }
        }
    }

    private boolean offer(CellRing ring, int slot, int tag) {
        boolean added = ring.offer(slot, tag, BODY, 0) != CellRing.NONE;
        tellOfRoom(ring);
        return added;
    }

    private long claim(CellRing ring, int slot) {
        long ticket = ring.claim(slot);
        if (ticket == CellRing.NONE) {
            tellOfRoom(ring);
        }
        return ticket;
    }

    /// Whoever has cleared a tombstone says so.
    void tellOfRoom(CellRing ring) {
        if (ring.hasMadeRoom()) {
            wakeAll(ROOM);
        }
    }

    private static long acknowledged(int slot) {
        return ACKNOWLEDGED + 8L * slot;
    }

    private static long taken(int slot) {
        return TAKEN + 8L * slot;
    }

    private static long taken(MemorySegment block, int slot) {
        return (long) LONG.getVolatile(block, taken(slot));
    }

    @Override
    public boolean bury(MemorySegment block, int slot) {
        CellRing.over(block, 0).repair(slot);
        wakeAll(ITEMS);
        wakeAll(ROOM);
        return true;
    }

    @Override
    public @Nullable String check(MemorySegment block, State state) {
        var ring = CellRing.over(block, 0);
        int[] times = new int[producers * items + 1];
        int withTheDead = 0;
        int producersAsleep = 0;
        for (int slot : state.slots()) {
            if (isProducer(slot)) {
                producersAsleep += state.isAsleep(slot) ? 1 : 0;
            } else {
                long had = taken(block, slot);
                for (int tag = 1; tag < times.length; tag++) {
                    times[tag] += (had >> tag & 1) == 1 ? 1 : 0;
                }
                boolean lost = state.isDead(slot)
                        && state.hasPassed(slot, "CLAIM_RELEASED")
                        && Long.bitCount(had) < takes; // at most the last that it took
                withTheDead += lost ? 1 : 0;
            }
        }
        if (producersAsleep > 0 && ring.size() < capacity) {
            return "a producer is blocked, and there is room";
        }
        int takersAsleep = state.asleep() - producersAsleep;
        int left = 0;
        for (long ticket = ring.claim(ROOT); ticket != CellRing.NONE; ticket = ring.claim(ROOT)) {
            times[ring.tag(ticket)]++;
            ring.release(ticket);
            left++;
        }
        if (left > 0 && takersAsleep > 0) {
            return "asleep, and there are " + left;
        }
        if (ring.size() != 0) {
            return "blocked: there are %d items that nobody can take".formatted(ring.size());
        }
        for (int producer = FIRST; isProducer(producer); producer++) {
            long acknowledged = (long) LONG.getVolatile(block, acknowledged(producer));
            for (int i = 1; i <= items; i++) {
                int came = times[tag(producer, i)];
                if (came > 1) {
                    return "item %d of %d came %d times".formatted(i, producer, came);
                } else if (i <= acknowledged && came == 0 && --withTheDead < 0) {
                    return "item %d of %d is lost".formatted(i, producer);
                }
            }
        }
        return null;
    }
}
