package io.github.procession.examples;

import io.github.procession.ChildProcess;
import io.github.procession.SharedInt;
import io.github.procession.SharedIntArray;
import java.util.Arrays;

/// Memory that two processes share: a number and an array.
public final class Example4 {
    private Example4() {}

    // tag::program[]
    static void modify(SharedInt number, SharedIntArray array) {
        number.addAndGet(10);
        for (int i = 0; i < array.length(); i++) array.addAndGet(i, 1);
    }

    public static void main(String[] args) throws Exception {
        try (var number = SharedInt.of(5);
                var array = SharedIntArray.of(1, 2, 3)) {
            var p = ChildProcess.of(Example4::modify, number, array).start();
            p.join();
            System.out.println("Shared Value: " + number.get());
            System.out.println("Shared Array: " + Arrays.toString(array.toArray()));
        }
    }
    // end::program[]
}
