package io.github.procession.internal.tree;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.memory.ObjectRef;
import io.github.procession.internal.wire.LinkAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// The root as the root itself sees it: the ledger at hand. Also what stands behind every [RootDesk].
final class OwnRoot implements RootPort {
    private final Registry registry;
    private final Reaper reaper;
    private final Definitions definitions;
    private final int slot;

    /// @param slot the process on whose behalf it asks
    OwnRoot(Registry registry, Reaper reaper, int slot) {
        this(registry, reaper, new Definitions(), slot);
    }

    private OwnRoot(Registry registry, Reaper reaper, Definitions definitions, int slot) {
        this.registry = registry;
        this.reaper = reaper;
        this.definitions = definitions;
        this.slot = slot;
    }

    /// The same root, asked on behalf of another process.
    OwnRoot of(int otherSlot) {
        return new OwnRoot(registry, reaper, definitions, otherSlot);
    }

    /// The process on whose behalf it asks.
    int slot() {
        return slot;
    }

    int liveObjects() {
        return registry.count();
    }

    @Override
    public ObjectRef create(ObjectKind kind, long bytes, long owner) {
        return registry.create(slot, kind, bytes, owner);
    }

    @Override
    public ObjectRef attach(long id) {
        return registry.attach(slot, id);
    }

    @Override
    public List<ObjectRef> attachChild(int child, long pin, List<Long> more) {
        return registry.attachAll(child, pin, more);
    }

    @Override
    public void detach(long id) {
        if (!registry.detach(slot, id)) {
            reaper.detachLater(slot, id);
        }
    }

    @Override
    public void name(long id, String name) {
        registry.name(id, name);
    }

    @Override
    public long find(String name) {
        return registry.find(name);
    }

    @Override
    public long pin(int ownerSlot, List<Long> ids) {
        return registry.pin(slot, ownerSlot, 0, ids);
    }

    @Override
    public void claim(long pin) {
        registry.claim(pin);
    }

    @Override
    public void drained(int child) {
        registry.drained(child, slot);
    }

    @Override
    public long pinItem(long queue, List<Long> ids) {
        return registry.pin(slot, slot, queue, ids);
    }

    @Override
    public void itemPut(long pin) {
        registry.itemPut(pin);
    }

    @Override
    public void unpin(long pin) {
        registry.unpin(pin);
    }

    @Override
    public Reservation reserve() {
        return new Reservation(registry.reserve(slot), LinkAddress.NONE);
    }

    @Override
    public void started(int child, long pid) {
        reaper.watch(child, pid);
    }

    @Override
    public void cancel(int child) {
        registry.drained(child, slot);
        reaper.bury(child);
    }

    /// The system has said over its link that the process on whose behalf it asks is gone.
    void isGone(long pid) {
        reaper.isGone(slot, pid);
    }

    @Override
    public void ended(int child) {
        reaper.isGone(child); // which may have seen it
    }

    @Override
    public int numberOf(byte[] definition) {
        return definitions.numberOf(definition);
    }

    @Override
    public byte[] definition(int number) {
        return definitions.definition(number);
    }

    @Override
    public CompletableFuture<Void> gone(int other) {
        return registry.gone(other);
    }
}
