package io.github.procession.stress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What the processes of a ledger have left behind when they should all be gone.
final class Leftovers {
    /// The environment variable that all processes of a tree inherit from its root; the ledger does not know those that have not begun.
    static final String MARK = "PROCESSION_STORM";

    private Leftovers() {}

    /// The processes that still run, but for this one.
    static List<Life> processes(Ledger ledger) {
        long self = ProcessHandle.current().pid();
        return ledger.lives().stream()
                .filter(life -> life.hasBegun() && life.pid() != self && !life.isGone())
                .toList();
    }

    /// The numbers of the processes that have inherited a mark and still run, whoever they are.
    static List<Long> marked(String mark) throws IOException {
        var variable = (MARK + "=" + mark).getBytes(StandardCharsets.UTF_8);
        try (var all = Files.list(Path.of("/proc"))) {
            return all.map(Path::getFileName)
                    .map(Path::toString)
                    .filter(name -> name.chars().allMatch(Character::isDigit))
                    .filter(pid -> hasVariable(pid, variable))
                    .map(Long::parseLong)
                    .toList();
        }
    }

    private static boolean hasVariable(String pid, byte[] variable) {
        byte[] environment;
        try {
            environment = Files.readAllBytes(Path.of("/proc", pid, "environ"));
        } catch (IOException e) {
            return false; // gone meanwhile, or somebody else's
        }
        for (int from = 0, to = 0; to < environment.length; from = to + 1) {
            for (to = from; to < environment.length && environment[to] != 0; ) {
                to++;
            }
            if (Arrays.equals(environment, from, to, variable, 0, variable.length)) {
                return true;
            }
        }
        return false;
    }

    /// Files in memory and in the temporary folder that bear the number of one of the processes.
    ///
    /// @param folder the ledger's, which is in the temporary folder, and from the time when they began
    static List<Path> files(Ledger ledger, Path folder) throws IOException {
        var pids = new HashSet<String>();
        ledger.lives().forEach(life -> pids.add(Long.toString(life.pid())));
        var left = new HashSet<Path>();
        for (var place : List.of(Path.of("/dev/shm"), folder.toAbsolutePath().getParent())) {
            try (var files = Files.list(place)) {
                files.filter(path -> !path.equals(folder))
                        .filter(path -> isOf(path.getFileName().toString(), pids))
                        .filter(path -> !isOlder(path, folder)) // of one who had the same number before
                        .forEach(left::add);
            }
        }
        return List.copyOf(left);
    }

    private static boolean isOf(String name, Set<String> pids) {
        return Arrays.stream(name.split("[^0-9]+", -1)).anyMatch(pids::contains)
                && (name.contains("procession") || name.startsWith("hs_err"));
    }

    private static boolean isOlder(Path path, Path folder) {
        try {
            return created(path).compareTo(created(folder)) < 0;
        } catch (IOException e) {
            return true; // gone meanwhile: somebody else's
        }
    }

    private static FileTime created(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).creationTime();
    }
}
