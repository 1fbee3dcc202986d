package io.github.procession.stress;

import java.time.Duration;
import java.util.Random;

/// What the killer does, decided by a seed alone.
final class Plan {
    private static final int SHORTEST = 500;
    private static final int LONGEST = 3500;
    private static final int LONGEST_STOP = 3000;

    /// The ways to strike.
    enum Blow {
        SIGKILL(9),
        SIGSTOP(19),
        SIGTERM(15),
        SIGSEGV(11);

        private final int number;

        Blow(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /// One strike.
    ///
    /// @param after  how long after the one before
    /// @param blow   how
    /// @param victim which of the living, as a part of 1
    /// @param stop   how long it is stopped, if it is
    record Strike(Duration after, Blow blow, double victim, Duration stop) {}

    private final Random random;

    Plan(long seed) {
        random = new Random(seed);
    }

    Strike next() {
        int way = random.nextInt(10);
        return new Strike(
                Duration.ofMillis(random.nextInt(SHORTEST, LONGEST)),
                way < 5 ? Blow.SIGKILL : way < 8 ? Blow.SIGSTOP : way < 9 ? Blow.SIGTERM : Blow.SIGSEGV,
                random.nextDouble(),
                Duration.ofMillis(random.nextInt(LONGEST_STOP)));
    }
}
