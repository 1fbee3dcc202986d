package io.github.procession.tools;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `procession doctor`: lets the [Doctor] look at this machine.
@Command(
        name = "doctor",
        header = "Says what this machine offers, and what to do about what it lacks.",
        description = {
            "",
            "Tries for real what Procession does: makes shared memory, sleeps on it and wakes, starts a child process,"
                    + " sends items through a queue. Looks at the JDK, the kernel and the limits as well.",
            "",
            "Each line says ok, warning (it works, but slower or with less) or problem (it does not work), what it is"
                    + " about, and what was found; below it, what to do.",
            "",
            "Exit code: 0 unless there is a problem, which makes it 1."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Examples:",
            "  procession doctor                       all of it",
            "  procession doctor | grep -v '^ok'       only what is not well"
        })
final class DoctorCommand implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
        return new Doctor(System.out).examine() ? 0 : 1;
    }
}
