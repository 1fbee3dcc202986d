package io.github.procession;

import io.github.procession.internal.shared.SharedBlock;

/// Data in shared memory that can be changed: values, arrays and records.
abstract sealed class SharedData extends SharedObject permits SharedScalar, SharedArray, SharedRecord {
    /*
     * Each has a guard, a lock that travels with the data: 384 bytes at BlockLayout.GUARD, before the data. This is the
     * place for what it is reached by.
     */
    private static final long serialVersionUID = 1L;

    SharedData(SharedBlock block, Handle.Kind kind) {
        super(block, kind);
    }
}
