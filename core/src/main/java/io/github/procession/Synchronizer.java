package io.github.procession;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.Primitive;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.sync.SyncBlock;
import org.jspecify.annotations.Nullable;

/// A handle of something that threads of any process wait at.
abstract sealed class Synchronizer extends SharedObject
        permits BaseLock, SharedBarrier, SharedCondition, SharedEvent, SharedLatch, SharedSemaphore {
    private static final long serialVersionUID = 1L;

    private final transient Primitive<?> primitive;

    <S> Synchronizer(
            SharedBlock block,
            Handle.Kind kind,
            SyncBlock layout,
            Primitive.Maker<S> maker,
            Primitive.@Nullable ClosingOf<S> closing) {
        super(block, kind);
        this.primitive = Primitive.in(block, layout, maker, closing);
    }

    static SharedBlock allocate(ObjectKind kind, SyncBlock layout) {
        return Primitive.create(kind, layout, 0);
    }

    final Primitive<?> primitive() {
        return primitive;
    }

    /// What it knows.
    ///
    /// @throws IllegalStateException if this process has closed it
    final <S> S state(Class<S> type) {
        return type.cast(primitive.state());
    }

    /// Detaches this process: its further use here throws, also in threads that wait; others go on. What this process holds
    /// of it is treated as after a death. Idempotent.
    @Override
    public final void close() {
        primitive.close();
    }
}
