package io.github.procession.internal.wire;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was attached while one value is read. If the value cannot be rebuilt nobody will ever have its handles, so all of
/// it is undone.
public final class Arrivals {
    private static final ThreadLocal<@Nullable Arrivals> CURRENT = new ThreadLocal<>();

    private final List<Runnable> undo = new ArrayList<>();

    private Arrivals() {}

    /// Notes that the current thread has attached to a shared object because of a handle that it reads.
    public static void note(Runnable undo) {
        var arrivals = CURRENT.get();
        if (arrivals != null) {
            arrivals.undo.add(undo);
        }
    }

    /// Something that reads a value.
    @FunctionalInterface
    interface Reading {
        @Nullable Object read() throws IOException, ClassNotFoundException;
    }

    static @Nullable Object allOrNothing(Reading reading) throws IOException, ClassNotFoundException {
        var outer = CURRENT.get();
        var arrivals = new Arrivals();
        CURRENT.set(arrivals);
        boolean whole = false;
        try {
            var value = reading.read();
            whole = true;
            return value;
        } finally {
            CURRENT.set(outer);
            if (!whole) {
                arrivals.undo.forEach(Runnable::run);
            }
        }
    }
}
