package io.github.procession.stress;

import java.nio.file.Path;
import java.time.Duration;

/// A storm in a JVM of its own, whose root is killed from outside.
final class Reign {
    private static final Duration LONG = Duration.ofDays(1);

    private Reign() {}

    /// @param arguments the ledger's folder, the seed, and how many seconds an activity may stand still
    public static void main(String[] arguments) throws Exception {
        var bound = Duration.ofSeconds(Long.parseLong(arguments[2]));
        boolean right = new Storm(System.out, LONG, Long.parseLong(arguments[1]), bound).rage(Path.of(arguments[0]));
        System.exit(right ? 0 : 1);
    }
}
