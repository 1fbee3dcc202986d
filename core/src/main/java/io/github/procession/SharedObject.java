package io.github.procession;

import io.github.procession.internal.shared.SharedBlock;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A handle of an object in shared memory.
abstract sealed class SharedObject implements AutoCloseable, Serializable
        permits SharedData, SharedMemory, Shared, Synchronizer {
    private static final long serialVersionUID = 1L;

    private final transient SharedBlock block;
    private final transient MemorySegment memory;
    private final transient Handle.Kind kind;

    SharedObject(SharedBlock block, Handle.Kind kind) {
        this.block = block;
        this.memory = block.memory();
        this.kind = kind;
    }

    /// The whole block; every access to it throws once this process has detached. Held here, since every access asks for it.
    final MemorySegment memory() {
        return memory;
    }

    /// The same for more than an access.
    ///
    /// @throws IllegalStateException if this process has closed it
    final MemorySegment openMemory() {
        return block.memory();
    }

    final SharedBlock block() {
        return block;
    }

    final long id() {
        return block.id();
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
        return other instanceof SharedObject that && that.block.id() == block.id();
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
    final Handle handle() {
        return new Handle(kind, block.openId(), detail());
    }

    /// What travels instead where Java's serialization writes.
    ///
    /// @return a handle
    final Object writeReplace() {
        return handle();
    }

    /// Refuses what is not a handle.
    ///
    /// @param in ignored
    /// @throws InvalidObjectException always
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a " + getClass().getSimpleName() + " travels as a handle");
    }
}
