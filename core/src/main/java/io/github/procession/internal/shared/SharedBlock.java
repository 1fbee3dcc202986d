package io.github.procession.internal.shared;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.Mappings;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.memory.ObjectRef;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.tree.RootPort;
import io.github.procession.internal.wire.Arrivals;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A shared object that this process is attached to. There is one for each object, whatever number of handles.
public final class SharedBlock {
    /*
     * Attaching and detaching of one object happen inside the map's lock for its id, the word to the root included: so
     * that the root hears them in the order in which they happen here, and never takes for detached what has just been
     * attached again.
     */
    private static final Map<Long, SharedBlock> ATTACHED = new ConcurrentHashMap<>();

    private final ObjectRef ref;
    private final Mappings.View view;
    private @Nullable Object face; // guarded by this
    private int holders = 1; // touched inside the map's lock alone
    private volatile boolean closed; // written inside the map's lock alone

    private SharedBlock(ObjectRef ref, Mappings.View view) {
        this.ref = ref;
        this.view = view;
    }

    /// Makes a zeroed object.
    ///
    /// @param bytes length of its data, the header not included
    /// @throws IllegalStateException if there is not enough memory
    public static SharedBlock create(ObjectKind kind, long bytes) {
        return create(kind, bytes, RootPort.NOBODY);
    }

    static SharedBlock create(ObjectKind kind, long bytes, long owner) {
        var node = Node.self();
        var ref = node.root().create(kind, BlockLayout.HEADER + bytes, owner);
        var block = map(node, ref);
        ATTACHED.put(ref.id(), block);
        return block;
    }

    /// The object of a handle that is being read; this process attaches to it if it is not yet.
    ///
    /// @throws IllegalStateException if it is gone
    public static SharedBlock attach(long id) {
        var block = enter(id);
        Arrivals.note(block::release);
        return block;
    }

    /// The object with that number; this process attaches to it if it is not yet.
    ///
    /// @throws IllegalStateException if it is gone
    static SharedBlock enter(long id) {
        return Objects.requireNonNull(ATTACHED.compute(id, (_, attached) -> {
            if (attached != null) {
                attached.holders++;
                return attached;
            }
            var node = Node.self();
            return map(node, node.root().attach(id));
        }));
    }

    private static SharedBlock map(Node node, ObjectRef ref) {
        try {
            var view = node.mappings().attach(ref.place());
            BlockLayout.check(view.memory(), ref);
            return new SharedBlock(ref, view);
        } catch (RuntimeException e) {
            node.root().detach(ref.id());
            throw e;
        }
    }

    /// Its number.
    public long id() {
        return ref.id();
    }

    /// Its number, to be sent.
    ///
    /// @throws IllegalStateException if this process has closed it
    public long openId() {
        requireOpen();
        return ref.id();
    }

    /// Its bytes, header included; every access to them throws once this process has detached.
    ///
    /// @throws IllegalStateException if this process has closed it
    public MemorySegment memory() {
        requireOpen();
        return view.memory();
    }

    /// Whether this process is attached.
    public boolean isOpen() {
        return !closed;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("This process has closed the shared object");
        }
    }

    /// What this process works on the object with: made once for as long as it is attached.
    public synchronized <T> T face(Class<T> type, Function<SharedBlock, T> maker) {
        var made = face;
        if (made == null) {
            made = maker.apply(this);
            face = made;
        }
        return type.cast(made);
    }

    /// Detaches this process, whoever else in it holds the object. Idempotent.
    ///
    /// @return whether this call did it
    public boolean close() {
        return leave(true);
    }

    /// Takes back one [#create], [#attach] or [#enter]; the last of them detaches this process.
    void release() {
        leave(false);
    }

    private boolean leave(boolean all) {
        var did = new boolean[1];
        ATTACHED.computeIfPresent(ref.id(), (_, current) -> {
            if (current != this || closed || (--holders > 0 && !all)) {
                return current;
            }
            closed = true;
            view.close();
            Node.self().root().detach(ref.id());
            did[0] = true;
            return null;
        });
        return did[0];
    }
}
