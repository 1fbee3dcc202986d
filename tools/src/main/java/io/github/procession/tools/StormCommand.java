package io.github.procession.tools;

import io.github.procession.stress.Storm;
import io.github.procession.stress.Succession;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `procession storm`: checks what it is given and lets a [Storm] rage, and then a [Succession].
@Command(
        name = "storm",
        header = "Tests everything at once, while processes are killed.",
        description = {
            "",
            "A tree of processes uses queues, locks, semaphores, conditions, barriers, records, arrays, named memory and"
                    + " pools, while members of it are killed, stopped and replaced. A ledger outside of all that checks"
                    + " that nothing is lost, doubled, torn or stuck.",
            "In the last quarter of the time, trees lose their root, one after the other, and nothing may be left of them.",
            "",
            "The exit code is 0 only if nothing was wrong. The same seed makes the same plan."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        optionListHeading = "%nOptions:%n")
final class StormCommand implements Callable<Integer> {
    private static final int MOST_MINUTES = 24 * 60;
    private static final int PART_FOR_ROOTS = 4;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--minutes", paramLabel = "N", description = "How long; by default ${DEFAULT-VALUE}.")
    private double minutes = 2;

    @Option(names = "--seed", paramLabel = "S", description = "What decides the plan; by default the time of day.")
    private @Nullable Long seed;

    @Option(
            names = "--bound",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "How long an activity or a member may stand still while nobody is stopped; by default 60s.")
    private Duration bound = Duration.ofSeconds(60);

    @Override
    public Integer call() throws Exception {
        if (!(minutes > 0 && minutes <= MOST_MINUTES)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--minutes %s: it must be more than 0 and at most %d".formatted(minutes, MOST_MINUTES));
        }
        long chosen = seed != null ? seed : System.currentTimeMillis();
        System.out.println("storm: seed " + chosen);
        var time = Duration.ofMillis(Math.round(minutes * 60_000));
        var forRoots = time.dividedBy(PART_FOR_ROOTS);
        boolean right = new Storm(System.out, time.minus(forRoots), chosen, bound).rage()
                && new Succession(System.out, forRoots, chosen, bound).rage();
        return right ? 0 : 1;
    }
}
