package io.github.procession.tools;

import io.github.procession.Pool;
import io.github.procession.PoolOptions;
import io.github.procession.ProcessOptions;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `procession map`: checks what it is given and does it in a [MapRun].
@Command(
        name = "map",
        header = "Runs a static method over many inputs, in several processes.",
        description = {
            "",
            "Each INPUT is given to METHOD, which is static and takes one String or Path. Results are printed one per"
                    + " line, in the order of the inputs, as they come: an array with its elements, null as null, and"
                    + " for a void method nothing. What the method itself prints is passed on.",
            "",
            "An input fails if the method throws, if it takes longer than --timeout, or if its worker dies (a crash of"
                    + " native code, an end by System.exit, memory). Standard error says which and why, and the others"
                    + " go on.",
            "",
            "Exit code: 0 all inputs succeeded, 1 some failed, 2 the command line is not right, 141 whoever reads the"
                    + " results wants no more."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        parameterListHeading = "%nArguments:%n",
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Examples:",
            "  procession map java.nio.file.Files::size *.jar",
            "      the size of each file",
            "  find . -name '*.png' | procession map -cp app.jar com.example.Images::check --timeout 10s",
            "      one file name per line; an image that takes longer fails, alone",
            "  procession map -cp 'target/classes:lib/*' com.example.Pdf::render --jobs 4 --max-heap 1g \\",
            "          --retries 2 *.pdf >rendered.txt 2>failures.txt",
            "      four workers of 1 GiB each; what crashes its worker is tried three times in all",
            "  procession map java.lang.Integer::parseInt -- 12 -7",
            "      after -- an input may begin with a hyphen"
        })
final class MapCommand implements Callable<Integer> {
    /// What the JVM of a worker has to say goes to standard error.
    private static final String[] FOR_RESULTS_ONLY = {
        "-XX:+DisplayVMOutputToStderr", "-Xlog:disable", "-Xlog:all=warning:stderr"
    };

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "METHOD",
            description = "As in com.example.Words::count, of your classes or of the JDK. Optional arguments after the"
                    + " String or Path are left out, as for java.nio.file.Path::of.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String method;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "INPUT",
            description = "What to give it. None, or -, stands for the lines of standard input, of which only a few are"
                    + " read ahead.")
    private List<String> inputs = List.of();

    @Option(
            names = {"-cp", "--class-path"},
            paramLabel = "PATH",
            description = "Where your classes are: jar files and directories with a colon between them; 'lib/*' for all"
                    + " jar files in lib. By default the variable CLASSPATH, or the current directory.")
    private @Nullable String classPath;

    @Option(
            names = {"-j", "--jobs"},
            paramLabel = "N",
            description =
                    "How many worker processes; by default one for each processor, which is ${DEFAULT-VALUE} here.")
    private int jobs = Pool.defaultWorkers();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "The longest that one input may take, as in 500ms, 10s, 1.5m or 2h, from when a worker has"
                    + " begun with it. The method is then interrupted, and a second later its worker killed.")
    private @Nullable Duration timeout;

    @Option(
            names = "--retries",
            paramLabel = "N",
            description = "How often an input is tried again when its worker has died with it; by default not at all."
                    + " An exception or a timeout is final.")
    private int retries;

    @Option(
            names = "--max-heap",
            paramLabel = "SIZE",
            description = "The largest heap of each worker, as in 512m or 2g.")
    private @Nullable String maxHeap;

    @Override
    public Integer call() throws Exception {
        check(retries >= 0, "--retries %d: it must be at least 0".formatted(retries));
        try (var classes = userClasses()) {
            var reference = reference(classes);
            var all = new Inputs(inputs, System.in, Charset.forName(System.getProperty("stdin.encoding", "UTF-8")));
            long useful = Math.min(jobs, Math.max(1, all.total().orElse(jobs)));
            var options = checked(useful, classes);
            try (var progress = Progress.of(all.total())) {
                return new MapRun(new MapRun.Settings(reference, options, timeout, retries), all, progress).run();
            }
        }
    }

    private UserClasses userClasses() {
        try {
            var classes = UserClasses.on(classPath);
            classes.firstMissing().ifPresent(entry -> {
                throw new IllegalArgumentException(entry + ": there is no such file or directory");
            });
            return classes;
        } catch (IllegalArgumentException e) {
            throw wrong("--class-path " + e.getMessage());
        }
    }

    private MethodReference reference(UserClasses classes) {
        try {
            return MethodReference.find(method, classes);
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    /// The options of the pool, none of which it will refuse.
    private UnaryOperator<PoolOptions> checked(long useful, UserClasses classes) {
        check(
                jobs >= 1 && jobs <= Main.MOST_WORKERS,
                "--jobs %d: it must be between 1 and %d".formatted(jobs, Main.MOST_WORKERS));
        return options -> options.workers((int) useful)
                .process(process ->
                        withHeap(process).classPath(classes.entries()).jvmArgs(FOR_RESULTS_ONLY));
    }

    private ProcessOptions withHeap(ProcessOptions process) {
        try {
            return maxHeap == null ? process : process.maxHeap(maxHeap);
        } catch (IllegalArgumentException e) {
            throw wrong("--max-heap %s: it must be a size as in 512m or 2g, 2m at least".formatted(maxHeap));
        }
    }

    private void check(boolean right, String message) {
        if (!right) {
            throw wrong(message);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
