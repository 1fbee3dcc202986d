package io.github.procession.examples.guide;

import io.github.procession.Pool;
import io.github.procession.WorkerCrashedException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Code that may take its process with it.
public final class Crashing {
    private Crashing() {}

    static int faultyLibrary() {
        return MemorySegment.NULL.reinterpret(Integer.BYTES).get(ValueLayout.JAVA_INT, 0);
    }

    public static void main(String[] args) throws Exception {
        // tag::crash[]
        try (var pool = Pool.open(2)) {
            try {
                pool.apply(Crashing::faultyLibrary); // reads from address 0
            } catch (WorkerCrashedException e) {
                System.out.println(e.getMessage()); // who died, doing what, the usual causes, the JVM's own report
            }
            System.out.println(pool.apply(() -> "The pool goes on."));
        }
        // end::crash[]
    }
}
