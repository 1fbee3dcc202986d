package io.github.procession;

import io.github.procession.internal.wire.Shipment;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectOutputStream;
import java.io.Serializable;

/// What travels instead of a shared object: its kind and number.
final class Handle implements Serializable {
    private static final long serialVersionUID = 1L;

    /// Which public type it stands for.
    enum Kind {
        INT,
        INT_ARRAY,
        QUEUE
    }

    private final Kind kind;
    private final long id;

    Handle(Kind kind, long id) {
        this.kind = kind;
        this.id = id;
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
        Shipment.load(id); // the object must live until the handle has arrived
        out.defaultWriteObject();
    }

    private Object readResolve() throws InvalidObjectException {
        try {
            return switch (kind) {
                case INT -> SharedInt.attach(id);
                case INT_ARRAY -> SharedIntArray.attach(id);
                case QUEUE -> SharedQueue.attach(id);
            };
        } catch (IllegalStateException e) {
            var failure = new InvalidObjectException(
                    "A handle of a shared " + kind + " cannot be used here: " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }
}
