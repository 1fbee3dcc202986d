package io.github.procession.tools;

import io.github.procession.Pool;
import io.github.procession.examples.sources.Corpus;
import io.github.procession.examples.sources.SourceJob;
import io.github.procession.examples.sources.SourceZip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `procession demo`: checks what it is given and shows [Demo].
@Command(
        name = "demo",
        header = "Shows what Procession does, in less than a minute.",
        description = {
            "",
            "Four small programs; then a real job, first in this process, then in a pool: parse every Java source"
                    + " of this JDK and count what is there; the same once more, while a worker crashes; and a task"
                    + " that never ends.",
            "",
            "The exit code is 0 only if all went as it should and every way of doing the job had the same result."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Examples:",
            "  procession demo                     all files, a worker for each processor",
            "  procession demo --limit-files 300   a quick look",
            "  procession demo --source my.zip     other Java sources"
        })
final class DemoCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description =
                    "How many worker processes; by default one for each processor, which is ${DEFAULT-VALUE} here.")
    private int workers = Pool.defaultWorkers();

    @Option(names = "--limit-files", paramLabel = "N", description = "Work on the first N files only.")
    private int files = Integer.MAX_VALUE;

    @Option(
            names = "--source",
            paramLabel = "ZIP",
            description =
                    "A zip file of Java sources; by default lib/src.zip of this JDK, or its classes if it has none.")
    private @Nullable Path source;

    @Override
    public Integer call() throws Exception {
        check(
                workers >= 1 && workers <= Main.MOST_WORKERS,
                "--workers %d: it must be between 1 and %d".formatted(workers, Main.MOST_WORKERS));
        check(files >= 1, "--limit-files %d: it must be at least 1".formatted(files));
        return new Demo(System.out, workers, job(source)).show() ? 0 : 1;
    }

    private SourceJob job(@Nullable Path zip) throws IOException {
        if (zip == null) {
            return SourceJob.of(Corpus.ofThisJdk(), files);
        }
        check(Files.isRegularFile(zip), "--source %s: there is no such file".formatted(zip));
        try {
            var job = SourceJob.of(new SourceZip(zip.toAbsolutePath().toString()), files);
            check(job.files() > 0, "--source %s: there is no .java file in it".formatted(zip));
            return job;
        } catch (IOException e) {
            throw wrong("--source %s: cannot be read as a zip file: %s".formatted(zip, e.getMessage()));
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
