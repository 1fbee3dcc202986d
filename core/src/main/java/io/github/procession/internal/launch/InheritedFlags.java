package io.github.procession.internal.launch;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;

/// The flags of this JVM that its children get too.
final class InheritedFlags {
    /*
     * getInputArguments has argument files and the JAVA_TOOL_OPTIONS family expanded already, so that the variables are
     * taken out of a child's environment. What cannot be shared (a port, a file that each JVM writes for itself), and what
     * describes the parent's own main class, stays behind.
     */
    private static final List<String> STAY_BEHIND = List.of(
            "-agentlib:",
            "-agentpath:",
            "-javaagent:",
            "-Xdebug",
            "-Xrunjdwp",
            "-Xlog:",
            "-Xloggc:",
            "-Xshare:dump",
            "-XX:AOT",
            "-XX:ArchiveClassesAtExit",
            "-XX:ErrorFile=",
            "-XX:FlightRecorderOptions",
            "-XX:HeapDumpPath=",
            "-XX:LogFile=",
            "-XX:OnError=",
            "-XX:OnOutOfMemoryError=",
            "-XX:SharedArchiveFile=",
            "-XX:StartFlightRecording",
            "-Dcom.sun.management.",
            "-Djava.class.path=",
            "-Djdk.module.");

    private static final Set<String> COLLECTORS = Set.of("Serial", "Parallel", "G1", "Z", "Shenandoah", "Epsilon");

    private InheritedFlags() {}

    static List<String> get() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> STAY_BEHIND.stream().noneMatch(flag::startsWith))
                .toList();
    }

    /// Whether one of the flags chooses a garbage collector.
    static boolean chooseCollector(List<String> flags) {
        return flags.stream().anyMatch(flag -> COLLECTORS.stream().anyMatch(c -> flag.equals("-XX:+Use" + c + "GC")));
    }
}
