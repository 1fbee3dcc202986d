package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.SharedInt;
import java.util.ArrayList;

/// A number that several processes change.
public final class Counting {
    private Counting() {}

    // tag::count[]
    static void count(SharedInt counter) {
        for (int i = 0; i < 1000; i++) counter.incrementAndGet();
    }

    public static void main(String[] args) throws Exception {
        try (var counter = SharedInt.of(0)) {
            var processes = new ArrayList<ChildProcess>();
            for (int i = 0; i < 3; i++)
                processes.add(ChildProcess.of(Counting::count, counter).start());
            for (var p : processes) p.join();
            System.out.println(counter.get());
        }
    }
    // end::count[]
}
