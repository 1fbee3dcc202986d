package io.github.procession;

import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.wire.Shipment;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What travels instead of a shared object: its kind, its number, and what the receiver needs to know besides.
final class Handle implements Serializable {
    private static final long serialVersionUID = 1L;

    /// Which public type it stands for.
    enum Kind {
        INT,
        LONG,
        DOUBLE,
        BOOLEAN,
        BYTE_ARRAY,
        INT_ARRAY,
        LONG_ARRAY,
        FLOAT_ARRAY,
        DOUBLE_ARRAY,
        RECORD,
        MEMORY,
        PACKED,
        QUEUE,
        LOCK,
        REENTRANT_LOCK,
        SEMAPHORE,
        CONDITION,
        EVENT,
        LATCH,
        BARRIER,
        CONNECTION
    }

    private final Kind kind;
    private final long id;

    @SuppressWarnings("serial") // nothing else is written
    private final @Nullable Object detail;

    Handle(Kind kind, long id) {
        this(kind, id, null);
    }

    /// @param detail what the receiver needs besides, or null
    Handle(Kind kind, long id, @Nullable Object detail) {
        this.kind = kind;
        this.id = id;
        this.detail = detail;
    }

    Kind kind() {
        return kind;
    }

    long id() {
        return id;
    }

    @Nullable Object detail() {
        return detail;
    }

    /// What must live as long as the object itself, which a handle does not keep alive.
    List<Long> others() {
        if (detail instanceof Connection.Queues(long sends, long receives)) {
            var others = new ArrayList<Long>(2);
            for (long queue : new long[] {sends, receives}) {
                if (queue != 0) {
                    others.add(queue);
                }
            }
            return others;
        }
        return List.of();
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
        Shipment.load(id); // the object must live until the handle has arrived
        others().forEach(Shipment::load);
        out.defaultWriteObject();
    }

    /// The object that it stands for.
    Object readResolve() throws InvalidObjectException {
        try {
            return switch (kind) {
                case INT -> SharedInt.attach(id);
                case LONG -> SharedLong.attach(id);
                case DOUBLE -> SharedDouble.attach(id);
                case BOOLEAN -> SharedBoolean.attach(id);
                case BYTE_ARRAY -> SharedByteArray.attach(id);
                case INT_ARRAY -> SharedIntArray.attach(id);
                case LONG_ARRAY -> SharedLongArray.attach(id);
                case FLOAT_ARRAY -> SharedFloatArray.attach(id);
                case DOUBLE_ARRAY -> SharedDoubleArray.attach(id);
                case RECORD -> SharedRecord.attach(id, type());
                case MEMORY -> SharedMemory.attach(id, String.valueOf(detail));
                case PACKED -> Shared.attach(id);
                case QUEUE -> SharedQueue.attach(id);
                case LOCK -> new SharedLock(SharedBlock.attach(id), (SerializableRunnable) detail);
                case REENTRANT_LOCK -> new SharedReentrantLock(SharedBlock.attach(id), (SerializableRunnable) detail);
                case SEMAPHORE -> new SharedSemaphore(SharedBlock.attach(id));
                case CONDITION ->
                    new SharedCondition(SharedBlock.attach(id), (BaseLock) Objects.requireNonNull(detail, "its lock"));
                case EVENT -> new SharedEvent(SharedBlock.attach(id));
                case LATCH -> new SharedLatch(SharedBlock.attach(id));
                case BARRIER -> new SharedBarrier(SharedBlock.attach(id), (SerializableRunnable) detail);
                case CONNECTION ->
                    Connection.attach(id, (Connection.Queues) Objects.requireNonNull(detail, "its queues"));
            };
        } catch (IllegalStateException e) {
            var failure = new InvalidObjectException(
                    "A handle of a shared " + kind + " cannot be used here: " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }

    private Class<? extends Record> type() throws InvalidObjectException {
        if (detail instanceof Class<?> type && type.isRecord()) {
            return type.asSubclass(Record.class);
        }
        throw new InvalidObjectException("a handle of a record without its class: " + detail);
    }
}
