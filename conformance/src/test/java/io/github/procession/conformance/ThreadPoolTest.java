package io.github.procession.conformance;

import io.github.procession.Pool;

/// The pool of threads.
class ThreadPoolTest extends PoolContract {
    @Override
    protected Pool open(int workers) {
        return Pool.threads(workers);
    }

    @Override
    protected Kind kind() {
        return Kind.THREADS;
    }
}
