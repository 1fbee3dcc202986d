package io.github.procession.internal.launch;

import io.github.procession.internal.os.Kinship;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The command line of children: `java @flags MAIN NAME …`.
///
/// The flags stand in an argument file, since a class path can be longer than the kernel lets an argument be; the file
/// is one of the tree's own and leaves nothing behind. So `ps`
/// shows a short line with the process's name.
public final class JavaCommand {
    private static final int REMEMBERED = 256;
    private static final Map<LaunchSpec, JavaCommand> COMMANDS =
            new LinkedHashMap<>(16, 0.75f, true) { // guarded by itself
                @Override
                protected boolean removeEldestEntry(Map.Entry<LaunchSpec, JavaCommand> eldest) {
                    return size() > REMEMBERED; // options may differ with every process
                }
            };

    /// Environment variables that the launcher reads: the inherited flags contain already what they say.
    private static final Set<String> DROPPED = Set.of(
            "JAVA_TOOL_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "_JAVA_OPTIONS",
            "JDK_AOT_VM_OPTIONS",
            "CLASSPATH",
            "_JAVA_SPLASH_FILE",
            "_JAVA_SPLASH_JAR");

    private final LaunchSpec spec;
    private final String java;
    private final List<String> main;
    private final byte[] flags;
    private final @Nullable AotCache aotCache;
    private volatile boolean proven;

    private JavaCommand(LaunchSpec spec) {
        this.spec = spec;
        this.java = java(spec).toString();
        var code = ProgramCode.ofThisProcess(spec.classPath());
        this.main = code.main();
        var all = flags(spec, code);
        this.aotCache = AotCache.of(Path.of(java), all);
        this.flags = String.join("\n", all.stream().map(JavaCommand::quoted).toList())
                .getBytes(nativeCharset());
    }

    /// The command for a specification; those used lately are remembered.
    ///
    /// @throws IllegalArgumentException if there is no `java` where the specification says
    public static JavaCommand of(LaunchSpec spec) {
        synchronized (COMMANDS) {
            return COMMANDS.computeIfAbsent(spec, JavaCommand::new);
        }
    }

    /// Whether a JVM has come up with exactly this command before: later ones need not be waited for.
    public boolean isProven() {
        return proven;
    }

    /// A JVM has come up with this command.
    public void prove() {
        proven = true;
    }

    /// The `java` that is run.
    public String java() {
        return java;
    }

    /// What would make its JVMs boot faster; null if nothing can.
    public @Nullable AotCache aotCache() {
        return aotCache;
    }

    /// The argument file for one process, which reads it while it boots.
    ///
    /// @param crash where its JVM writes when it crashes, unless the program says otherwise
    FlagFile flagFile(CrashFile crash) {
        byte[] own = (quoted(crash.flag()) + "\n").getBytes(nativeCharset());
        byte[] all = Arrays.copyOf(own, own.length + flags.length);
        System.arraycopy(flags, 0, all, own.length, flags.length);
        return FlagFile.of(all);
    }

    /// A process builder without redirections.
    ///
    /// @param file      the argument file
    /// @param extra     further flags, of this one process
    /// @param arguments the arguments of the main class
    ProcessBuilder builder(FlagFile file, List<String> extra, List<String> arguments) {
        var line = new ArrayList<>(Kinship.OUT_OF_REACH);
        line.addAll(List.of(java, "@" + file.path()));
        if (aotCache != null && aotCache.isThere()) {
            line.addAll(aotCache.flags());
        }
        line.addAll(extra);
        line.addAll(main);
        line.addAll(arguments);
        var builder = new ProcessBuilder(line);
        builder.environment().keySet().removeAll(DROPPED);
        builder.environment().putAll(spec.environment());
        if (spec.workingDirectory() != null) {
            builder.directory(spec.workingDirectory().toFile());
        }
        return builder;
    }

    private static Path java(LaunchSpec spec) {
        var home = spec.javaHome() != null ? spec.javaHome() : Path.of(System.getProperty("java.home"));
        var java = home.resolve("bin").resolve("java");
        if (!Files.isExecutable(java)) {
            throw new IllegalArgumentException(
                    "There is no java to start a child process with: %s does not exist or cannot be executed. Name the home of a JDK 25 or newer with ProcessOptions.javaHome."
                            .formatted(java));
        }
        return java;
    }

    private static List<String> flags(LaunchSpec spec, ProgramCode code) {
        var flags = new ArrayList<String>();
        flags.add("-XX:-UsePerfData"); // leaves a file behind when killed
        flags.add("-XX:-CreateCoredumpOnCrash");
        flags.add("-XX:ErrorLogTimeout=10");
        flags.add("-XX:+DisplayVMOutputToStderr"); // what the JVM itself has to say is no output of the program
        var inherited = new ArrayList<>(InheritedFlags.get());
        if (spec.maxHeap() != null) {
            inherited.removeIf(JavaCommand::sizesHeap);
            inherited.add("-Xmx" + spec.maxHeap());
        }
        if (spec.processors() > 0) {
            inherited.removeIf(flag -> flag.startsWith("-XX:ActiveProcessorCount"));
            inherited.add("-XX:ActiveProcessorCount=" + spec.processors());
        }
        if (spec.workingDirectory() != null) {
            inherited.removeIf(flag -> flag.startsWith("-Duser.dir="));
        }
        if (InheritedFlags.chooseCollector(spec.jvmArgs())) {
            inherited.removeIf(InheritedFlags::choosesCollector);
        }
        inherited.removeAll(flags);
        inherited.removeAll(code.flags());
        inherited.addAll(spec.jvmArgs());
        if (spec.heapPercent() > 0 && inherited.stream().noneMatch(JavaCommand::sizesHeap)) {
            flags.add("-XX:MaxRAMPercentage=" + spec.heapPercent());
        }
        if (!InheritedFlags.chooseCollector(inherited)) {
            flags.add("-XX:+UseSerialGC");
        }
        inherited.removeAll(flags); // this process has got them from its own parent
        flags.addAll(inherited);
        spec.properties().forEach((key, value) -> flags.add("-D" + key + "=" + value));
        flags.addAll(code.flags());
        return flags;
    }

    private static boolean sizesHeap(String flag) {
        return Stream.of("-Xmx", "-Xms", "-XX:MaxRAM", "-XX:MaxHeapSize", "-XX:InitialHeapSize")
                .anyMatch(flag::startsWith);
    }

    /// One argument of an argument file: in double quotes, with backslash escapes.
    private static String quoted(String argument) {
        return '"'
                + argument.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                + '"';
    }

    private static Charset nativeCharset() {
        return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    }
}
