package io.github.procession.internal.launch;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The flags of this JVM that its children get too.
final class InheritedFlags {
    /*
     * getInputArguments has argument files, option files and the JAVA_TOOL_OPTIONS family expanded already, so that the
     * variables are taken out of a child's environment. A flag stays behind if
     *
     *   - only one JVM can have what it names: a port, an agent, a file that each JVM writes for itself;
     *   - it has the JVM speak or stop (-Xlog, -verbose, -XX:+Print…, -XX:+PauseAtStartup): a child's output is its
     *     target's, and nobody sits in front of it;
     *   - it describes the parent's archive of classes (CDS, AOT): a child's class path is another, so that the JVM would
     *     reject it aloud;
     *   - it describes the parent's code (class path, main class), of which ProgramCode speaks;
     *   - a command would run for a child's failure that was written for the program's (OnError);
     *   - a child would take at once all the memory that the parent may need one day (AlwaysPreTouch).
     *
     * Everything else goes along, in order, since the last of several wins.
     */
    private static final List<String> STAY_BEHIND = List.of(
            // agents, ports, management
            "-agentlib:",
            "-agentpath:",
            "-javaagent:",
            "-Xdebug",
            "-Xnoagent",
            "-Xrun",
            "-Dcom.sun.management.",
            "-XX:+ManagementServer",
            // files that each JVM writes for itself, and what is said on the way
            "-Xlog",
            "-verbose",
            "-XX:ErrorFile=",
            "-XX:+ErrorFileTo",
            "-XX:LogFile=",
            "-XX:+LogVMOutput",
            "-XX:+LogCompilation",
            "-XX:+Print",
            "-XX:+CITime",
            "-XX:+DumpPerfMapAtExit",
            "-XX:PerfData",
            "-XX:+PerfData",
            "-XX:+PerfDisableSharedMem",
            "-XX:+UsePerfData",
            "-XX:StartFlightRecording",
            "-XX:FlightRecorderOptions",
            "-XX:+FlightRecorder",
            // commands, and questions to somebody in front of the screen
            "-XX:OnError=",
            "-XX:OnOutOfMemoryError=",
            "-XX:+ShowMessageBoxOnError",
            "-XX:+PauseAt",
            "-XX:PauseAt",
            "-XX:+AlwaysPreTouch",
            // archives of classes
            "-Xshare:dump",
            "-XX:ArchiveClassesAtExit",
            "-XX:+AutoCreateSharedArchive",
            "-XX:DumpLoadedClassList",
            "-XX:ExtraSharedClassListFile",
            "-XX:+RecordDynamicDumpInfo",
            "-XX:SharedArchive",
            "-XX:SharedClassListFile",
            "-XX:AOT",
            "-XX:+AOT",
            "-XX:-AOT",
            "-XX:CRaC",
            // this JVM's code, and the files that flags came from
            "-Djava.class.path=",
            "-Djdk.module.",
            "-Djdk.console=",
            "--module-path=",
            "--upgrade-module-path=",
            "-XX:Flags=",
            "-XX:VMOptionsFile=");

    /// What silences the JVM is not what has it speak.
    private static final Set<String> SILENCE = Set.of("-Xlog:disable", "-Xlog:all=off", "-Xlog:off");

    private static final Set<String> COLLECTORS = Set.of("Serial", "Parallel", "G1", "Z", "Shenandoah", "Epsilon");

    private static final Pattern SWITCH_IN_FILE = Pattern.compile("-(?!X[a-z:]|D)[A-Z]\\w*");

    private InheritedFlags() {}

    static List<String> get() {
        return of(
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                file -> Path.of(file).toAbsolutePath().toString(),
                file -> Files.isDirectory(Path.of(file)));
    }

    /// The flags that a child gets.
    ///
    /// @param arguments   as [java.lang.management.RuntimeMXBean#getInputArguments()] has them
    /// @param absolute    makes a file name independent of the working directory
    /// @param isDirectory whether a file is one
    static List<String> of(List<String> arguments, Absolute absolute, Predicate<String> isDirectory) {
        var flags = arguments.stream()
                .map(InheritedFlags::spelledOut)
                .filter(flag -> SILENCE.contains(flag) || STAY_BEHIND.stream().noneMatch(flag::startsWith))
                .map(flag -> located(flag, absolute, isDirectory))
                .toList();
        return onceEach(unlockedFirst(flags));
    }

    /// Those that more than one JVM can have.
    static List<String> common(List<String> flags) {
        return flags.stream()
                .filter(flag -> STAY_BEHIND.stream().noneMatch(flag::startsWith))
                .toList();
    }

    /// Makes a file name independent of the working directory.
    @FunctionalInterface
    interface Absolute {
        String of(String file);
    }

    /// Whether one of the flags chooses a garbage collector.
    static boolean chooseCollector(List<String> flags) {
        return flags.stream().anyMatch(InheritedFlags::choosesCollector);
    }

    /// Whether the flag chooses a garbage collector; a JVM refuses to start with two.
    static boolean choosesCollector(String flag) {
        return COLLECTORS.stream().anyMatch(c -> flag.equals("-XX:+Use" + c + "GC"));
    }

    /// What stands in a file of `-XX:Flags` is told without the `-XX:`.
    private static String spelledOut(String flag) {
        boolean fromFile = !flag.startsWith("-") || SWITCH_IN_FILE.matcher(flag).matches();
        return fromFile ? "-XX:" + flag : flag;
    }

    /// Files are named so that they are found from anywhere, and heap dumps go beside the parent's, not over it.
    private static String located(String flag, Absolute absolute, Predicate<String> isDirectory) {
        if (flag.startsWith("--patch-module=")) {
            int module = flag.indexOf('=', "--patch-module=".length()) + 1;
            return flag.substring(0, module) + each(flag.substring(module), absolute);
        }
        if (flag.startsWith("-Xbootclasspath/a:")) {
            int path = "-Xbootclasspath/a:".length();
            return flag.substring(0, path) + each(flag.substring(path), absolute);
        }
        if (flag.startsWith("-XX:HeapDumpPath=")) {
            int path = "-XX:HeapDumpPath=".length();
            String file = absolute.of(flag.substring(path));
            return flag.substring(0, path)
                    + (isDirectory.test(file) ? file : file.substring(0, file.lastIndexOf('/') + 1));
        }
        return flag;
    }

    private static String each(String path, Absolute absolute) {
        return String.join(
                File.pathSeparator,
                Stream.of(path.split(File.pathSeparator)).map(absolute::of).toList());
    }

    /// A flag that must be unlocked is refused if the key comes later.
    private static List<String> unlockedFirst(List<String> flags) {
        Predicate<String> key =
                flag -> flag.startsWith("-XX:+Unlock") || flag.equals("-XX:+IgnoreUnrecognizedVMOptions");
        return Stream.concat(flags.stream().filter(key), flags.stream().filter(key.negate()))
                .toList();
    }

    /// Of equal flags the last, which is the one that counts. A child of a child would otherwise have them twice.
    private static List<String> onceEach(List<String> flags) {
        var kept = new ArrayList<String>();
        for (int i = 0; i < flags.size(); i++) {
            if (!flags.subList(i + 1, flags.size()).contains(flags.get(i))) {
                kept.add(flags.get(i));
            }
        }
        return kept;
    }
}
