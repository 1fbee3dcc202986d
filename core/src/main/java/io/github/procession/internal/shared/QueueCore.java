package io.github.procession.internal.shared;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.memory.UnmappableException;
import io.github.procession.internal.os.Shortage;
import io.github.procession.internal.ring.CellRing;
import io.github.procession.internal.ring.ItemCell;
import io.github.procession.internal.ring.QueueBlock;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.tree.RootPort;
import io.github.procession.internal.waiting.WaitPoint;
import io.github.procession.internal.wire.Codec;
import io.github.procession.internal.wire.Shipment;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
     * take  look at a cell → attach the extent and the handles → claim the cell → copy out → free the cell → unpin → signal
     *       → deserialize
     *
     * An item with handles begins with their numbers, so that a taker can attach them before it frees the cell; dying in
     * between, it leaves the item to be taken again, the pin with it.
     *
     * What a taker may lack (a descriptor, memory) it gets before it claims the cell. If there is none, the item stays where it
     * is, for other processes and for later. An item that nobody can read is claimed and lost: else it would stand in the way
     * of all behind it.
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
        return create(capacity, RootPort.NOBODY);
    }

    /// Makes a queue that belongs to another.
    static QueueCore create(int capacity, long owner) {
        var block = SharedBlock.create(ObjectKind.QUEUE, QueueBlock.bytes(capacity) - BlockLayout.HEADER, owner);
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

    /// The queue with that number, held until [#release()].
    static QueueCore enter(long id) {
        return SharedBlock.enter(id).face(QueueCore.class, b -> new QueueCore(b, QueueBlock.over(b.memory())));
    }

    /// Takes back one [#create] or [#enter]; nobody may be inside on its behalf.
    void release() {
        if (block.release()) {
            extents.close();
        }
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

    /// What has become of an item that was to be put in.
    public enum Added {
        /// It is in the queue.
        YES,
        /// There is no room for it.
        FULL,
        /// The queue takes nothing in any more.
        ENDED
    }

    /// Adds an item if there is room.
    ///
    /// @throws IllegalArgumentException if it cannot be serialized
    public Added offer(@Nullable Object item) {
        users.enter();
        try {
            return put(item).now();
        } finally {
            users.leave();
        }
    }

    /// Adds an item, waiting for room until the deadline.
    ///
    /// @param deadline in the time of [System#nanoTime()]; [Long#MAX_VALUE] to wait for ever
    /// @throws IllegalArgumentException if it cannot be serialized
    public Added put(@Nullable Object item, long deadline) throws InterruptedException {
        return put(item, deadline, QueueCore::never);
    }

    /// The same for one who may give up, after which [#wakeAll()] is called: it counts as ended then.
    Added put(@Nullable Object item, long deadline, BooleanSupplier givenUp) throws InterruptedException {
        users.enter();
        try {
            return put(item).until(deadline, givenUp);
        } finally {
            users.leave();
        }
    }

    /// Adds an array of bytes, from wherever they are.
    ///
    /// @throws IllegalArgumentException if they are too many
    Added putBytes(MemorySegment bytes, BooleanSupplier givenUp) throws InterruptedException {
        users.enter();
        try {
            return new Put(Codec.encodeBytes(bytes), List.of()).until(Long.MAX_VALUE, givenUp);
        } finally {
            users.leave();
        }
    }

    private Put put(@Nullable Object value) {
        var shipment = new Shipment();
        var encoded = Local.codec().encode(value, "item", shipment);
        return new Put(encoded, shipment.ids());
    }

    /// Takes the oldest item.
    ///
    /// @return null if there is none
    public @Nullable Arrived poll() {
        users.enter();
        try {
            return tryTake();
        } finally {
            users.leave();
        }
    }

    /// Takes the oldest item, waiting for one until the deadline.
    ///
    /// @return null at the deadline, or when the queue has ended and nothing will come
    public @Nullable Arrived take(long deadline) throws InterruptedException {
        return take(deadline, QueueCore::never);
    }

    /// The same for one who may give up, after which [#wakeAll()] is called.
    @Nullable Arrived take(long deadline, BooleanSupplier givenUp) throws InterruptedException {
        users.enter();
        try {
            var arrived = queue.notEmpty().await(() -> givenUp.getAsBoolean() ? OVER : takeOrOver(), deadline);
            return arrived == OVER ? null : arrived;
        } finally {
            users.leave();
        }
    }

    private static boolean never() {
        return false;
    }

    /// Threads that wait here look again: some have given up.
    void wakeAll() {
        queue.notEmpty().signalAll();
        queue.notFull().signalAll();
    }

    private @Nullable Arrived takeOrOver() {
        var arrived = tryTake();
        return arrived == null && ring.isOver() ? OVER : arrived;
    }

    /// Whether [#take] would not wait: there is an item, or nothing will ever come.
    public boolean isReady() {
        users.enter();
        try {
            return isReadyInside();
        } finally {
            users.leave();
        }
    }

    private boolean isReadyInside() {
        return ring.hasReady() || ring.isOver();
    }

    /// Waits until [#isReady()], or until the deadline, or until it is given up.
    ///
    /// @return whether it is, or is given up
    boolean awaitReady(long deadline, BooleanSupplier givenUp) throws InterruptedException {
        users.enter();
        try {
            return queue.notEmpty().await(() -> givenUp.getAsBoolean() || isReadyInside(), deadline);
        } finally {
            users.leave();
        }
    }

    /// Where threads wait for [#isReady()].
    public WaitPoint notEmpty() {
        return queue.notEmpty();
    }

    /// Takes nothing in any more, for all processes. What is there can still be taken. Idempotent.
    public void end() {
        users.enter();
        try {
            queue.end();
        } finally {
            users.leave();
        }
    }

    /// An item that was taken is done.
    ///
    /// @return false if no more were put than have been done already
    public boolean done() {
        users.enter();
        try {
            return queue.done(slot);
        } finally {
            users.leave();
        }
    }

    /// How the waiting for all to be done ended.
    public enum Work {
        DONE,
        NOT_YET,
        /// What is left had been taken by processes that are gone.
        LOST
    }

    /// Waits until all that was put is done, until the deadline.
    public Work awaitDone(long deadline) throws InterruptedException {
        users.enter();
        try {
            var work = queue.allDone().await(this::work, deadline);
            return work == null ? Work.NOT_YET : work;
        } finally {
            users.leave();
        }
    }

    private @Nullable Work work() {
        return queue.outstanding() == 0 ? Work.DONE : queue.isWorkLost() ? Work.LOST : null;
    }

    /// How many items have been put and not been reported done.
    public long outstanding() {
        users.enter();
        try {
            return queue.outstanding();
        } finally {
            users.leave();
        }
    }

    /// Copies of the items that are there now, first to last; others may take them at any time.
    ///
    /// @throws IllegalStateException if one cannot be rebuilt in this process
    public List<Object> snapshot() {
        var arrived = new ArrayList<Arrived>();
        users.enter();
        try {
            ring.forEachReady((place, tag, body, length) -> {
                try {
                    var cell = ItemCell.read(tag, body, length);
                    var copy = new Arrived(cell, bytes(cell, body));
                    if (ring.isReady(place)) {
                        arrived.add(copy);
                    } else {
                        copy.letGo();
                    }
                } catch (IllegalStateException | IndexOutOfBoundsException e) {
                    if (ring.isReady(place)) {
                        throw e;
                    } // race: it was taken meanwhile, and what it names is gone
                }
            });
            var items = new ArrayList<Object>();
            arrived.forEach(item -> items.add(item.rebuild()));
            return items;
        } finally {
            arrived.forEach(Arrived::letGo);
            users.leave();
        }
    }

    /// The oldest item, left where it is; null if there is none.
    public @Nullable Arrived peek() {
        users.enter();
        try {
            return tryPeek();
        } finally {
            users.leave();
        }
    }

    /// Detaches this process: its threads that wait here leave with an exception. Idempotent.
    public void close() {
        if (!users.close()) {
            return;
        }
        queue.notEmpty().close();
        queue.notFull().close();
        queue.allDone().close();
        users.awaitEmpty();
        extents.close();
        block.close();
    }

    private @Nullable Arrived tryTake() {
        var taking = new Taking();
        long ticket = CellRing.NONE;
        try {
            ticket = ring.claim(slot, taking);
            return ticket == CellRing.NONE ? null : taking.arrived();
        } finally { // also when it cannot be read: a living process must not keep the cell
            if (ticket == CellRing.NONE) {
                taking.letGo();
                tellOfRoom();
            } else {
                free(ticket, taking);
            }
        }
    }

    private void free(long ticket, Taking taking) {
        queue.take(slot);
        try {
            ring.release(ticket);
            taking.letGo();
            if (taking.cell != null) {
                Parcels.settle(taking.cell.pin());
            }
        } finally {
            queue.notFull().signal();
            tellOfRoom();
        }
        if (ring.hasEnded()) { // race: those who wait for the end may have seen the cell still taken
            queue.notEmpty().signalAll();
        }
    }

    /// One item on its way out.
    private final class Taking implements CellRing.Onlooker {
        private byte[] body = NO_HEAD;
        private @Nullable ItemCell cell; // null if the item is the body
        private Extents.@Nullable Reading extent;
        private @Nullable Object room; // for what is in the extent: an array of primitives that it is, or of bytes
        private boolean isArray;
        private @Nullable Arrived whole; // with its handles
        private @Nullable RuntimeException broken;

        /// Gets what is needed to read the item that would be taken.
        @Override
        public void look(long ticket) {
            letGo();
            cell = null;
            broken = null;
            body = new byte[ring.length(ticket)];
            ring.copy(ticket, body);
            int tag = ring.tag(ticket);
            if (tag != ItemCell.INLINE) {
                try {
                    attach(ItemCell.read(tag, body, body.length));
                } catch (RuntimeException e) {
                    if (isShortage(e)) {
                        throw e;
                    }
                    broken = e; // or another process was faster, and what it names is gone
                }
            }
        }

        private void attach(ItemCell seen) {
            cell = seen;
            if (seen.extent() == 0) {
                whole = new Arrived(seen, inline(seen, body));
                return;
            }
            var entered = extents.enter(seen);
            extent = entered;
            var bytes = Extents.bytes(seen, entered);
            if (seen.pin() != 0) {
                whole = new Arrived(seen, bytes.toArray(ValueLayout.JAVA_BYTE));
                return;
            }
            room = Codec.arrayFor(bytes);
            isArray = room != null;
            if (!isArray) {
                room = new byte[Math.toIntExact(bytes.byteSize())];
            }
        }

        /// The item, once it is claimed.
        Arrived arrived() {
            if (broken != null) {
                throw broken;
            }
            var arrived = whole;
            if (arrived != null) {
                whole = null; // its handles are the taker's
                return arrived;
            }
            if (cell == null || extent == null || room == null) {
                return new Arrived(body);
            }
            var bytes = Extents.bytes(cell, extent);
            if (isArray) {
                Codec.fill(room, bytes);
                return Arrived.ofArray(room);
            }
            var item = (byte[]) room;
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, item, 0, item.length);
            return new Arrived(item);
        }

        /// What was attached to be read is needed no more.
        void letGo() {
            if (extent != null) {
                extents.leave(extent);
                extent = null;
            }
            if (whole != null) {
                whole.letGo();
                whole = null;
            }
        }

        private static boolean isShortage(RuntimeException e) {
            return e instanceof UnmappableException
                    || Shortage.in(String.valueOf(e.getMessage())).isPresent();
        }
    }

    private void tellOfRoom() {
        if (ring.hasMadeRoom()) {
            queue.notFull().signalAll();
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
        return cell.extent() == 0 ? inline(cell, body) : extents.read(cell);
    }

    private static byte[] inline(ItemCell cell, byte[] body) {
        int from = (int) cell.offset();
        return Arrays.copyOfRange(body, from, from + (int) cell.length());
    }

    /// An item that is out of the queue, its handles attached, since the pin that kept their objects alive is gone.
    public static final class Arrived {
        private final byte[] item;
        private final List<SharedBlock> held;
        private boolean heldOn = true;
        private boolean rebuilt;
        private @Nullable Object value; // once it is rebuilt

        private Arrived(byte[] plain) {
            item = plain;
            held = List.of();
        }

        /// An array of primitives that needs no rebuilding.
        static Arrived ofArray(Object array) {
            var arrived = new Arrived(NO_HEAD);
            arrived.value = array;
            arrived.rebuilt = true;
            return arrived;
        }

        private Arrived(ItemCell cell, byte[] item) {
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

        private int skip() {
            return held.isEmpty() ? 0 : 1 + Integer.BYTES + held.size() * Long.BYTES;
        }

        /// The value, always the same; its handles hold their objects themselves from here on. To be called by one thread
        /// at a time.
        ///
        /// @throws IllegalStateException if it cannot be rebuilt in this process; it is consumed then
        public @Nullable Object rebuild() {
            if (!rebuilt) {
                value = read();
                rebuilt = true;
            }
            return value;
        }

        private @Nullable Object read() {
            try {
                return Local.codec().read(item, skip());
            } catch (Exception | LinkageError | StackOverflowError e) { // of the item's own code, too
                throw new IllegalStateException(
                        "An item was taken from the queue but cannot be rebuilt in this process: " + e, e);
            } finally {
                letGo();
            }
        }

        /// It is not rebuilt.
        public void drop() {
            letGo();
        }

        /// The bytes, if the value is an array of bytes.
        public @Nullable MemorySegment bytes() {
            if (value instanceof byte[] array) {
                return MemorySegment.ofArray(array).asReadOnly();
            }
            return Codec.bytes(MemorySegment.ofArray(item).asSlice(skip()).asReadOnly());
        }

        private void letGo() {
            if (heldOn) {
                heldOn = false;
                held.forEach(SharedBlock::release);
            }
        }
    }

    private static final Arrived OVER = new Arrived(new byte[0]);

    /// An item is a value, or this tag, which no value begins with: `WITH_HANDLES n:4 id:8*n value`.
    private static final byte WITH_HANDLES = Byte.MAX_VALUE;

    private static final byte[] NO_HEAD = {};

    private static byte[] head(List<Long> ids) {
        if (ids.isEmpty()) {
            return NO_HEAD;
        }
        var head = ByteBuffer.allocate(1 + Integer.BYTES + ids.size() * Long.BYTES);
        head.put(WITH_HANDLES).putInt(ids.size());
        ids.forEach(head::putLong);
        return head.array();
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
        private final byte[] head;
        private final Codec.Encoded value;
        private final int length;
        private final long pin;
        private Extents.@Nullable Region region;

        Put(Codec.Encoded value, List<Long> ids) {
            this.head = head(ids);
            this.value = value;
            this.length = Math.addExact(head.length, value.size());
            this.pin = ids.isEmpty() ? 0 : Node.self().root().pinItem(id(), ids);
        }

        private void copyTo(MemorySegment place, long at) {
            MemorySegment.copy(head, 0, place, ValueLayout.JAVA_BYTE, at, head.length);
            value.copyTo(place, at + head.length);
        }

        /// What goes into a cell, if it is small enough.
        private byte[] small() {
            if (pin == 0 && value.body().byteSize() == 0) {
                return value.head();
            }
            byte[] item = new byte[length];
            copyTo(MemorySegment.ofArray(item), 0);
            return pin == 0 ? item : ItemCell.pinned(pin, item);
        }

        Added now() {
            Added added = Added.FULL;
            try {
                var outcome = attempt();
                added = outcome == null ? Added.FULL : outcome;
            } finally {
                settle(added);
            }
            return added;
        }

        Added until(long deadline, BooleanSupplier givenUp) throws InterruptedException {
            Added added = Added.FULL;
            try {
                var outcome = queue.notFull().await(() -> givenUp.getAsBoolean() ? Added.ENDED : attempt(), deadline);
                added = outcome == null ? Added.FULL : outcome;
            } finally {
                settle(added);
            }
            return added;
        }

        private void settle(Added added) {
            if (added != Added.YES) {
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

        /// @return null if there is no room
        private @Nullable Added attempt() {
            if (ring.hasEnded()) {
                return Added.ENDED;
            }
            if (ItemCell.fits(length, pin != 0)) {
                byte[] body = small();
                return added(offer(pin == 0 ? ItemCell.INLINE : ItemCell.PINNED, body));
            }
            if (region == null) {
                region = extents.write(length, this::copyTo);
            }
            if (region == null) {
                return null;
            }
            byte[] body = region.cell(pin).toBody();
            long position = offer(ItemCell.EXTENT, body);
            if (position >= 0) {
                extents.published(region, position);
            }
            return added(position);
        }

        private long offer(int tag, byte[] body) {
            long position = CellRing.ENDED;
            try {
                position = ring.offer(slot, tag, body, body.length);
            } finally {
                if (position == CellRing.ENDED) { // what is stepped over counted as an item, and those behind it waited
                    queue.notEmpty().signalAll();
                    queue.notFull().signalAll();
                    queue.allDone().signalAll();
                }
                tellOfRoom();
            }
            return position;
        }

        private static @Nullable Added added(long position) {
            return position == CellRing.ENDED ? Added.ENDED : position == CellRing.NONE ? null : Added.YES;
        }
    }
}
