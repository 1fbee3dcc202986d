package io.github.procession.tools;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// `procession`: the command line of this project.
@Command(
        name = "procession",
        description = "Multiprocessing for Java: processes, pools, queues and shared memory.",
        subcommands = {DemoCommand.class, MapCommand.class, DoctorCommand.class, StormCommand.class, BenchCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "What a command does and takes: procession COMMAND --help"})
public final class Main implements Runnable {
    /// The most workers that a pool can have.
    static final int MOST_WORKERS = 2048;

    private static final int COLUMNS = 100;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /// What reads a command line and does what it says.
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setUsageHelpWidth(COLUMNS)
                .setExpandAtFiles(false) // an input may begin with @
                .setParameterExceptionHandler((e, wrong) -> complain(e))
                .setExecutionExceptionHandler((e, commandLine, parsed) -> explain(e, commandLine));
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "Missing command: one of "
                        + String.join(", ", spec.subcommands().keySet()));
    }

    private static int complain(ParameterException e) {
        var commandLine = e.getCommandLine();
        var err = commandLine.getErr();
        var name = commandLine.getCommandSpec().qualifiedName();
        err.println(name + ": " + e.getMessage());
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("What it takes: " + name + " --help");
        return CommandLine.ExitCode.USAGE;
    }

    private static int explain(Exception e, CommandLine commandLine) {
        PrintWriter err = commandLine.getErr();
        err.print(commandLine.getCommandSpec().qualifiedName() + " failed: ");
        e.printStackTrace(err);
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            return new String[] {"Procession %s on Java %s (%s)".formatted(number(), Runtime.version(), javaHome())};
        }

        static String number() throws IOException {
            try (var in = Main.class.getResourceAsStream("version.properties")) {
                var properties = new Properties();
                properties.load(in);
                return properties.getProperty("version", "of an unknown version");
            }
        }

        private static String javaHome() {
            return System.getProperty("java.home");
        }
    }
}
