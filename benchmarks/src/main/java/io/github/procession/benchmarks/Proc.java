package io.github.procession.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What the kernel says about a process.
final class Proc {
    private static final double TICK_MILLIS = 10; // of what is shown to programs, on every machine
    private static final int UTIME = 11; // of what follows the name
    private static final int STIME = 12;

    private Proc() {}

    /// Its memory.
    ///
    /// @param rss      what it has resident
    /// @param privates what of that nobody else has
    /// @param pss      with a share of what others have too
    record Memory(double rss, double privates, double pss) {}

    /// In MB, of a million bytes.
    static Memory memory(long pid) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
            Map<String, Double> sizes = lines.skip(1)
                    .map(line -> line.split("[: ]+"))
                    .collect(Collectors.toMap(words -> words[0], words -> Double.parseDouble(words[1]) * 1024 / 1e6));
            return new Memory(
                    sizes.getOrDefault("Rss", Double.NaN),
                    sizes.getOrDefault("Private_Clean", 0.0) + sizes.getOrDefault("Private_Dirty", 0.0),
                    sizes.getOrDefault("Pss", Double.NaN));
        }
    }

    /// Its command line, with a NUL behind each word.
    static String commandLine(long pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
    }

    /// The milliseconds that all of its threads have run.
    static double cpu(long pid) throws IOException {
        return cpu(Path.of("/proc/" + pid));
    }

    /// The same of each thread that lives, by its name and number.
    static Map<String, Double> threads(long pid) throws IOException {
        var threads = new TreeMap<String, Double>();
        try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (var task : tasks.toList()) {
                try {
                    threads.put(Files.readString(task.resolve("comm")).strip() + " " + task.getFileName(), cpu(task));
                } catch (NoSuchFileException e) {
                    // it has ended
                }
            }
        }
        return threads;
    }

    private static double cpu(Path task) throws IOException {
        var line = Files.readString(task.resolve("stat"));
        var words = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(words[UTIME]) + Long.parseLong(words[STIME])) * TICK_MILLIS;
    }

    /// How many descriptors it has open.
    static long descriptors(long pid) throws IOException {
        try (var files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return files.count();
        }
    }
}
