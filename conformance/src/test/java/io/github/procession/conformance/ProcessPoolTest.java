package io.github.procession.conformance;

import io.github.procession.Pool;

/// The pool of processes.
class ProcessPoolTest extends PoolContract {
    @Override
    protected Pool open(int workers) {
        return Pool.open(workers);
    }

    @Override
    protected Kind kind() {
        return Kind.PROCESSES;
    }
}
