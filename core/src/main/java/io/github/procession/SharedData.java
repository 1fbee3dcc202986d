package io.github.procession;

import io.github.procession.internal.shared.Primitive;
import io.github.procession.internal.shared.SharedBlock;

/// Data in shared memory that can be changed: values, arrays and records.
abstract sealed class SharedData extends SharedObject permits SharedScalar, SharedArray, SharedRecord {
    private static final long serialVersionUID = 1L;

    SharedData(SharedBlock block, Handle.Kind kind) {
        super(block, kind);
    }

    /// The lock that travels with the data: whoever has a handle of them has it too. It is one lock for all processes, and
    /// independent of the data's own atomic methods. To close it is to close the data.
    ///
    /// @return a handle of it
    /// @throws IllegalStateException if this process has closed the data
    public final SharedLock guard() {
        openMemory();
        return new SharedLock(block(), null);
    }

    /// Detaches this process: its further use here throws, others go on. Idempotent.
    @Override
    public void close() {
        Primitive.close(block());
    }
}
