package io.github.procession.internal.shared;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.Mappings;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.memory.ObjectRef;
import io.github.procession.internal.os.Threads;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.tree.RootPort;
import io.github.procession.internal.wire.Arrivals;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// A shared object that this process is attached to. There is one for each object, whatever number of handles.
///
/// The process is attached until somebody here closes the object, or until nothing here can reach it any more: no handle,
/// and no memory segment of it.
public final class SharedBlock {
    /*
     * Attaching and detaching of one object happen inside the map's lock for its id, the word to the root included: so
     * that the root hears them in the order in which they happen here, and never takes for detached what has just been
     * attached again.
     *
     * The map does not keep a block reachable. A view's lifetime is what every segment of it refers to, so the cleaner
     * watches that: a slice that outlives the last handle keeps the view, and the attachment counts its views, since a
     * handle that arrives then gets a new one.
     *
     * The collector does not see how much shared memory hangs on a small handle; so it is asked for a collection when what
     * has been mapped since the last outweighs the heap.
     */
    private static final Map<Long, Attachment> ATTACHED = new ConcurrentHashMap<>();
    private static final Threads.LateCleaner CLEANER = new Threads.LateCleaner("procession-cleaner");
    private static final long LEAST_WEIGHT = 64L << 20;
    private static final AtomicLong WEIGHT = new AtomicLong(); // bytes mapped since the last collection asked for

    private final ObjectRef ref;
    private final Mappings.View view;
    private final Lease lease;
    private final Map<Class<?>, Object> faces = new HashMap<>(2); // guarded by this
    private int holders = 1; // touched inside the map's lock alone
    private volatile boolean closed; // written inside the map's lock alone

    private SharedBlock(ObjectRef ref, Mappings.View view, Lease lease) {
        this.ref = ref;
        this.view = view;
        this.lease = lease;
    }

    /// That this process is attached to an object, and how many views of it there are. Touched inside the map's lock alone.
    private static final class Attachment {
        final ObjectRef ref;
        int views;
        WeakReference<SharedBlock> block = new WeakReference<>(null);

        Attachment(ObjectRef ref) {
            this.ref = ref;
        }

        SharedBlock view() {
            var known = block.get();
            if (known != null) {
                known.holders++;
                return known;
            }
            var view = Node.self().mappings().attach(ref.place());
            try {
                BlockLayout.check(view.memory(), ref);
                var lease = new Lease(this, view.unmapping());
                var made = new SharedBlock(ref, view, lease);
                lease.cleanable = CLEANER.get().register(view.memory().scope(), lease::end);
                block = new WeakReference<>(made);
                views++;
                return made;
            } catch (RuntimeException | Error e) {
                view.close();
                throw e;
            }
        }
    }

    /// One view, without anything that keeps it reachable.
    private static final class Lease {
        private final Attachment attachment;
        private final Runnable unmapping;
        private boolean over; // touched inside the map's lock alone

        Cleaner.@Nullable Cleanable cleanable;

        Lease(Attachment attachment, Runnable unmapping) {
            this.attachment = attachment;
            this.unmapping = unmapping;
        }

        /// Nobody can reach the view.
        void end() {
            ATTACHED.computeIfPresent(attachment.ref.id(), (_, current) -> {
                if (over) {
                    return current;
                }
                unmapping.run();
                return ended();
            });
        }

        /// @return what remains in the map
        @Nullable Attachment ended() {
            over = true;
            if (--attachment.views > 0) {
                return attachment;
            }
            WEIGHT.updateAndGet(
                    weight -> Math.max(0, weight - attachment.ref.place().bytes()));
            Node.self().root().detach(attachment.ref.id());
            return null;
        }
    }

    /// Makes a zeroed object.
    ///
    /// @param bytes length of its data, the header not included
    /// @throws IllegalStateException if there is not enough memory
    public static SharedBlock create(ObjectKind kind, long bytes) {
        return create(kind, bytes, RootPort.NOBODY);
    }

    static SharedBlock create(ObjectKind kind, long bytes, long owner) {
        var ref = Node.self().root().create(kind, BlockLayout.HEADER + bytes, owner);
        return enter(ref.id(), _ -> ref);
    }

    /// This process ends, having done all that it was to do: it is no party of any barrier any more.
    public static void leaveBarriers() {
        ATTACHED.forEach((id, attachment) -> {
            if (attachment.ref.kind() == ObjectKind.BARRIER) {
                Node.self().root().detach(id);
            }
        });
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
        return enter(id, Node.self().root()::attach);
    }

    private static SharedBlock enter(long id, LongFunction<ObjectRef> attaching) {
        var entered = new SharedBlock[1];
        ATTACHED.compute(id, (_, known) -> {
            if (known != null) {
                entered[0] = known.view();
                return known;
            }
            var attachment = new Attachment(attaching.apply(id));
            try {
                entered[0] = attachment.view();
            } catch (RuntimeException | Error e) {
                Node.self().root().detach(id);
                throw e;
            }
            WEIGHT.addAndGet(attachment.ref.place().bytes());
            return attachment;
        });
        weigh();
        return entered[0];
    }

    /// Leaves an object to which this process was attached before it could ask, unless it has asked meanwhile.
    static void leaveUnfound(long id) {
        ATTACHED.compute(id, (_, known) -> {
            if (Node.self().forget(id) && known == null) {
                Node.self().root().detach(id);
            }
            return known;
        });
    }

    private static void weigh() {
        long weight = WEIGHT.get();
        if (weight < LEAST_WEIGHT) {
            return;
        }
        var runtime = Runtime.getRuntime();
        if (weight > runtime.totalMemory() - runtime.freeMemory() && WEIGHT.compareAndSet(weight, 0)) {
            System.gc();
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
        return type.cast(faces.computeIfAbsent(type, _ -> maker.apply(this)));
    }

    /// What this process works on the object with, if it does yet.
    synchronized <T> @Nullable T face(Class<T> type) {
        return type.cast(faces.get(type));
    }

    /// Detaches this process, whoever else in it holds the object. Idempotent.
    ///
    /// @return whether this call did it
    public boolean close() {
        return leave(true);
    }

    /// Takes back one [#create], [#attach] or [#enter]; the last of them detaches this process.
    ///
    /// @return whether this call did it
    boolean release() {
        return leave(false);
    }

    private boolean leave(boolean all) {
        var did = new boolean[1];
        ATTACHED.computeIfPresent(ref.id(), (_, current) -> {
            if (closed || (--holders > 0 && !all)) {
                return current;
            }
            closed = true;
            current.block.clear();
            view.close();
            did[0] = true;
            return lease.ended();
        });
        var cleanable = lease.cleanable;
        if (did[0] && cleanable != null) {
            cleanable.clean(); // does nothing but forget the lease
        }
        return did[0];
    }
}
