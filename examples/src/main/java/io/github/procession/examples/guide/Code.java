package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.function.SerializableFunction;
import java.util.List;

/// What goes along with a function into another process, and what does not.
public final class Code {
    private Code() {}

    private final int factor = 3;

    // tag::count[]
    static int count = 0;

    static int countUp(int n) {
        return count += n;
    }
    // end::count[]

    int times(int n) {
        return n * factor;
    }

    public static void main(String[] args) throws Exception {
        new Code().captures();
        lambdas();
        statics();
    }

    private void captures() throws InterruptedException {
        // tag::this[]
        try (var pool = Pool.open(1)) {
            pool.map(List.of(1, 2), this::times); // takes this along
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        // end::this[]
    }

    private static void lambdas() throws InterruptedException {
        // tag::lambda[]
        Runnable plain = () -> System.out.println("Hello");
        try {
            ChildProcess.of(() -> plain.run()).start();
        } catch (IllegalArgumentException e) {
            System.out.println("Refused: a lambda can be sent if its type is Serializable.");
        }
        SerializableFunction<Integer, Integer> twice = n -> 2 * n;
        System.out.println(ChildProcess.call(() -> twice.apply(21))); // 42
        // end::lambda[]
    }

    private static void statics() throws InterruptedException {
        // tag::statics[]
        try (var pool = Pool.open(1)) {
            System.out.println(pool.map(List.of(1, 2, 3), Code::countUp)); // [1, 3, 6]: the worker counts
            System.out.println(count); // 0: this process does not
        }
        // end::statics[]
    }
}
