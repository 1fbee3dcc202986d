package io.github.procession.examples.guide;

import io.github.procession.Pool;
import java.util.List;
import java.util.stream.IntStream;

/// A loop over all processors.
public final class Primes {
    private Primes() {}

    static long countFrom(int start) {
        return IntStream.range(start, start + 100_000).filter(Primes::isPrime).count();
    }

    private static boolean isPrime(int n) {
        return n > 1 && IntStream.rangeClosed(2, (int) Math.sqrt(n)).noneMatch(divisor -> n % divisor == 0);
    }

    public static void main(String[] args) throws Exception {
        // tag::pool[]
        List<Integer> starts = List.of(0, 100_000, 200_000, 300_000);
        try (var pool = Pool.open()) {
            var counts = pool.map(starts, Primes::countFrom); // <-- was: starts.stream().map(...).toList()
            System.out.println(counts);
        }
        // end::pool[]
    }
}
