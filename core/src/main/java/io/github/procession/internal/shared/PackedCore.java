package io.github.procession.internal.shared;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Shipment;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.lang.ref.SoftReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// An object that never changes, serialized in shared memory, as this process sees it. Safe for use by any thread.
public final class PackedCore {
    /*
     *   128: length:8 | handles:8 | 256: the value, as the codec writes it
     *
     * While a handle can be reached here, so can the object that was rebuilt. Tasks come and go, and a worker that has no
     * handle between two of them must not rebuild it for each. So objects stay, by their number, until the heap is needed;
     * but not those in which there are handles, since they keep shared memory, of which the collector does not know.
     */
    private static final long AT_LENGTH = BlockLayout.HEADER;
    private static final long AT_HANDLES = AT_LENGTH + Long.BYTES;
    private static final long AT_VALUE = BlockLayout.HEADER + 128;

    private static final Map<Long, SoftReference<Object>> REBUILT = new ConcurrentHashMap<>();

    private final SharedBlock block;
    private volatile @Nullable Object value; // once it is needed

    private PackedCore(SharedBlock block) {
        this.block = block;
    }

    /// Serializes an object into a new block. Objects whose handles are in it live as long as it does.
    ///
    /// @throws IllegalArgumentException if it cannot be serialized, with the path to the culprit, or is too large
    public static SharedBlock create(Object value) {
        var shipment = new Shipment();
        var encoded = Local.codec().encode(value, "shared object", shipment);
        var ids = shipment.ids();
        var block = SharedBlock.create(ObjectKind.PACKED, AT_VALUE - BlockLayout.HEADER + encoded.size());
        try {
            block.memory().set(ValueLayout.JAVA_LONG, AT_LENGTH, encoded.size());
            block.memory().set(ValueLayout.JAVA_LONG, AT_HANDLES, ids.size());
            encoded.copyTo(block.memory(), AT_VALUE);
            if (!ids.isEmpty()) {
                var root = Node.self().root();
                root.itemPut(root.pinItem(block.id(), ids));
            }
        } catch (RuntimeException | Error e) {
            block.close();
            throw e;
        }
        return block;
    }

    /// What a block is worked on with.
    public static PackedCore of(SharedBlock block) {
        return block.face(PackedCore.class, PackedCore::new);
    }

    /// The object; always the same one in this process.
    ///
    /// @throws IllegalStateException if it cannot be rebuilt in this process
    public Object value() {
        block.memory(); // says that it is closed
        var known = value;
        return known != null ? known : rebuilt();
    }

    private synchronized Object rebuilt() {
        var known = value;
        if (known == null) {
            var kept = REBUILT.get(block.id());
            known = kept == null ? null : kept.get();
        }
        if (known == null) {
            known = rebuild();
            if (block.memory().get(ValueLayout.JAVA_LONG, AT_HANDLES) == 0) {
                REBUILT.values().removeIf(kept -> kept.refersTo(null));
                REBUILT.put(block.id(), new SoftReference<>(known));
            }
        }
        value = known;
        return known;
    }

    private Object rebuild() {
        long length = block.memory().get(ValueLayout.JAVA_LONG, AT_LENGTH);
        try {
            var made = Local.codec().read(block.memory().asSlice(AT_VALUE, length));
            if (made == null) {
                throw new IOException("it became null");
            }
            return made;
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException("A shared object cannot be rebuilt in this process: " + e, e);
        }
    }

    /// Detaches this process. Idempotent.
    public void close() {
        block.close();
        REBUILT.remove(block.id());
        value = null; // what is in it may be shared too
    }
}
