package io.github.procession.internal.os;

import java.lang.foreign.MemorySegment;

/// Sleeping in the kernel, by futex.
final class FutexSleeping extends Sleeping {
    @Override
    public void sleep(MemorySegment word, int expected, long nanos) {
        Os.wait(word.address(), expected, nanos);
    }

    @Override
    public void wake(MemorySegment word, int count) {
        Os.wake(word.address(), count);
    }

    @Override
    public Vigil vigil() {
        return new FutexVigil();
    }
}
