package io.github.procession;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.SharedBlock;

/// A single value of at most eight bytes, alone on its line of memory.
abstract sealed class SharedScalar extends SharedData permits SharedInt, SharedLong, SharedDouble, SharedBoolean {
    private static final long serialVersionUID = 1L;

    /// Where the value is.
    static final long AT = BlockLayout.VALUES;

    SharedScalar(SharedBlock block, Handle.Kind kind) {
        super(block, kind);
    }

    static SharedBlock allocate() {
        return SharedBlock.create(ObjectKind.VALUES, AT - BlockLayout.HEADER + Long.BYTES);
    }

    /// The value as text.
    abstract String text();

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[" + (isOpen() ? text() : "closed") + "]";
    }
}
