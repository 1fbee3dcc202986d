package io.github.procession.internal.shared;

import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Parcel;
import io.github.procession.internal.wire.Shipment;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Packs values for other processes. The shared objects whose handles are in a value stay alive until its receiver has
/// said that it has arrived, or the process that owns the pin is gone.
public final class Parcels {
    private Parcels() {}

    /// Serializes a value and pins what is in it.
    ///
    /// @param what  what it is to the user, for errors
    /// @param owner the slot with which the pin ends at the latest
    /// @throws IllegalArgumentException if it cannot be serialized, with the path to the culprit
    public static Parcel pack(@Nullable Object value, String what, int owner) {
        var shipment = new Shipment();
        byte[] bytes = Local.codec().write(value, what, shipment);
        var ids = shipment.ids();
        return new Parcel(bytes, ids.isEmpty() ? 0 : Node.self().root().pin(owner, ids));
    }

    /// Reads a value; handles in it are attached then.
    public static @Nullable Object unpack(byte[] bytes) throws IOException, ClassNotFoundException {
        return unpack(bytes, 0);
    }

    /// The same for one that begins at an index.
    public static @Nullable Object unpack(byte[] bytes, int from) throws IOException, ClassNotFoundException {
        return Local.codec().read(bytes, from);
    }

    /// The parcel that came with this process's role is unpacked: what it was attached to, and has not found there, it
    /// leaves.
    public static void leaveUnfound() {
        for (long id : Node.self().foretold()) {
            SharedBlock.leaveUnfound(id);
        }
    }

    /// A parcel that another process has packed for this one is here; it must be settled.
    public static void claim(long pin) {
        if (pin != 0) {
            Node.self().root().claim(pin);
        }
    }

    /// The parcel has arrived, or never will.
    public static void settle(long pin) {
        if (pin != 0) {
            Node.self().root().unpin(pin);
        }
    }
}
