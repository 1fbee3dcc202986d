package io.github.procession.examples;

import io.github.procession.ChildProcess;
import java.util.ArrayList;
import java.util.List;

/// Many processes, started in a loop, each with an argument of its own.
public final class Example2 {
    private Example2() {}

    // tag::program[]
    static void square(int n) throws InterruptedException {
        System.out.printf("Square of %d = %d%n", n, n * n);
        Thread.sleep(2000);
    }

    public static void main(String[] args) throws Exception {
        var processes = new ArrayList<ChildProcess>();
        for (int n : List.of(1, 2, 3, 4, 5))
            processes.add(ChildProcess.of(Example2::square, n).start());
        for (var p : processes) p.join();
        System.out.println("All tasks done!");
    }
    // end::program[]
}
