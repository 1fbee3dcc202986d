package io.github.procession.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Runs the benchmarks of [io.github.procession.benchmarks.micro] by JMH: each in JVMs of its own, warmed up, one after the other.
public final class Micro {
    private static final String PACKAGE = Micro.class.getPackageName() + ".micro.";

    private Micro() {}

    /// Runs them.
    ///
    /// @param arguments `--only PATTERN`, `--forks N`, `--rounds N` of `--millis N` in each
    public static void main(String[] arguments) throws Exception {
        var options = Options.of(arguments, Map.of("--only", ".*", "--forks", "2", "--rounds", "5", "--millis", "300"));
        var round = TimeValue.milliseconds(options.number("--millis"));
        var choice = new OptionsBuilder()
                .include("\\Q" + PACKAGE + "\\E" + options.text("--only"))
                .forks(options.number("--forks"))
                .warmupIterations(options.number("--rounds"))
                .warmupTime(round)
                .measurementIterations(options.number("--rounds"))
                .measurementTime(round)
                .jvmArgsAppend("--enable-native-access=ALL-UNNAMED")
                .verbosity(VerboseMode.SILENT)
                .build();
        var all = new ArrayList<Series>();
        for (var result : new Runner(choice).run()) {
            all.add(series(result));
        }
        all.forEach(Series::summarize);
    }

    private static Series series(RunResult result) {
        var series = new Series(name(result.getParams()), "ns");
        result.getBenchmarkResults().stream()
                .flatMap(fork -> fork.getIterationResults().stream())
                .forEach(round -> series.add(round.getPrimaryResult().getScore()));
        return series;
    }

    private static String name(BenchmarkParams params) {
        var words = new ArrayList<>(
                List.of(params.getBenchmark().substring(PACKAGE.length()).split("\\.")));
        params.getParamsKeys().forEach(key -> words.add(params.getParam(key)));
        return String.join("-", words)
                .replaceAll("([a-z])([A-Z])", "$1-$2")
                .toLowerCase(Locale.ROOT)
                .replace('_', '-');
    }
}
