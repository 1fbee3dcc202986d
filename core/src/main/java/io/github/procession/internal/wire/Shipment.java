package io.github.procession.internal.wire;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The shared objects whose handles are met while one value is written: they must stay alive until it has arrived.
public final class Shipment {
    private static final ThreadLocal<@Nullable Shipment> CURRENT = new ThreadLocal<>();

    private @Nullable Set<Long> ids; // made when the first is met; most values have none

    /// Notes that a handle of this object is being written by the current thread.
    ///
    /// @throws IllegalStateException if the thread is not writing for another process
    public static void load(long id) {
        var shipment = CURRENT.get();
        if (shipment == null) {
            throw new IllegalStateException(
                    "A handle of a shared object can only be sent to a process of the same tree (as an argument, a captured variable, an item or a result); it cannot be serialized to keep.");
        }
        shipment.add(id);
    }

    /// Notes that a handle of this object is being written.
    void add(long id) {
        if (ids == null) {
            ids = new LinkedHashSet<>();
        }
        ids.add(id);
    }

    /// Runs a writer; handles that it writes are noted here.
    void during(Writer writer) throws IOException {
        var outer = CURRENT.get();
        CURRENT.set(this);
        try {
            writer.write();
        } finally {
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
        }
    }

    /// What was loaded, each once.
    public List<Long> ids() {
        return ids == null ? List.of() : List.copyOf(ids);
    }

    /// Something that serializes.
    @FunctionalInterface
    interface Writer {
        void write() throws IOException;
    }
}
