package io.github.procession.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `procession bench`: lets the [Bench] measure, and compares with what a file says.
@Command(
        name = "bench",
        header = "Measures the main figures beside their peers, in less than two minutes.",
        description = {
            "",
            "Each figure is measured in turn with those of its peers: CPython's multiprocessing, if there is a python3, and a"
                    + " pool of threads of this JVM. What is not there is left out, and that is said. Compare ratios, not"
                    + " runs: machines are noisy.",
            "",
            "Exit code: 0, but 1 if --check finds a gross loss."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Examples:",
            "  procession bench                                    for a look",
            "  procession bench --record ratios.properties         for later",
            "  procession bench --check ratios.properties          and now?"
        })
final class BenchCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--check",
            paramLabel = "FILE",
            description =
                    "Fail if a ratio is worse than the one in this file by a factor of three or more, three times in a"
                            + " row. What only one of both has is not compared.")
    private @Nullable Path check;

    @Option(names = "--record", paramLabel = "FILE", description = "Write the ratios into this file.")
    private @Nullable Path record;

    @Option(
            names = "--python",
            paramLabel = "COMMAND",
            defaultValue = "python3",
            description = "The Python to compare with; by default ${DEFAULT-VALUE}.")
    private String python = "python3";

    @Option(
            names = "--quick",
            description =
                    "One small round without a warm-up, in some seconds: to see that it works. Its ratios mean nothing.")
    private boolean quick;

    @Override
    public Integer call() throws Exception {
        if (record != null && quick) {
            throw wrong("--record with --quick: ratios that mean nothing are not worth keeping; leave --quick out");
        }
        var recorded = check == null ? new Ratios(Map.of()) : read(check);
        var target = record;
        if (target != null && !canBeWritten(target)) {
            throw wrong("--record %s: this file cannot be written".formatted(target));
        }
        var bench = new Bench(System.out, quick, python);
        var found = bench.run(recorded);
        if (target != null) {
            Ratios.of(found).write(target, bench.machine());
            System.out.printf("The ratios are in %s.%n", target);
        }
        return check == null || judge(recorded, found) ? 0 : 1;
    }

    private static boolean canBeWritten(Path file) {
        var folder = file.toAbsolutePath().getParent();
        return Files.exists(file)
                ? Files.isRegularFile(file) && Files.isWritable(file)
                : folder != null && Files.isDirectory(folder) && Files.isWritable(folder);
    }

    private Ratios read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw wrong("--check %s: there is no such file; procession bench --record makes one".formatted(file));
        }
        try {
            return Ratios.read(file);
        } catch (IllegalArgumentException e) {
            throw wrong("--check %s: %s".formatted(file, e.getMessage()));
        } catch (IOException e) {
            throw wrong("--check %s: it cannot be read: %s".formatted(file, e.getMessage()));
        }
    }

    private boolean judge(Ratios recorded, List<Comparison> found) {
        System.out.println();
        recorded.missing(found).forEach(name -> System.out.println(name + " is in the file, and was not measured"));
        var lost = found.stream().filter(recorded::hasLost).toList();
        for (var comparison : lost) {
            System.out.printf(
                    Locale.ROOT,
                    "%s has lost: %s at best, and %s in the file%n",
                    comparison.name(),
                    Comparison.three(comparison.most()),
                    Comparison.three(recorded.values().getOrDefault(comparison.name(), Double.NaN)));
        }
        System.out.println(
                lost.isEmpty()
                        ? "Nothing has lost a factor of three or more against " + check + "."
                        : "Compare with an earlier version on this machine: something has become slow.");
        return lost.isEmpty();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
