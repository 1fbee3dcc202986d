package io.github.procession.internal.ring;

import java.util.SplittableRandom;

/// What the tests of this room share.
final class RingTests {

    private RingTests() {}

    /// A generator whose seed is printed, and can be given with `-Dprocession.seed`.
    static SplittableRandom seeded() {
        long seed = Long.getLong("procession.seed", System.nanoTime());
        System.out.println("seed " + seed);
        return new SplittableRandom(seed);
    }
}
