package io.github.procession;

import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.wire.Shipment;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What travels instead of a shared object: its kind and number.
final class Handle implements Serializable {
    private static final long serialVersionUID = 1L;

    /// Which public type it stands for.
    enum Kind {
        INT,
        INT_ARRAY,
        QUEUE,
        LOCK,
        REENTRANT_LOCK,
        SEMAPHORE,
        CONDITION,
        EVENT,
        LATCH,
        BARRIER
    }

    private final Kind kind;
    private final long id;
    private final @Nullable Serializable companion;

    Handle(Kind kind, long id) {
        this(kind, id, null);
    }

    /// @param companion what goes wherever the handle goes: a repair, an action, a lock
    Handle(Kind kind, long id, @Nullable Serializable companion) {
        this.kind = kind;
        this.id = id;
        this.companion = companion;
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
                case LOCK -> new SharedLock(SharedBlock.attach(id), (SerializableRunnable) companion);
                case REENTRANT_LOCK ->
                    new SharedReentrantLock(SharedBlock.attach(id), (SerializableRunnable) companion);
                case SEMAPHORE -> new SharedSemaphore(SharedBlock.attach(id));
                case CONDITION ->
                    new SharedCondition(
                            SharedBlock.attach(id), (BaseLock) Objects.requireNonNull(companion, "its lock"));
                case EVENT -> new SharedEvent(SharedBlock.attach(id));
                case LATCH -> new SharedLatch(SharedBlock.attach(id));
                case BARRIER -> new SharedBarrier(SharedBlock.attach(id), (SerializableRunnable) companion);
            };
        } catch (IllegalStateException e) {
            var failure = new InvalidObjectException(
                    "A handle of a shared " + kind + " cannot be used here: " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }
}
