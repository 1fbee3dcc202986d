package io.github.procession.internal.shared;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.ring.CellRing;
import io.github.procession.internal.ring.ItemCell;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Room for the items of one queue that do not fit into a cell: what this process writes, and what it has mapped of
/// others' to read. Safe for use by any thread of the process.
final class Extents {
    /*
     * An extent belongs to one producing process and is cut like a ring: regions are taken at its head and come back at
     * its tail. No shared word says that a region is free. The producer remembers the position of the cell that names it:
     * when that cell has been released, and the redo lane does not name the region, nobody will read it again. So a taker
     * may die at any instruction without leaking a region, and a region is never written while a cell names it.
     *
     * An item larger than JUMBO gets an extent of its own, which its producer leaves as soon as the item is in the queue;
     * it is gone when the taker has left it too. What a process may have in the queue beyond that is bounded by MAX_BYTES.
     */
    static final long JUMBO = 4 << 20;
    private static final long FIRST = 256 << 10;
    private static final long MAX_BYTES = 64 << 20;
    private static final long LINE = 64;

    private final long queue;
    private final CellRing ring;
    private final List<Extent> own = new ArrayList<>(); // guarded by this
    private int current; // of these, the one that was written to last; guarded by this
    private final Map<Long, Reading> others = new HashMap<>(); // guarded by this
    private @Nullable Reading last; // of the others, the one that was entered last; guarded by this

    Extents(long queue, CellRing ring) {
        this.queue = queue;
        this.ring = ring;
    }

    /// Room with an item's bytes in it, that no cell names yet.
    ///
    /// @param extent where it is
    /// @param offset where it begins there
    /// @param length the item's length
    /// @param taken  its place among the regions of a shared extent, null in one of its own
    record Region(
            Extent extent,
            long offset,
            int length,
            @Nullable Taken taken) {
        ItemCell cell(long pin) {
            return new ItemCell(pin, extent.block.id(), offset, length);
        }

        /// Named by the cell at that position, or never.
        private void settle(long position) {
            if (taken != null) {
                taken.position = position;
                taken.settled = true;
            }
        }
    }

    /// An extent of any process that items are read from. Guarded by the enclosing object.
    static final class Reading {
        private final SharedBlock block;
        private int readers;
        private boolean forgotten; // who is the last to read leaves it

        Reading(SharedBlock block) {
            this.block = block;
        }
    }

    /// Something to be copied to a place.
    @FunctionalInterface
    interface Copying {
        void copyTo(MemorySegment place, long at);
    }

    /// Copies an item into an extent.
    ///
    /// @return null if this process has as much in the queue as it may
    /// @throws IllegalStateException if there is not enough memory
    @Nullable Region write(int length, Copying item) {
        var region = length > JUMBO ? whole(length) : part(length);
        if (region != null) {
            item.copyTo(region.extent.block.memory(), region.offset);
        }
        return region;
    }

    /// The cell at that position names the region now.
    void published(Region region, long position) {
        synchronized (this) {
            region.settle(position);
        }
        leaveIfJumbo(region);
    }

    /// The region will not be named.
    void abandon(Region region) {
        synchronized (this) {
            region.settle(CellRing.NONE);
        }
        leaveIfJumbo(region);
    }

    private void leaveIfJumbo(Region region) {
        if (region.extent.jumbo) {
            region.extent.block.release();
        }
    }

    private Region whole(int length) {
        var block = SharedBlock.create(ObjectKind.EXTENT, length, queue);
        return new Region(new Extent(block, length, true), BlockLayout.HEADER, length, null);
    }

    private synchronized @Nullable Region part(int length) {
        for (int i = 0; i < own.size(); i++) {
            var region = own.get(current).takeOrReclaim(length);
            if (region != null) {
                return region;
            }
            current = (current + 1) % own.size();
        }
        long total = own.stream().mapToLong(extent -> extent.bytes).sum();
        long size = Math.max(FIRST, Long.highestOneBit(4L * length - 1));
        size = Math.max(size, Math.min(total, JUMBO * 8)); // grows by doubling
        if (total + size > MAX_BYTES) {
            return null;
        }
        var extent = new Extent(SharedBlock.create(ObjectKind.EXTENT, size, queue), size, false);
        current = own.size();
        own.add(extent);
        return extent.take(length);
    }

    /// Copies the bytes of an item out.
    byte[] read(ItemCell cell) {
        var extent = enter(cell);
        try {
            return bytes(cell, extent).toArray(ValueLayout.JAVA_BYTE);
        } finally {
            leave(extent);
        }
    }

    /// The bytes of an item where they lie, in an extent that [#enter] has returned.
    static MemorySegment bytes(ItemCell cell, Reading extent) {
        return extent.block.memory().asSlice(cell.offset(), cell.length());
    }

    /// Attaches to the extent of an item, which may be remembered; to be followed by [#leave]. Who takes the item leaves last of
    /// all: the root frees an extent when the last process leaves it, unless a cell still names it.
    synchronized Reading enter(ItemCell cell) {
        var known = last;
        if (known == null || known.forgotten || known.block.id() != cell.extent()) {
            known = others.get(cell.extent());
        }
        if (known == null) {
            leaveRetired();
            known = new Reading(SharedBlock.enter(cell.extent()));
            if (cell.length() <= JUMBO) {
                others.put(cell.extent(), known);
            } else {
                known.forgotten = true;
            }
        }
        last = known.forgotten ? null : known;
        known.readers++;
        return known;
    }

    /// The item has been read.
    synchronized void leave(Reading extent) {
        extent.readers--;
        leaveIfForgotten(extent);
    }

    private void leaveIfForgotten(Reading extent) {
        if (extent.forgotten && extent.readers == 0) {
            extent.block.release();
        }
    }

    /// Leaves extents that their producer has left: a process that reads from many short-lived ones must not keep all
    /// their memory.
    private void leaveRetired() {
        others.values().removeIf(extent -> {
            boolean retired = BlockLayout.isRetired(extent.block.memory());
            if (retired) {
                forget(extent);
            }
            return retired;
        });
    }

    private void forget(Reading extent) {
        extent.forgotten = true;
        leaveIfForgotten(extent);
    }

    /// Leaves everything.
    synchronized void close() {
        own.forEach(extent -> extent.block.release());
        others.values().forEach(this::forget);
        own.clear();
        others.clear();
    }

    /// One extent of this process. Guarded by the enclosing object.
    final class Extent {
        private final SharedBlock block;
        private final long bytes;
        private final boolean jumbo;
        private final ArrayDeque<Taken> taken = new ArrayDeque<>(); // oldest first
        private long head; // where the next region begins, counted from the first byte of data

        Extent(SharedBlock block, long bytes, boolean jumbo) {
            this.block = block;
            this.bytes = bytes;
            this.jumbo = jumbo;
        }

        /// Regions come back many at a time, when there is no room: each look at a cell that another process has written last
        /// takes a trip to its cache, and several at once take hardly longer than one.
        private @Nullable Region takeOrReclaim(int length) {
            var region = take(length);
            if (region == null) {
                reclaim();
                region = take(length);
            }
            return region;
        }

        private @Nullable Region take(int length) {
            long size = (length + LINE - 1) & -LINE;
            if (taken.isEmpty()) {
                head = 0;
            }
            long tail = taken.isEmpty() ? 0 : taken.getFirst().start;
            boolean wrapped = !taken.isEmpty() && head <= tail;
            if (!wrapped && head + size > bytes) {
                if (size > tail) { // does not fit before the oldest either
                    return null;
                }
                head = 0;
                wrapped = true;
            }
            if (wrapped && head + size > tail) {
                return null;
            }
            var place = new Taken(head);
            taken.add(place);
            head += size;
            return new Region(this, BlockLayout.HEADER + place.start, length, place);
        }

        private void reclaim() {
            while (!taken.isEmpty() && isFree(taken.getFirst())) {
                taken.removeFirst();
            }
        }

        private boolean isFree(Taken t) {
            return t.settled
                    && (t.position == CellRing.NONE
                            || (ring.isReleased(t.position)
                                    && !isNamedAgain(block.id(), BlockLayout.HEADER + t.start)));
        }
    }

    /// Whether the redo lane names a region whose cell has been released by the root.
    private boolean isNamedAgain(long extent, long offset) {
        if (!ring.hasGivenBack()) {
            return false;
        }
        var found = new boolean[1];
        ring.forEachLive((state, _, tag, body, length) -> {
            if (state != CellRing.LiveState.CLAIMED) {
                var cell = ItemCell.read(tag, body, length);
                found[0] |= cell.extent() == extent && cell.offset() == offset;
            }
        });
        return found[0];
    }

    private static final class Taken {
        final long start;
        long position;
        boolean settled;

        Taken(long start) {
            this.start = start;
        }
    }
}
