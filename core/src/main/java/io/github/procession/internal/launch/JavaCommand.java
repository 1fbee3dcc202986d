package io.github.procession.internal.launch;

import io.github.procession.internal.os.Os;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// The command line of children: `java @flags MAIN NAME …`.
///
/// The flags stand in an argument file, since a class path can be longer than the kernel lets an argument be; the file
/// is anonymous memory of this process, which a child reads through `/proc` and which leaves nothing behind. So `ps`
/// shows a short line with the process's name.
public final class JavaCommand {
    /// The class whose `main` every child runs.
    public static final String MAIN = "io.github.procession.internal.worker.Main";

    private static final Map<LaunchSpec, JavaCommand> COMMANDS = new ConcurrentHashMap<>();

    /// Environment variables whose content the inherited flags contain already.
    private static final Set<String> DROPPED =
            Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH");

    private final LaunchSpec spec;
    private final String java;
    private final int flagFile; // a memory file of this process, kept as long as it lives
    private volatile boolean proven;

    private JavaCommand(LaunchSpec spec) {
        this.spec = spec;
        this.java = java(spec).toString();
        this.flagFile = memoryFile(
                String.join("\n", flags(spec).map(JavaCommand::quoted).toList()));
    }

    /// The command for a specification; made once.
    ///
    /// @throws IllegalArgumentException if there is no `java` where the specification says
    public static JavaCommand of(LaunchSpec spec) {
        return COMMANDS.computeIfAbsent(spec, JavaCommand::new);
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

    /// A process builder without redirections.
    ///
    /// @param arguments the arguments of [#MAIN]
    ProcessBuilder builder(List<String> arguments) {
        var line = new ArrayList<>(
                List.of(java, "@/proc/" + ProcessHandle.current().pid() + "/fd/" + flagFile, MAIN));
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

    private static Stream<String> flags(LaunchSpec spec) {
        var flags = new ArrayList<String>();
        flags.add("-XX:-UsePerfData"); // leaves a file behind when killed
        flags.add("-XX:-CreateCoredumpOnCrash");
        flags.add("-XX:ErrorLogTimeout=10");
        flags.add("-XX:+DisplayVMOutputToStderr"); // what the JVM itself has to say is no output of the program
        flags.add("-XX:ErrorFile=" + errorFile("%p"));
        flags.add("--enable-native-access=ALL-UNNAMED");
        var inherited = new ArrayList<>(InheritedFlags.get());
        if (spec.maxHeap() != null) {
            inherited.removeIf(flag -> flag.startsWith("-Xmx")
                    || flag.startsWith("-Xms")
                    || flag.startsWith("-XX:MaxRAM")
                    || flag.startsWith("-XX:MaxHeapSize")
                    || flag.startsWith("-XX:InitialHeapSize"));
            inherited.add("-Xmx" + spec.maxHeap());
        }
        if (spec.processors() > 0) {
            inherited.removeIf(flag -> flag.startsWith("-XX:ActiveProcessorCount"));
            inherited.add("-XX:ActiveProcessorCount=" + spec.processors());
        }
        inherited.addAll(spec.jvmArgs());
        if (!InheritedFlags.chooseCollector(inherited)) {
            flags.add("-XX:+UseSerialGC");
        }
        flags.addAll(inherited);
        spec.properties().forEach((key, value) -> flags.add("-D" + key + "=" + value));
        flags.add("-classpath");
        flags.add(classPath());
        return flags.stream();
    }

    /// Where a JVM writes its report when it crashes.
    public static Path errorFile(String pid) {
        return Path.of(System.getProperty("java.io.tmpdir"), "hs_err_pid" + pid + ".log")
                .toAbsolutePath();
    }

    /// This library first, then the parent's class path, all absolute: a child may run elsewhere.
    private static String classPath() {
        var entries = new LinkedHashSet<String>();
        entries.add(ownLocation().toString());
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    private static Path ownLocation() {
        try {
            return Path.of(JavaCommand.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException | RuntimeException e) {
            throw new IllegalStateException("Cannot find the file that the Procession library was loaded from", e);
        }
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

    private static int memoryFile(String content) {
        int descriptor = Os.memfd("procession-flags");
        try (var out = new FileOutputStream("/proc/self/fd/" + descriptor)) {
            out.write(content.getBytes(nativeCharset()));
        } catch (IOException e) {
            Os.close(descriptor);
            throw new IllegalStateException("Cannot write the flags of a child process", e);
        }
        return descriptor;
    }

    private static Charset nativeCharset() {
        return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    }
}
