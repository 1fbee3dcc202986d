package io.github.procession.internal.shared;

import java.util.concurrent.atomic.AtomicInteger;

/// Counts who is inside an object of this process, so that it can be closed: new ones are turned away, and the memory goes
/// when the last is out. So no thread ever touches unmapped memory, and nothing is left half taken by a living process.
final class Turnstile {
    private static final int CLOSED = 1 << 31;

    private final AtomicInteger inside = new AtomicInteger();
    private final Object out = new Object();

    boolean isOpen() {
        return inside.get() >= 0;
    }

    /// Goes in; [#leave()] must follow.
    ///
    /// @throws IllegalStateException if it is closed
    void enter() {
        if (inside.incrementAndGet() < 0) {
            leave();
            throw new IllegalStateException("This process has closed the shared object");
        }
    }

    void leave() {
        if (inside.decrementAndGet() == CLOSED) {
            synchronized (out) {
                out.notifyAll();
            }
        }
    }

    /// Lets nobody in any more.
    ///
    /// @return whether this call did it; then [#awaitEmpty()]
    boolean close() {
        return inside.getAndUpdate(n -> n | CLOSED) >= 0;
    }

    /// Waits until the last is out; an interrupt stays set.
    void awaitEmpty() {
        boolean interrupted = false;
        synchronized (out) {
            while (inside.get() != CLOSED) {
                try {
                    out.wait();
                } catch (InterruptedException e) {
                    interrupted = true; // who is inside does not wait for anything any more
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
