package io.github.procession.testing;

import static java.util.stream.Collectors.partitioningBy;
import static java.util.stream.Collectors.toSet;

import io.github.procession.internal.os.Basis;
import io.github.procession.internal.os.TreeDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a test could leave behind, as it is at one moment.
///
/// @param processes   the live processes below this one, and those that lost their parent
/// @param files       shared-memory files, our temporary files, crash reports
/// @param strangers   such files of processes that are none of ours
/// @param descriptors what this process's descriptors of our kinds point to
/// @param objects     what the probes name
record Surroundings(
        Set<ProcessHandle> processes,
        Set<Path> files,
        Set<Path> strangers,
        List<String> descriptors,
        List<String> objects) {
    /*
     * A process whose parent died belongs to init and is no descendant of ours any more. It still has the environment
     * that the build gave to this JVM alone, and is known by that.
     *
     * Others work on the same machine. A file that bears the number of a live process which is not ours is theirs, and
     * stays theirs if they leave it behind. This process keeps the directory of its own tree to its end.
     */
    private static final @Nullable String MARK = System.getenv("PROCESSION_TEST_RUN");

    private static final int DESCRIPTORS_ALLOWED = 8;
    private static final Pattern OUR_DESCRIPTORS = Pattern.compile(".*(memfd:|pipe:|pidfd|eventfd|socket:).*");
    private static final Pattern OUR_FILES = Pattern.compile(".*(procession|hs_err).*");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    static Surroundings now() {
        if (Basis.isPortable()) {
            TreeDirectory.sweep(); // what is promised of the directory of a killed root: the next one removes it
        }
        var processes = family();
        var files = Stream.of(
                        entries(Path.of("/dev/shm")).filter(Surroundings::isOurs),
                        entries(Path.of(System.getProperty("java.io.tmpdir"))).filter(Surroundings::isOurs),
                        entries(Path.of("").toAbsolutePath())
                                .filter(file -> name(file).startsWith("hs_err")))
                .flatMap(found -> found)
                .collect(partitioningBy(file -> isSomebodyElses(file, processes), toSet()));
        var objects = new ArrayList<String>();
        ServiceLoader.load(LeftoverProbe.class).forEach(probe -> objects.addAll(probe.get()));
        return new Surroundings(
                processes,
                Objects.requireNonNull(files.get(false)),
                Objects.requireNonNull(files.get(true)),
                descriptorsNow(),
                objects);
    }

    /// The processes that are here and were not before.
    List<ProcessHandle> processesSince(Surroundings before) {
        return processes.stream()
                .filter(process -> !before.processes.contains(process) && process.isAlive())
                .toList();
    }

    /// What is here and was not before, in a line each. Descriptors are compared with an earlier moment, since what a
    /// program makes once and keeps is no leak.
    List<String> since(Surroundings before, Surroundings longBefore) {
        var left = new ArrayList<String>();
        processesSince(before).forEach(process -> left.add("process " + describe(process)));
        minus(files, union(before.files, before.strangers)).forEach(file -> left.add("file " + file));
        left.addAll(minus(objects, before.objects));
        int more = descriptors.size() - longBefore.descriptors.size();
        if (more > DESCRIPTORS_ALLOWED) {
            left.add("%d more descriptors than before the class, new are %s"
                    .formatted(more, minus(descriptors, longBefore.descriptors)));
        }
        return left;
    }

    /// These surroundings and all that came up between two later moments: what a test was already blamed for.
    Surroundings andWhatCame(Surroundings from, Surroundings to) {
        return new Surroundings(
                union(processes, minus(to.processes, from.processes)),
                union(files, minus(to.files, from.files)),
                union(strangers, to.strangers),
                to.descriptors,
                Stream.concat(objects.stream(), minus(to.objects, from.objects).stream())
                        .toList());
    }

    private static Set<ProcessHandle> family() {
        var self = ProcessHandle.current();
        var orphans = ProcessHandle.allProcesses().filter(process -> isMarked(process) && !process.equals(self));
        return Stream.concat(self.descendants(), orphans)
                .filter(ProcessHandle::isAlive)
                .collect(toSet());
    }

    private static boolean isMarked(ProcessHandle process) {
        if (MARK == null) {
            return false;
        }
        try {
            var environment =
                    Files.readString(Path.of("/proc/" + process.pid() + "/environ"), StandardCharsets.ISO_8859_1);
            return environment.contains("PROCESSION_TEST_RUN=" + MARK + "\0");
        } catch (IOException e) {
            return false; // another user's, or gone
        }
    }

    private static String describe(ProcessHandle process) {
        var info = process.info();
        return process.pid() + ": " + info.commandLine().or(info::command).orElse("command unknown");
    }

    private static boolean isOurs(Path file) {
        return OUR_FILES.matcher(name(file)).matches()
                && !name(file)
                        .startsWith("procession-" + ProcessHandle.current().pid() + "-");
    }

    private static boolean isSomebodyElses(Path file, Set<ProcessHandle> ours) {
        return NUMBER.matcher(name(file))
                .results()
                .map(number -> number.group())
                .filter(number -> number.length() < 10)
                .flatMap(number -> ProcessHandle.of(Long.parseLong(number)).stream())
                .anyMatch(owner -> !ours.contains(owner) && !owner.equals(ProcessHandle.current()));
    }

    private static List<String> descriptorsNow() {
        var found = new ArrayList<String>();
        entries(Path.of("/proc/self/fd")).forEach(descriptor -> {
            try {
                found.add(Files.readSymbolicLink(descriptor).toString());
            } catch (IOException closedMeanwhile) {
                // as good as not there
            }
        });
        found.removeIf(target -> !OUR_DESCRIPTORS.matcher(target).matches());
        return found;
    }

    private static Stream<Path> entries(Path folder) {
        try (var entries = Files.list(folder)) {
            return entries.toList().stream();
        } catch (IOException e) {
            return Stream.empty(); // this system has no such folder
        }
    }

    private static <T> List<T> minus(Collection<T> now, Collection<T> before) {
        var rest = new ArrayList<>(now);
        before.forEach(rest::remove);
        return rest;
    }

    private static <T> Set<T> union(Collection<T> some, Collection<T> others) {
        return Stream.concat(some.stream(), others.stream()).collect(toSet());
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
