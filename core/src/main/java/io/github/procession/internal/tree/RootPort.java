package io.github.procession.internal.tree;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.memory.ObjectRef;
import io.github.procession.internal.wire.Dictionary;
import io.github.procession.internal.wire.LinkAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// What a process can ask of the root. Safe for use by any thread.
///
/// Every method throws [IllegalStateException] when the root refuses, with the root's reason.
public interface RootPort extends Dictionary {
    /// No owner, in [#create].
    long NOBODY = 0;

    /// Makes a zeroed object and attaches this process to it.
    ///
    /// @param bytes length of its block, header included
    /// @param owner the queue that an extent serves, else [#NOBODY]
    ObjectRef create(ObjectKind kind, long bytes, long owner);

    /// Attaches this process to an object that is alive.
    ObjectRef attach(long id);

    /// Attaches a child to what is pinned for it, and to more, so that it need not ask for each.
    ///
    /// @param pin  0 for none
    /// @param more what it will need besides
    /// @return what it is attached to: nothing unless this process is the root
    List<ObjectRef> attachChild(int child, long pin, List<Long> more);

    /// This process has unmapped the object.
    void detach(long id);

    /// Gives an object a name, for as long as it lives. Refused if another has it.
    void name(long id, String name);

    /// The object with that name; 0 if there is none. All that this process has said before has been heard then.
    long find(String name);

    /// Keeps objects alive on their way to the owning process, until [#unpin] or until that process is gone. If this
    /// process dies, until the owner has said [#drained] without having said [#claim].
    ///
    /// @return the pin's number
    long pin(int ownerSlot, List<Long> ids);

    /// What another process has pinned for this one has been received.
    void claim(long pin);

    /// All that this process's child in that slot has ever sent has been received. To be said once of every child that
    /// has ended; its slot is nobody else's until then.
    void drained(int slot);

    /// Keeps objects alive for an item that this process is about to put into a queue. Until [#itemPut] the pin is the
    /// process's, from then on the queue's, for as long as a cell names it. In the same way for what is in a packed object,
    /// which keeps it as long as it lives itself.
    long pinItem(long queue, List<Long> ids);

    /// The item with that pin is in its queue.
    void itemPut(long pin);

    /// What was pinned has arrived.
    void unpin(long pin);

    /// Gets a slot, and a way to the root, for a child of this process.
    Reservation reserve();

    /// The reserved child is a process now.
    ///
    /// @throws IllegalStateException if the root cannot watch it; the child must be killed and cancelled then
    void started(int slot, long pid);

    /// The reserved child could not be started.
    void cancel(int slot);

    /// The child's process has ended, as its parent saw. The root need not have known it.
    void ended(int slot);

    /// Completes when that process is gone and everything that it held has been repaired. Ask while it is reserved or
    /// alive: the slot is another's afterwards.
    CompletableFuture<Void> gone(int slot);

    /// A slot for a child that is to be started.
    ///
    /// @param slot  its number
    /// @param link  where the child opens its link to the root; none if its parent is the root
    record Reservation(int slot, LinkAddress link) {}
}
