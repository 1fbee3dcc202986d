package io.github.procession.conformance;

import io.github.procession.Pool;

/// The pool that runs everything where it is asked for.
class InlinePoolTest extends PoolContract {
    @Override
    protected Pool open(int workers) {
        return Pool.inline();
    }

    @Override
    protected Kind kind() {
        return Kind.INLINE;
    }
}
