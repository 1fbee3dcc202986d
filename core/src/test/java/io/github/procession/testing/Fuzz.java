package io.github.procession.testing;

import java.util.Random;
import java.util.SplittableRandom;

/// What a test with random input takes its numbers from, and how often it does. The seed is always the same, unless
/// `-Dfuzz.seed=N` says otherwise; `-Dfuzz.times=N` makes it N times as many rounds. Both are printed.
public final class Fuzz {
    private static final long SEED = Long.getLong("fuzz.seed", 20_261_123L);
    private static final int TIMES = Integer.getInteger("fuzz.times", 1);

    private final String test;
    private final int rounds;
    private final Random random = Random.from(new SplittableRandom(SEED));
    private int round;

    private Fuzz(String test, int rounds) {
        this.test = test;
        this.rounds = rounds;
        System.out.println(this);
    }

    /// @param test   its name
    /// @param rounds how many there are if nobody asks for more
    public static Fuzz of(String test, int rounds) {
        return new Fuzz(test, Math.multiplyExact(rounds, TIMES));
    }

    /// Whether there is another round, which begins.
    public boolean next() {
        return round++ < rounds;
    }

    /// The generator.
    public Random random() {
        return random;
    }

    /// One of some.
    @SafeVarargs
    public final <T> T any(T... some) {
        return some[random.nextInt(some.length)];
    }

    /// For an error.
    @Override
    public String toString() {
        return "%s: seed %d, round %d of %d".formatted(test, SEED, round, rounds);
    }
}
