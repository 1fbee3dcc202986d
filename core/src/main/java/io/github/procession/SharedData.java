package io.github.procession;

import io.github.procession.internal.shared.SharedBlock;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A handle of an object in shared memory that has no methods of its own but those on its data.
abstract sealed class SharedData implements AutoCloseable, Serializable
        permits SharedScalar, SharedArray, SharedRecord {
    /*
     * Each has a guard, a lock that travels with the data: 384 bytes at BlockLayout.GUARD, before the data. This is the
     * place for what it is reached by.
     */
    private static final long serialVersionUID = 1L;

    private final transient SharedBlock block;
    private final transient Handle.Kind kind;

    SharedData(SharedBlock block, Handle.Kind kind) {
        this.block = block;
        this.kind = kind;
    }

    /// The whole block.
    final MemorySegment memory() {
        return block.memory();
    }

    final boolean isOpen() {
        return block.isOpen();
    }

    /// Detaches this process: its further use here throws, others go on. Idempotent.
    @Override
    public void close() {
        block.close();
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof SharedData that && that.block.id() == block.id();
    }

    @Override
    public final int hashCode() {
        return Long.hashCode(block.id());
    }

    /// What travels with the number; null for nothing.
    @Nullable Serializable detail() {
        return null;
    }

    /// What travels instead.
    ///
    /// @return a handle
    final Object writeReplace() {
        return new Handle(kind, block.openId(), detail());
    }

    /// Refuses what is not a handle.
    ///
    /// @param in ignored
    /// @throws InvalidObjectException always
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a " + getClass().getSimpleName() + " travels as a handle");
    }
}
