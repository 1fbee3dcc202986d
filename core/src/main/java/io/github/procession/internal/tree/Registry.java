package io.github.procession.internal.tree;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.Mappings;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.memory.ObjectRef;
import io.github.procession.internal.memory.Place;
import io.github.procession.internal.memory.SegmentStore;
import io.github.procession.internal.memory.UnmappableException;
import io.github.procession.internal.ring.BellBlock;
import io.github.procession.internal.ring.CellRing;
import io.github.procession.internal.ring.ItemCell;
import io.github.procession.internal.ring.QueueBlock;
import io.github.procession.internal.ring.TwinBlock;
import io.github.procession.internal.sync.LockWord;
import io.github.procession.internal.sync.SyncBlock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// The root's ledger: slots, objects, who is attached to what, and what is pinned. Safe for use by any thread.
final class Registry {
    /*
     * One lock guards everything; only memory is allocated outside it, since reserving a large segment takes long.
     *
     * An object lives while somebody is attached or a pin holds it. An extent lives, besides, while a cell of its queue
     * names it: its producer may be gone while the item waits. When the last process detaches from an extent, the ring
     * is searched for it; if it is found, some taker will attach to it later, and its detaching asks again.
     *
     * Pins on behalf of a process go with the process. The pin of an item changes hands: until the producer says that the
     * item is in the queue (or dies) it is the producer's, then the queue's. The taker attaches what it finds in the item
     * before it frees the cell, and unpins afterwards. So a pin that no cell names, whose producer is through, belonged to
     * a taker that died between the two; it is found when that taker is buried. A pin is looked for again on itemPut
     * if somebody was buried since it was made: the taker may have died before the producer could say so.
     *
     * What a packed object holds is pinned in the same way, but as long as the object lives: it never changes.
     *
     * A result's pin is its receiver's, but the maker may die before the receiver has ever heard of it. So it is known who
     * made it until it is claimed; and when the receiver, the maker's parent, has read all that the maker had written, what
     * is not claimed goes. Until then the maker's slot is not given to anybody else.
     */
    private static final int MAX_SLOTS = 4094;
    private static final System.Logger LOG = System.getLogger("io.github.procession");

    private final Mappings mappings;
    private final SegmentStore store;
    private final BitSet usedSlots = new BitSet(); // guarded by this, like all below
    private final Map<Integer, Member> members = new HashMap<>();
    private final Map<Integer, Member> undrained = new HashMap<>(); // buried
    private final Map<Long, Entry> objects = new HashMap<>();
    private final Map<Long, Pin> pins = new HashMap<>();
    private final Map<String, Long> names = new HashMap<>();
    private final Set<Long> unended = new HashSet<>(); // queues of pipes that have lost an end
    private int lastSlot = Node.ROOT_SLOT;
    private long nextId = 1;
    private long burials;

    Registry(Mappings mappings) {
        this.mappings = mappings;
        this.store = new SegmentStore(mappings);
        usedSlots.set(0, Node.ROOT_SLOT + 1);
        members.put(Node.ROOT_SLOT, new Member(0));
    }

    // ---- slots -----------------------------------------------------------------------------------------------------

    /// A free slot; numbers go round, so that one is not used again at once.
    ///
    /// @param parent the process whose child will have it
    synchronized int reserve(int parent) {
        int slot = usedSlots.nextClearBit(lastSlot + 1);
        if (slot > MAX_SLOTS) {
            slot = usedSlots.nextClearBit(0);
        }
        if (slot > MAX_SLOTS) {
            throw new IllegalStateException(
                    "The tree has %d processes, and no more are possible. Use a pool, which runs many tasks in few processes."
                            .formatted(MAX_SLOTS));
        }
        usedSlots.set(slot);
        lastSlot = slot;
        members.put(slot, new Member(parent));
        return slot;
    }

    /// Completes when that slot's process is gone and repaired after.
    synchronized CompletableFuture<Void> gone(int slot) {
        var member = members.get(slot);
        return member == null ? CompletableFuture.completedFuture(null) : member.gone;
    }

    /// Repairs after a process of which nothing runs any more, and frees its slot.
    ///
    /// @return false if something must wait until takers make room; call again then
    boolean bury(int slot) {
        CompletableFuture<Void> gone;
        synchronized (this) {
            var member = members.get(slot);
            if (member == null) {
                return true;
            }
            burials++;
            boolean settled = true;
            for (long id : List.copyOf(member.attached)) {
                settled &= tryRepair(require(id), slot);
            }
            if (!settled) {
                return false;
            }
            endQueues();
            for (long id : List.copyOf(member.attached)) {
                leave(require(id), member, slot); // what it held there is mended
            }
            for (var pin : List.copyOf(pins.values())) {
                if (pin.owner == slot && pin.queue == 0) {
                    unpin(pin.number);
                } else if (pin.queue != 0) {
                    if (pin.owner == slot) {
                        pin.owner = 0;
                    }
                    releaseIfTaken(pin);
                }
            }
            members.remove(slot);
            undrained.put(slot, member);
            if (member.drained) {
                release(slot);
            }
            orphan(slot);
            gone = member.gone;
        }
        gone.complete(null);
        return true;
    }

    /// All that a child had sent has been received by its parent.
    synchronized void drained(int slot, int parent) {
        var living = members.get(slot);
        if (living != null && living.parent == parent) {
            living.drained = true;
        }
        var buried = undrained.get(slot);
        if (buried != null && buried.parent == parent) {
            release(slot);
        }
    }

    /// Nobody will ever say [#drained] of the children of a process that is gone.
    private void orphan(int parent) {
        members.values().stream().filter(m -> m.parent == parent).forEach(m -> m.drained = true);
        for (var buried : List.copyOf(undrained.entrySet())) {
            if (buried.getValue().parent == parent) {
                release(buried.getKey());
            }
        }
    }

    private void release(int slot) {
        undrained.remove(slot);
        usedSlots.clear(slot);
        for (var pin : List.copyOf(pins.values())) {
            if (pin.maker == slot) {
                unpin(pin.number);
            }
        }
    }

    /// What is not as it can be is left as it is, and said: the other objects, and those who wait for them, go on.
    private boolean tryRepair(Entry entry, int slot) {
        try {
            return repair(entry, slot);
        } catch (UnmappableException e) {
            return false;
        } catch (RuntimeException e) {
            sayBroken(entry, e);
            return true;
        }
    }

    private static void sayBroken(Entry entry, RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "Shared object %s could not be repaired".formatted(entry.ref), e);
    }

    private boolean repair(Entry entry, int slot) {
        return switch (entry.ref.kind()) {
            case EXTENT, CHANNEL, PACKED, END, SENDING_END -> true;
            case VALUES, LOCK, SEMAPHORE, CONDITION, EVENT, LATCH, BARRIER -> letGo(entry, slot, true);
            case TWINS -> {
                mappings.with(entry.ref.place(), memory -> {
                    TwinBlock.over(memory).repair(slot);
                    return true;
                });
                yield letGo(entry, slot, true);
            }
            case QUEUE -> {
                try (var view = mappings.attach(entry.ref.place())) {
                    yield !QueueBlock.isFormatted(view.memory())
                            || QueueBlock.over(view.memory()).repair(slot);
                }
            }
            case BELL -> {
                try (var view = mappings.attach(entry.ref.place())) {
                    BellBlock.over(view.memory()).repair();
                    yield true;
                }
            }
        };
    }

    /// What a process holds of a primitive comes back or is marked.
    ///
    /// @param died false if it detaches of its own will
    /// @return false if it must be done later
    private boolean letGo(Entry entry, int slot, boolean died) {
        var primitive = switch (entry.ref.kind()) {
            case VALUES, TWINS, LOCK -> SyncBlock.LOCK;
            case SEMAPHORE -> SyncBlock.SEMAPHORE;
            case CONDITION -> SyncBlock.CONDITION;
            case EVENT -> SyncBlock.EVENT;
            case LATCH -> SyncBlock.LATCH;
            case BARRIER -> SyncBlock.BARRIER;
            case QUEUE, EXTENT, CHANNEL, BELL, PACKED, END, SENDING_END -> null;
        };
        if (primitive == null && entry.ref.kind() != ObjectKind.QUEUE) {
            return true;
        }
        try {
            return mappings.with(entry.ref.place(), memory -> {
                if (primitive == null) {
                    if (QueueBlock.isFormatted(memory)) {
                        QueueBlock.over(memory).leave(slot);
                    }
                    return true;
                }
                boolean done = primitive.bury(memory, BlockLayout.HEADER, slot, died, Node.ROOT_SLOT);
                if (primitive == SyncBlock.LOCK
                        && new LockWord(memory, BlockLayout.HEADER, Node.ROOT_SLOT).isAbandoned()) {
                    wakeConditionsOf(entry);
                }
                return done;
            });
        } catch (UnmappableException e) {
            return false; // no descriptor is left to map it with
        } catch (RuntimeException e) { // as in tryRepair: somebody has written over it
            sayBroken(entry, e);
            return true;
        }
    }

    /// Who waits for a condition of a lock that is abandoned is not signalled by whoever died.
    private void wakeConditionsOf(Entry lock) {
        for (var entry : objects.values()) {
            if (entry.ref.kind() == ObjectKind.CONDITION && entry.owner == lock.ref.id()) {
                mappings.with(entry.ref.place(), memory -> {
                    SyncBlock.CONDITION.wakeAll(memory, BlockLayout.HEADER);
                    return true;
                });
            }
        }
    }

    // ---- objects ---------------------------------------------------------------------------------------------------

    ObjectRef create(int slot, ObjectKind kind, long bytes, long owner) {
        Place place = store.allocate(bytes);
        synchronized (this) {
            try {
                member(slot); // race: the asker may have been buried before its question was read
                var ref = new ObjectRef(nextId++, kind, place);
                try (var view = mappings.attach(place)) {
                    BlockLayout.format(view.memory(), kind, ref.id());
                }
                objects.put(ref.id(), new Entry(ref, slot, owner));
                var queue = objects.get(owner);
                if (kind == ObjectKind.END && queue != null) {
                    queue.receiver = ref.id();
                }
                return attach(slot, ref.id());
            } catch (IllegalStateException e) {
                store.free(place);
                throw e;
            }
        }
    }

    synchronized ObjectRef attach(int slot, long id) {
        var member = member(slot); // race: it may have been buried before its question was read
        var entry = require(id);
        if (member.leaving.remove(id)) {
            boolean _ = letGo(entry, slot, false); // what it held before, if that can be had now
        }
        entry.attached.add(slot);
        member.attached.add(id);
        return entry.ref;
    }

    /// Attaches a process to what a pin holds for it, and to more.
    ///
    /// @return what it is attached to; nothing if it is gone
    synchronized List<ObjectRef> attachAll(int slot, long pin, List<Long> more) {
        var refs = new ArrayList<ObjectRef>();
        if (members.containsKey(slot)) {
            var pinned = pins.get(pin);
            Stream.concat(pinned == null ? Stream.of() : pinned.ids.stream(), more.stream())
                    .distinct()
                    .filter(objects::containsKey)
                    .forEach(id -> refs.add(attach(slot, id)));
        }
        return refs;
    }

    /// A process has unmapped an object.
    ///
    /// @return false if something that it holds can be taken back only later; call [#detachLate] then
    synchronized boolean detach(int slot, long id) {
        endQueues();
        var entry = objects.get(id);
        var member = members.get(slot);
        if (entry != null && member != null && member.attached.contains(id)) {
            if (!letGo(entry, slot, false)) {
                member.leaving.add(id);
                return false;
            }
            leave(entry, member, slot);
        }
        return true;
    }

    /// The same once more, unless the process has been attached again meanwhile, or is gone.
    synchronized boolean detachLate(int slot, long id) {
        var member = members.get(slot);
        return member == null || !member.leaving.contains(id) || detach(slot, id);
    }

    private void leave(Entry entry, Member member, int slot) {
        member.attached.remove(entry.ref.id());
        member.leaving.remove(entry.ref.id());
        entry.attached.remove(slot);
        if (entry.ref.kind() == ObjectKind.EXTENT && entry.maker == slot) {
            retire(entry);
        }
        freeIfUnused(entry);
    }

    /// Gives an object a name, for as long as it lives.
    synchronized void name(long id, String name) {
        var entry = require(id);
        if (names.putIfAbsent(name, id) != null) {
            throw new IllegalStateException(
                    "There is a shared memory with the name '%s' already. Open it, or choose another name; a name is free again when the last process has closed it."
                            .formatted(name));
        }
        entry.name = name;
    }

    /// The object with that name, or 0.
    synchronized long find(String name) {
        return names.getOrDefault(name, 0L);
    }

    private void retire(Entry extent) {
        try (var view = mappings.attach(extent.ref.place())) {
            BlockLayout.retire(view.memory());
        } catch (UnmappableException e) {
            // no descriptor is left to map it with; takers then keep it a little longer
        }
    }

    /// How many objects are alive.
    synchronized int count() {
        return objects.size();
    }

    private Entry require(long id) {
        var entry = objects.get(id);
        if (entry == null) {
            throw new IllegalStateException(
                    "Shared object %d is gone: the last process that used it has closed it or ended. Keep it open until the receiver has it."
                            .formatted(id));
        }
        return entry;
    }

    private Member member(int slot) {
        var member = members.get(slot);
        if (member == null) {
            throw new IllegalStateException("Process %d is not in the tree any more".formatted(slot));
        }
        return member;
    }

    private void freeIfUnused(Entry entry) {
        if (entry.pins > 0 && entry.attached.isEmpty() && entry.holdsHandles()) {
            freeUnreachable();
            return;
        }
        if (!entry.attached.isEmpty() || entry.pins > 0 || isNamedInQueue(entry)) {
            return;
        }
        long id = entry.ref.id();
        if (entry.isEnd()) {
            endPipe(entry.owner);
        }
        objects.remove(id);
        names.remove(entry.name, id);
        store.free(entry.ref.place());
        if (entry.ref.kind() == ObjectKind.QUEUE) {
            for (var other : List.copyOf(objects.values())) {
                if (other.owner == id) {
                    freeIfUnused(other);
                }
            }
        }
        if (entry.ref.kind() == ObjectKind.END) {
            unpinItemsOf(entry.owner);
        } else if (entry.holdsHandles()) {
            unpinItemsOf(id);
        }
    }

    /// Nobody will take what is there.
    private void unpinItemsOf(long queue) {
        for (var pin : List.copyOf(pins.values())) {
            if (pin.queue == queue && (pin.owner == 0 || !objects.containsKey(queue))) {
                unpin(pin.number);
            }
        }
    }

    /// One end of a pipe is gone: nobody will receive there, nor send.
    private void endPipe(long either) {
        var queue = objects.get(either);
        long first = queue == null || queue.owner == RootPort.NOBODY ? either : queue.owner;
        for (var entry : objects.values()) {
            if (entry.ref.kind() == ObjectKind.QUEUE && (entry.ref.id() == first || entry.owner == first)) {
                unended.add(entry.ref.id());
            }
        }
        endQueues();
    }

    /// Ends what is to be ended; what cannot be mapped now, when no descriptor is left, the next time.
    private void endQueues() {
        for (long id : List.copyOf(unended)) {
            var entry = objects.get(id);
            try {
                if (entry != null) {
                    mappings.with(entry.ref.place(), memory -> {
                        if (QueueBlock.isFormatted(memory)) {
                            QueueBlock.over(memory).end();
                        }
                        return true;
                    });
                }
                unended.remove(id);
            } catch (UnmappableException e) {
                return;
            } catch (RuntimeException e) {
                unended.remove(id);
                sayBroken(require(id), e);
            }
        }
    }

    /// Frees queues, packed objects and ends of pipes that only what is in each other, or in themselves, keeps alive. What is
    /// in the queue of a pipe can be had by its receiving end alone.
    private void freeUnreachable() {
        var reached = new HashSet<Long>();
        var todo = new ArrayDeque<Long>();
        var itemsOf = new HashMap<Long, List<Pin>>();
        for (var pin : pins.values()) {
            if (pin.owner == 0 && pin.queue != 0) {
                itemsOf.computeIfAbsent(holderOf(pin.queue), _ -> new ArrayList<>())
                        .add(pin);
            } else {
                todo.addAll(pin.ids);
                todo.add(holderOf(pin.queue)); // its owner may still put it there
            }
        }
        objects.values().stream().filter(e -> !e.attached.isEmpty()).forEach(e -> todo.add(e.ref.id()));
        while (!todo.isEmpty()) {
            long id = todo.remove();
            if (reached.add(id)) {
                itemsOf.getOrDefault(id, List.of()).forEach(pin -> todo.addAll(pin.ids));
            }
        }
        itemsOf.forEach((holder, items) -> {
            if (!reached.contains(holder)) {
                items.forEach(pin -> unpin(pin.number));
            }
        });
    }

    /// Who has what is in a queue or packed object: that itself, or the end of a pipe that receives from it.
    private long holderOf(long id) {
        var entry = objects.get(id);
        return entry == null || entry.receiver == 0 ? id : entry.receiver;
    }

    private boolean isNamedInQueue(Entry extent) {
        return extent.ref.kind() == ObjectKind.EXTENT && isNamed(extent.owner, extent.ref.id(), 0);
    }

    /// Whether a cell of that queue names the extent or the pin (0 for none).
    private boolean isNamed(long queue, long extent, long pin) {
        var entry = objects.get(queue);
        if (entry == null) {
            return false;
        }
        if (entry.ref.kind() == ObjectKind.PACKED) {
            return true;
        }
        try (var view = mappings.attach(entry.ref.place())) {
            if (!QueueBlock.isFormatted(view.memory())) {
                return false;
            }
            var found = new boolean[1];
            QueueBlock.over(view.memory()).ring().forEachLive((state, _, tag, body, length) -> {
                if (state != CellRing.LiveState.CLAIMED) { // who is still writing keeps all by itself
                    var cell = ItemCell.read(tag, body, length);
                    found[0] |= (extent != 0 && cell.extent() == extent) || (pin != 0 && cell.pin() == pin);
                }
            });
            return found[0];
        } catch (UnmappableException e) {
            return true; // no descriptor is left to map it with: it stays, at the longest until the queue goes
        } catch (RuntimeException e) {
            sayBroken(entry, e);
            return true; // likewise
        }
    }

    // ---- pins ------------------------------------------------------------------------------------------------------

    /// @param maker who asks for it
    /// @param owner with whom it ends at the latest; if that is another, the one to [#claim] it
    /// @param queue the queue for whose item the pin is, or the packed object that holds them, or 0
    synchronized long pin(int maker, int owner, long queue, List<Long> ids) {
        member(maker);
        member(owner);
        if (queue != 0 && !require(queue).holdsHandles()) {
            throw new IllegalStateException("Nothing can be in shared object %s".formatted(require(queue).ref));
        }
        var entries = new ArrayList<Entry>();
        for (long id : ids) {
            entries.add(require(id));
        }
        entries.forEach(entry -> entry.pins++);
        var pin = new Pin(nextId++, maker == owner ? 0 : maker, owner, queue, List.copyOf(ids), burials);
        pins.put(pin.number, pin);
        return pin.number;
    }

    synchronized void claim(long number) {
        var pin = pins.get(number);
        if (pin != null) {
            pin.maker = 0;
        }
    }

    synchronized void itemPut(long number) {
        var pin = pins.get(number);
        if (pin != null) { // race: the taker was faster than the producer's word
            pin.owner = 0;
            if (pin.madeAt != burials || !isHeld(pin.queue)) {
                releaseIfTaken(pin);
            }
            for (long id : pin.ids) { // race: who has sent them may have closed them before the word of it came
                var entry = objects.get(id);
                if (entry != null && entry.attached.isEmpty()) {
                    freeIfUnused(entry);
                }
            }
        }
    }

    private void releaseIfTaken(Pin pin) {
        if (pin.owner == 0 && !(isHeld(pin.queue) && isNamed(pin.queue, 0, pin.number))) {
            unpin(pin.number);
        }
    }

    /// Whether what is there can still be had.
    private boolean isHeld(long queue) {
        return objects.containsKey(holderOf(queue));
    }

    synchronized void unpin(long number) {
        var pin = pins.remove(number);
        if (pin != null) {
            for (long id : pin.ids) {
                var entry = objects.get(id);
                if (entry != null) {
                    entry.pins--;
                    freeIfUnused(entry);
                }
            }
        }
    }

    // ---- what is written down --------------------------------------------------------------------------------------

    private static final class Member {
        final int parent;
        boolean drained;
        final Set<Long> attached = new HashSet<>();
        final Set<Long> leaving = new HashSet<>(); // of these, what it wants to leave as soon as can be
        final CompletableFuture<Void> gone = new CompletableFuture<>();

        Member(int parent) {
            this.parent = parent;
        }
    }

    private static final class Entry {
        final ObjectRef ref;
        final int maker;
        final long owner; // the queue that an extent serves or an end receives from, or 0
        long receiver; // the end of a pipe that receives from this queue, or has; or 0
        final Set<Integer> attached = new HashSet<>();
        String name = ""; // none
        int pins;

        Entry(ObjectRef ref, int maker, long owner) {
            this.ref = ref;
            this.maker = maker;
            this.owner = owner;
        }

        boolean holdsHandles() {
            return ref.kind() == ObjectKind.QUEUE || ref.kind() == ObjectKind.PACKED || ref.kind() == ObjectKind.END;
        }

        boolean isEnd() {
            return ref.kind() == ObjectKind.END || ref.kind() == ObjectKind.SENDING_END;
        }
    }

    private static final class Pin {
        final long number;
        int maker; // 0: claimed, or the owner
        int owner; // 0: the queue's
        final long queue; // 0: a process's
        final List<Long> ids;
        final long madeAt;

        Pin(long number, int maker, int owner, long queue, List<Long> ids, long madeAt) {
            this.number = number;
            this.maker = maker;
            this.owner = owner;
            this.queue = queue;
            this.ids = ids;
            this.madeAt = madeAt;
        }
    }
}
