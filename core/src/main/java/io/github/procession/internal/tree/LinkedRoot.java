package io.github.procession.internal.tree;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.memory.ObjectRef;
import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.Message;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/// The root as every other process sees it: over a link.
public final class LinkedRoot implements RootPort {
    private static final Executor WAITERS = task -> Thread.ofVirtual().start(task);

    private final Link link;
    private final Map<Long, ObjectRef> foretold = new ConcurrentHashMap<>(); // attached to, and not asked for yet

    /// @param link the link to the root
    public LinkedRoot(Link link) {
        this.link = link;
    }

    @Override
    public ObjectRef create(ObjectKind kind, long bytes, long owner) {
        return link.ask(Message.Located.class, request -> new Message.Create(request, kind.ordinal(), bytes, owner))
                .object();
    }

    /// This process is attached to these already.
    void foretell(List<ObjectRef> attached) {
        for (var object : attached) {
            foretold.put(object.id(), object);
        }
    }

    /// Which of those nobody has asked for.
    Set<Long> foretold() {
        return Set.copyOf(foretold.keySet());
    }

    /// @return whether it was one of those
    boolean forget(long id) {
        return foretold.remove(id) != null;
    }

    @Override
    public ObjectRef attach(long id) {
        var known = foretold.remove(id);
        return known != null ? known : askToAttach(id);
    }

    private ObjectRef askToAttach(long id) {
        return link.ask(Message.Located.class, request -> new Message.Attach(request, id))
                .object();
    }

    @Override
    public List<ObjectRef> attachChild(int child, long pin, List<Long> more) {
        return List.of(); // it asks the root itself
    }

    @Override
    public void detach(long id) {
        link.tell(new Message.Detach(id));
    }

    @Override
    public void name(long id, String name) {
        link.ask(Message.Done.class, request -> new Message.Name(request, id, name));
    }

    @Override
    public long find(String name) {
        return link.ask(Message.Found.class, request -> new Message.Find(request, name))
                .id();
    }

    @Override
    public long pin(int ownerSlot, List<Long> ids) {
        return link.ask(Message.Pinned.class, request -> new Message.Pin(request, ownerSlot, ids))
                .pin();
    }

    @Override
    public void claim(long pin) {
        link.tell(new Message.Claim(pin));
    }

    @Override
    public void drained(int slot) {
        link.tell(new Message.Drained(slot));
    }

    @Override
    public long pinItem(long queue, List<Long> ids) {
        return link.ask(Message.Pinned.class, request -> new Message.PinItem(request, queue, ids))
                .pin();
    }

    @Override
    public void itemPut(long pin) {
        link.tell(new Message.ItemPut(pin));
    }

    @Override
    public void unpin(long pin) {
        link.tell(new Message.Unpin(pin));
    }

    @Override
    public Reservation reserve() {
        var reserved = link.ask(Message.Reserved.class, Message.Reserve::new);
        return new Reservation(reserved.slot(), reserved.link());
    }

    @Override
    public void started(int slot, long pid) {
        // it tells the root itself, when it joins
    }

    @Override
    public void cancel(int slot) {
        link.tell(new Message.Cancel(slot));
    }

    @Override
    public void ended(int slot) {
        link.tell(new Message.Cancel(slot)); // means something only if it ended before it had joined
    }

    @Override
    public int numberOf(byte[] definition) {
        return link.ask(Message.Defined.class, request -> new Message.Define(request, definition))
                .number();
    }

    @Override
    public byte[] definition(int number) {
        return link.ask(Message.Explained.class, request -> new Message.Explain(request, number))
                .definition();
    }

    @Override
    public CompletableFuture<Void> gone(int slot) {
        return CompletableFuture.runAsync(
                () -> link.ask(Message.Done.class, request -> new Message.AwaitGone(request, slot)), WAITERS);
    }
}
