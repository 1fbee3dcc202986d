package io.github.procession.examples.guide;

import io.github.procession.Attempt;
import io.github.procession.Pool;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The ways to ask a pool.
public final class Pools {
    private Pools() {}

    // tag::function[]
    static int parse(String text) {
        return Integer.parseInt(text);
    }
    // end::function[]

    public static void main(String[] args) throws Exception {
        try (var pool = Pool.open(2)) {
            // tag::all[]
            System.out.println(pool.map(List.of("1", "2", "3"), Pools::parse)); // [1, 2, 3]
            System.out.println(pool.starmap(Map.of("a", 3).entrySet(), (s, n) -> s.repeat(n))); // [aaa]
            var later = pool.mapAsync(List.of("4", "5"), Pools::parse);
            System.out.println(later.get()); // [4, 5]
            // end::all[]
            // tag::lazy[]
            Iterable<Integer> endless = () -> Stream.iterate(1, n -> n + 1).iterator();
            try (var squares = pool.imap(endless, n -> n * n)) {
                System.out.println(squares.limit(4).toList()); // [1, 4, 9, 16]
            }
            // end::lazy[]
            // tag::gather[]
            var first = Stream.iterate(1, n -> n + 1)
                    .gather(pool.mapping((Integer n) -> n * n))
                    .filter(n -> n > 50)
                    .findFirst();
            System.out.println(first.orElseThrow()); // 64
            // end::gather[]
            // tag::attempt[]
            try (var attempts = pool.attempt(List.of("6", "six", "7"), Pools::parse)) {
                attempts.forEach(attempt -> {
                    switch (attempt) {
                        case Attempt.Success(var text, var number) -> System.out.println(text + " is " + number);
                        case Attempt.Failure(var text, var cause) ->
                            System.out.println(text + ": " + cause.getMessage());
                    }
                });
            }
            // end::attempt[]
        }
    }
}
