package io.github.procession.internal.os;

import java.util.List;

/// The outlets that one thread reads, with a doorbell by which the others call it away.
///
/// [#await()] belongs to one thread; everything else may be called by any.
public abstract sealed class Outlets permits PipeOutlets, StreamOutlets {
    Outlets() {}

    /// An empty set.
    public static Outlets make() {
        return Basis.isPortable() ? new StreamOutlets() : new PipeOutlets();
    }

    /// Watches an outlet from now on, or does nothing when it is watched already.
    public abstract void add(Outlet outlet);

    /// Watches an outlet no longer. To be called before it is closed.
    public abstract void remove(Outlet outlet);

    /// Makes the present or else the next [#await()] return.
    public abstract void ring();

    /// Waits until something has come out somewhere, until someone rings, or until the JVM ends.
    ///
    /// @return the outlets that have something to read, or are at their ends
    public abstract List<Outlet> await();

    /// Whether the JVM does not end.
    public abstract boolean isOpen();
}
