package io.github.procession.internal.shared;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.ring.CellRing;
import io.github.procession.internal.ring.ItemCell;
import io.github.procession.internal.ring.QueueBlock;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Shipment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A queue of values between processes: the ring, the extents and the codec together. Safe for use by any thread.
public final class QueueCore {
    /*
     * put   serialize → pin the handles in it → claim a cell, write, publish → give the pin to the queue → signal
     * take  take a cell → copy out → attach the handles → free the cell → unpin → signal → deserialize
     *
     * An item with handles begins with their numbers, so that a taker can attach them before it frees the cell; dying in
     * between, it leaves the item to be taken again, the pin with it.
     *
     * Every operation goes through the turnstile. Closing turns new ones away, wakes the waiting, and unmaps when the last
     * is out.
     */
    private final SharedBlock block;
    private final QueueBlock queue;
    private final CellRing ring;
    private final Extents extents;
    private final int slot = Node.self().slot();
    private final Turnstile users = new Turnstile();

    private QueueCore(SharedBlock block, QueueBlock queue) {
        this.block = block;
        this.queue = queue;
        this.ring = queue.ring();
        this.extents = new Extents(block.id(), ring);
    }

    /// Makes a queue of so many items.
    public static QueueCore create(int capacity) {
        var block = SharedBlock.create(ObjectKind.QUEUE, QueueBlock.bytes(capacity) - BlockLayout.HEADER);
        try {
            return block.face(QueueCore.class, b -> new QueueCore(b, QueueBlock.format(b.memory(), capacity)));
        } catch (RuntimeException e) {
            block.close();
            throw e;
        }
    }

    /// The queue with that number.
    public static QueueCore attach(long id) {
        return SharedBlock.attach(id).face(QueueCore.class, b -> new QueueCore(b, QueueBlock.over(b.memory())));
    }

    /// Its number.
    public long id() {
        return block.id();
    }

    /// Its number, to be sent.
    ///
    /// @throws IllegalStateException if this process has closed it
    public long openId() {
        return block.openId();
    }

    /// Whether this process is attached.
    public boolean isOpen() {
        return users.isOpen();
    }

    /// How many items it holds at the most.
    public int capacity() {
        return ring.capacity();
    }

    /// How many items it holds; exact when nothing moves.
    public int size() {
        users.enter();
        try {
            return (int) Math.min(Integer.MAX_VALUE, ring.size());
        } finally {
            users.leave();
        }
    }

    /// Adds an item if there is room.
    ///
    /// @return whether it was added
    /// @throws IllegalArgumentException if it cannot be serialized
    public boolean offer(Object item) {
        users.enter();
        try {
            return new Put(item).now();
        } finally {
            users.leave();
        }
    }

    /// Adds an item, waiting for room until the deadline.
    ///
    /// @param deadline in the time of [System#nanoTime()]; [Long#MAX_VALUE] to wait for ever
    /// @return whether it was added
    /// @throws IllegalArgumentException if it cannot be serialized
    public boolean put(Object item, long deadline) throws InterruptedException {
        users.enter();
        try {
            return new Put(item).until(deadline);
        } finally {
            users.leave();
        }
    }

    /// Takes the oldest item.
    ///
    /// @return null if there is none
    /// @throws IllegalStateException if the item cannot be rebuilt in this process; it is consumed then
    public @Nullable Object poll() {
        Arrived arrived;
        users.enter();
        try {
            arrived = tryTake();
        } finally {
            users.leave();
        }
        return arrived == null ? null : arrived.rebuild();
    }

    /// Takes the oldest item, waiting for one until the deadline.
    ///
    /// @return null at the deadline
    /// @throws IllegalStateException if the item cannot be rebuilt in this process; it is consumed then
    public @Nullable Object take(long deadline) throws InterruptedException {
        Arrived arrived;
        users.enter();
        try {
            arrived = queue.notEmpty().await(this::tryTake, deadline);
        } finally {
            users.leave();
        }
        return arrived == null ? null : arrived.rebuild();
    }

    /// The oldest item, left where it is; null if there is none.
    public @Nullable Object peek() {
        Arrived arrived;
        users.enter();
        try {
            arrived = tryPeek();
        } finally {
            users.leave();
        }
        return arrived == null ? null : arrived.rebuild();
    }

    /// Detaches this process: its threads that wait here leave with an exception. Idempotent.
    public void close() {
        if (!users.close()) {
            return;
        }
        queue.notEmpty().close();
        queue.notFull().close();
        users.awaitEmpty();
        extents.close();
        block.close();
    }

    private @Nullable Arrived tryTake() {
        long ticket = ring.claim(slot);
        if (ticket == CellRing.NONE) {
            return null;
        }
        ItemCell cell = null;
        Extents.Copy copy = null;
        try {
            var body = new byte[ring.length(ticket)];
            ring.copy(ticket, body);
            int tag = ring.tag(ticket);
            if (tag == ItemCell.INLINE) {
                return new Arrived(body);
            }
            cell = ItemCell.read(tag, body, body.length);
            copy = cell.extent() == 0 ? null : extents.read(cell);
            return new Arrived(cell, copy == null ? inline(cell, body) : copy.item());
        } finally { // also when it cannot be read, so it is lost then: a living process must not keep the cell
            ring.release(ticket);
            if (copy != null) {
                copy.leave();
            }
            if (cell != null) {
                Parcels.settle(cell.pin());
            }
            queue.notFull().signal();
        }
    }

    private @Nullable Arrived tryPeek() {
        while (true) {
            long takes = ring.takes();
            var seen = new Arrived[1];
            try {
                ring.peek((tag, body, length) -> {
                    var cell = ItemCell.read(tag, body, length);
                    seen[0] = new Arrived(cell, bytes(cell, body));
                });
            } catch (IllegalStateException | IndexOutOfBoundsException e) {
                if (ring.takes() != takes) {
                    continue; // race: it was taken meanwhile, and what it names is gone
                }
                throw e;
            }
            if (ring.takes() == takes) {
                return seen[0];
            }
            if (seen[0] != null) {
                seen[0].letGo();
            }
        }
    }

    private byte[] bytes(ItemCell cell, byte[] body) {
        if (cell.extent() == 0) {
            return inline(cell, body);
        }
        var copy = extents.read(cell);
        copy.leave();
        return copy.item();
    }

    private static byte[] inline(ItemCell cell, byte[] body) {
        int from = (int) cell.offset();
        return Arrays.copyOfRange(body, from, from + (int) cell.length());
    }

    /// An item that is out of the queue, its handles attached, since the pin that kept their objects alive is gone.
    private static final class Arrived {
        private final byte[] item;
        private final List<SharedBlock> held;

        Arrived(byte[] plain) {
            item = plain;
            held = List.of();
        }

        Arrived(ItemCell cell, byte[] item) {
            this.item = item;
            held = cell.pin() == 0 ? List.of() : new ArrayList<>();
            try {
                if (cell.pin() != 0) {
                    handles(item).forEach(id -> held.add(SharedBlock.enter(id)));
                }
            } catch (RuntimeException e) {
                letGo();
                throw e;
            }
        }

        /// The value; its handles hold their objects themselves from here on.
        @Nullable Object rebuild() {
            int skip = held.isEmpty() ? 0 : 1 + Integer.BYTES + held.size() * Long.BYTES;
            try {
                return Local.codec().read(item, skip);
            } catch (Exception | LinkageError | StackOverflowError e) { // of the item's own code, too
                throw new IllegalStateException(
                        "An item was taken from the queue but cannot be rebuilt in this process: " + e, e);
            } finally {
                letGo();
            }
        }

        void letGo() {
            held.forEach(SharedBlock::release);
        }
    }

    /// An item is a value, or this tag, which no value begins with: `WITH_HANDLES n:4 id:8*n value`.
    private static final byte WITH_HANDLES = Byte.MAX_VALUE;

    private static byte[] pack(byte[] value, List<Long> ids) {
        if (ids.isEmpty()) {
            return value;
        }
        var item = ByteBuffer.allocate(1 + Integer.BYTES + ids.size() * Long.BYTES + value.length);
        item.put(WITH_HANDLES).putInt(ids.size());
        ids.forEach(item::putLong);
        return item.put(value).array();
    }

    private static List<Long> handles(byte[] item) {
        var bytes = ByteBuffer.wrap(item, 1, item.length - 1);
        var ids = new ArrayList<Long>();
        for (int n = bytes.getInt(); n > 0; n--) {
            ids.add(bytes.getLong());
        }
        return ids;
    }

    /// One item on its way in.
    private final class Put {
        private final byte[] item;
        private final long pin;
        private Extents.@Nullable Region region;

        Put(Object value) {
            var shipment = new Shipment();
            byte[] bytes = Local.codec().write(value, "item", shipment);
            var ids = shipment.ids();
            this.item = pack(bytes, ids);
            this.pin = ids.isEmpty() ? 0 : Node.self().root().pinItem(id(), ids);
        }

        boolean now() {
            boolean added = false;
            try {
                added = attempt();
            } finally {
                settle(added);
            }
            return added;
        }

        boolean until(long deadline) throws InterruptedException {
            boolean added = false;
            try {
                added = queue.notFull().await((BooleanSupplier) this::attempt, deadline);
            } finally {
                settle(added);
            }
            return added;
        }

        private void settle(boolean added) {
            if (!added) {
                giveUp();
                return;
            }
            if (pin != 0) {
                Node.self().root().itemPut(pin);
            }
            queue.notEmpty().signal();
        }

        private void giveUp() {
            if (region != null) {
                extents.abandon(region);
            }
            Parcels.settle(pin);
        }

        private boolean attempt() {
            if (ItemCell.fits(item.length, pin != 0)) {
                byte[] body = pin == 0 ? item : ItemCell.pinned(pin, item);
                return ring.offer(slot, pin == 0 ? ItemCell.INLINE : ItemCell.PINNED, body, body.length)
                        != CellRing.NONE;
            }
            if (region == null) {
                region = extents.write(item);
            }
            if (region == null) {
                return false;
            }
            byte[] body = region.cell(pin).toBody();
            long position = ring.offer(slot, ItemCell.EXTENT, body, body.length);
            if (position == CellRing.NONE) {
                return false;
            }
            extents.published(region, position);
            return true;
        }
    }
}
