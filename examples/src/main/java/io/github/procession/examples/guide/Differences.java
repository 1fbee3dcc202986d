package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import java.util.List;

/// What may surprise who comes from Python, or from threads.
public final class Differences {
    private final int factor = 3;

    private Differences() {}

    public static void main(String[] args) throws Exception {
        statics();
        new Differences().captures();
    }

    // tag::statics[]
    static String mode = "as the class says";

    private static void statics() throws InterruptedException {
        mode = "as the parent says";
        ChildProcess.of(() -> System.out.println(mode)).start().join(); // as the class says
        String chosen = mode;
        ChildProcess.of(() -> System.out.println(chosen)).start().join(); // as the parent says
    }
    // end::statics[]

    private void captures() throws InterruptedException {
        // tag::captures[]
        try (var pool = Pool.open(1)) {
            try {
                pool.map(List.of(1, 2), n -> n * factor); // means this.factor: the lambda takes all of this along
            } catch (IllegalArgumentException e) {
                System.out.println("Refused: " + e.getMessage());
            }
            int factor = this.factor;
            System.out.println(pool.map(List.of(1, 2), n -> n * factor)); // takes a number along
        }
        // end::captures[]
    }
}
