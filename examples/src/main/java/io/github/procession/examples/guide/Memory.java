package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.WorkerCrashedException;
import java.lang.foreign.Arena;
import java.time.Duration;

/// Two limits of memory: one that the JVM keeps, and one that is kept from outside.
public final class Memory {
    private Memory() {}

    // tag::tasks[]
    static int onTheHeap() {
        return new byte[200 << 20].length;
    }

    static void besideTheHeap() throws InterruptedException {
        try (var arena = Arena.ofConfined()) {
            arena.allocate(300 << 20).fill((byte) 1); // as a native library does: maxHeap knows nothing of it
            Thread.sleep(Duration.ofMinutes(1));
        }
    }
    // end::tasks[]

    public static void main(String[] args) throws Exception {
        // tag::heap[]
        try (var pool = Pool.open(o -> o.workers(1).process(p -> p.maxHeap("64m")))) {
            pool.apply(Memory::onTheHeap);
        } catch (WorkerCrashedException e) {
            System.out.println(e.getMessage()); // its heap was exhausted
        }
        // end::heap[]

        // tag::limit[]
        var p = ChildProcess.of(Memory::besideTheHeap)
                .name("glutton")
                .options(o -> o.maxHeap("64m").memoryLimit("200m"))
                .start();
        p.join();
        System.out.println(p.exitStatus().orElseThrow()); // signal SIGKILL (exit code 137)
        // end::limit[]
    }
}
