package io.github.procession;

import io.github.procession.internal.launch.LaunchSpec;
import io.github.procession.internal.launch.Scheduling;
import io.github.procession.internal.os.Os;
import io.github.procession.internal.supervise.OutputMode;
import io.github.procession.internal.supervise.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How a child's JVM differs from its parent's. Immutable: each method returns changed options.
///
/// ```java
/// ChildProcess.of(Job::run).options(o -> o.maxHeap("512m").output(Output.PREFIXED)).start();
/// ```
///
/// **By default** a child has its parent's `java`, flags, class path, system properties, working directory, environment,
/// locale, processors and nice value, and so do its own children: a setting made here reaches all processes below, except
/// those that are said to be of one process alone. What each JVM needs for itself is not inherited: debuggers, agents,
/// flight recordings, log and dump files.
///
/// | of a child | is by default |
/// |---|---|
/// | largest heap | what the parent's flags say; without such a flag a quarter of the machine's memory, as for any JVM, taken only as it is used. The workers of a pool of more than two share half of the memory instead, unless a flag of the parent or of [#jvmArgs] sizes the heap |
/// | processors, GC and JIT threads, fork-join pool | as many as the parent sees. The workers of a pool share them: each sizes itself for its part, at least 1 |
/// | garbage collector | the serial one, which starts fastest and costs least, unless a flag of the parent or of [#jvmArgs] chooses another |
/// | resident memory | not limited |
/// | crash | leaves a report (`hs_err_pid….log`) in `java.io.tmpdir` for its user alone, no core dump |
///
/// Values that can be judged by themselves are checked at once, those that depend on the machine when a process is started
/// with them.
public final class ProcessOptions {
    private static final Pattern SIZE = Pattern.compile("[1-9][0-9]{0,15}[kKmMgGtT]?");
    private static final Pattern FEATURE = Pattern.compile("[0-9]{1,4}");
    private static final int LOWEST_NICE = -20;
    private static final int HIGHEST_NICE = 19;
    private static final int HIGHEST_PORT = 65535;
    private static final int OLDEST_JAVA = 25;
    private static final long LEAST_HEAP = 2 << 20;
    private static final long LEAST_MEMORY = 32 << 20;

    /// Flags of `java` whose value is the next argument.
    private static final Set<String> WITH_VALUE = Set.of(
            "--add-exports",
            "--add-modules",
            "--add-opens",
            "--add-reads",
            "--enable-native-access",
            "--limit-modules",
            "--patch-module",
            "--upgrade-module-path");

    private static final Set<String> CLASS_PATH_FLAGS = Set.of("-cp", "-classpath", "--class-path");

    // Set by the method that has just made the copy, before anybody else sees it.
    private StartMethod startMethod = StartMethod.SPAWN;
    private Output output = Output.INHERIT;
    private @Nullable Path javaHome;
    private @Nullable Path workingDirectory;
    private @Nullable List<Path> classPath;
    private @Nullable String maxHeap;
    private int cpus;
    private List<Integer> affinity = List.of();
    private @Nullable Integer nice;
    private long memoryLimit;
    private @Nullable Integer debugPort;
    private @Nullable Boolean forwardLogs;
    private List<String> jvmArgs = List.of();
    private Map<String, String> properties = Map.of();
    private Map<String, String> environment = Map.of();

    private ProcessOptions() {}

    static ProcessOptions defaults() {
        return new ProcessOptions();
    }

    private ProcessOptions copy() {
        var copy = new ProcessOptions();
        copy.startMethod = startMethod;
        copy.output = output;
        copy.javaHome = javaHome;
        copy.workingDirectory = workingDirectory;
        copy.classPath = classPath;
        copy.maxHeap = maxHeap;
        copy.cpus = cpus;
        copy.affinity = affinity;
        copy.nice = nice;
        copy.memoryLimit = memoryLimit;
        copy.debugPort = debugPort;
        copy.forwardLogs = forwardLogs;
        copy.jvmArgs = jvmArgs;
        copy.properties = properties;
        copy.environment = environment;
        return copy;
    }

    // ---- what it may use -------------------------------------------------------------------------------------------

    /// The largest heap of the child.
    ///
    /// @param size as for `-Xmx`: a number of bytes, or a number and `k`, `m`, `g` or `t`; 2 MB at least
    /// @return changed options
    /// @throws IllegalArgumentException if it is not such a size
    public ProcessOptions maxHeap(String size) {
        bytes("maxHeap", size, LEAST_HEAP);
        var changed = copy();
        changed.maxHeap = size;
        return changed;
    }

    /// How many processors the child's JVM sizes its garbage collector, compiler threads and fork-join pool for. It may
    /// still run on all of them: see [#affinity].
    ///
    /// @param processors at least 1
    /// @return changed options
    /// @throws IllegalArgumentException if it is less than 1
    public ProcessOptions cpus(int processors) {
        if (processors < 1) {
            throw new IllegalArgumentException("cpus(%d): a JVM needs at least 1".formatted(processors));
        }
        var changed = copy();
        changed.cpus = processors;
        return changed;
    }

    /// Which processors the child, and what it starts, may run on, from its first moment: so its JVM counts only these.
    ///
    /// @param processors numbers of processors that this process may run on
    /// @return changed options
    /// @throws IllegalArgumentException if there is none, or one that this process may not run on
    public ProcessOptions affinity(int... processors) {
        int[] here = Os.affinity();
        if (processors.length == 0) {
            throw new IllegalArgumentException(
                    "affinity(): name at least one processor; this process may run on " + Arrays.toString(here));
        }
        for (int processor : processors) {
            if (Arrays.binarySearch(here, processor) < 0) {
                throw new IllegalArgumentException("affinity(%d): this process may run on the processors %s only"
                        .formatted(processor, Arrays.toString(here)));
            }
        }
        var changed = copy();
        changed.affinity = Arrays.stream(processors).distinct().sorted().boxed().toList();
        return changed;
    }

    /// How nice the child, and what it starts, is to other processes, from its first moment.
    ///
    /// @param value -20, is served first, to 19, is served last; by default that of this process. Without privileges it
    ///              can only be raised
    /// @return changed options
    /// @throws IllegalArgumentException if it is out of range
    public ProcessOptions nice(int value) {
        if (value < LOWEST_NICE || value > HIGHEST_NICE) {
            throw new IllegalArgumentException(
                    "nice(%d): a nice value is between %d (served first) and %d (served last)"
                            .formatted(value, LOWEST_NICE, HIGHEST_NICE));
        }
        var changed = copy();
        changed.nice = value;
        return changed;
    }

    /// Kills the child, with the processes below it, when it has more memory resident than this: heap, code, threads,
    /// buffers, and the shared memory that it has touched. It is looked at several times a second. A line on standard
    /// error, the crash report of a pool, and the exit status (SIGKILL) tell.
    ///
    /// Of one process alone: those below it have no limit unless they are given one. Give it more than [#maxHeap], which a
    /// JVM keeps by itself: half as much again, and 100 MB.
    ///
    /// @param size a number of bytes, or a number and `k`, `m`, `g` or `t`; 32 MB at least
    /// @return changed options
    /// @throws IllegalArgumentException if it is not such a size
    public ProcessOptions memoryLimit(String size) {
        var changed = copy();
        changed.memoryLimit = bytes("memoryLimit", size, LEAST_MEMORY);
        return changed;
    }

    /// A size of memory that a whole JVM could have.
    static long memory(String option, String size) {
        return bytes(option, size, LEAST_MEMORY);
    }

    private static long bytes(String option, String size, long least) {
        long bytes = bytes(option, Objects.requireNonNull(size, "size"));
        if (bytes < least) {
            throw new IllegalArgumentException(
                    "%s(\"%s\"): a JVM needs at least %d MB".formatted(option, size, least >> 20));
        }
        return bytes;
    }

    private static long bytes(String option, String size) {
        if (!SIZE.matcher(size).matches()) {
            throw new IllegalArgumentException(
                    "%s(\"%s\"): a size is a number of bytes, or a number and one of k, m, g, t, as in \"512m\""
                            .formatted(option, size));
        }
        int unit = "kmgt".indexOf(Character.toLowerCase(size.charAt(size.length() - 1)));
        long number = Long.parseLong(unit < 0 ? size : size.substring(0, size.length() - 1));
        long bytes = number << 10 * (unit + 1);
        if (bytes >> 10 * (unit + 1) != number) {
            throw new IllegalArgumentException("%s(\"%s\"): no machine has so much".formatted(option, size));
        }
        return bytes;
    }

    /// Where the JVM of the child comes from.
    ///
    /// @param method [StartMethod#SPAWN] by default
    /// @return changed options
    public ProcessOptions startMethod(StartMethod method) {
        var changed = copy();
        changed.startMethod = Objects.requireNonNull(method, "method");
        return changed;
    }

    // ---- what it is ------------------------------------------------------------------------------------------------

    /// Further flags of the child's JVM, after the inherited ones.
    ///
    /// @param flags as on the command line of `java`; not the class path, and no main class
    /// @return changed options
    /// @throws IllegalArgumentException if one of them is no flag, or is for another method of this class
    public ProcessOptions jvmArgs(String... flags) {
        for (int i = 0; i < flags.length; i++) {
            checkFlag(flags[i], i > 0 && WITH_VALUE.contains(flags[i - 1]));
        }
        var changed = copy();
        var all = new ArrayList<>(jvmArgs);
        all.addAll(List.of(flags));
        changed.jvmArgs = List.copyOf(all);
        return changed;
    }

    private static void checkFlag(String flag, boolean isValue) {
        if (CLASS_PATH_FLAGS.contains(flag) || flag.startsWith("--class-path=")) {
            throw new IllegalArgumentException(
                    "jvmArgs(\"%s\"): use classPath(...) for the class path".formatted(flag));
        }
        if (flag.equals("-jar") || !isValue && !flag.startsWith("-")) {
            throw new IllegalArgumentException(
                    "jvmArgs(\"%s\"): this is no flag of the JVM; a child's main class is the library's, and each flag is a string of its own"
                            .formatted(flag));
        }
    }

    /// A system property of the child.
    ///
    /// @param key   its name
    /// @param value its value
    /// @return changed options
    /// @throws IllegalArgumentException if the name is empty or has a `=`
    public ProcessOptions systemProperty(String key, String value) {
        if (key.isEmpty() || key.contains("=")) {
            throw new IllegalArgumentException(
                    "systemProperty(\"%s\", …): a name is not empty and has no '='; the value is the second argument"
                            .formatted(key));
        }
        var changed = copy();
        changed.properties = plus(properties, key, value);
        return changed;
    }

    /// An environment variable of the child.
    ///
    /// @param key   its name
    /// @param value its value
    /// @return changed options
    /// @throws IllegalArgumentException if the name is empty or has a `=`, or one of them has a NUL character
    public ProcessOptions environment(String key, String value) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
        if (key.isEmpty() || key.contains("=") || key.contains("\0") || value.contains("\0")) {
            throw new IllegalArgumentException(
                    "environment(\"%s\", …): a name is not empty and has no '='; neither it nor the value has a NUL"
                            .formatted(key.replace("\0", "\\0")));
        }
        var changed = copy();
        changed.environment = plus(environment, key, value);
        return changed;
    }

    private static Map<String, String> plus(Map<String, String> map, String key, String value) {
        var more = new HashMap<>(map);
        more.put(key, Objects.requireNonNull(value, "value"));
        return Map.copyOf(more);
    }

    /// Where the child runs.
    ///
    /// @param directory a directory that exists when the child is started
    /// @return changed options
    public ProcessOptions workingDirectory(Path directory) {
        var changed = copy();
        changed.workingDirectory = directory.toAbsolutePath();
        return changed;
    }

    /// Where the child looks for classes, instead of this process's class path; the library itself always comes first.
    /// What it does not find there it still gets from this process.
    ///
    /// @param entries jar files and directories that exist when the child is started, or `directory/*` for all jar files
    ///                in a directory
    /// @return changed options
    public ProcessOptions classPath(Path... entries) {
        var changed = copy();
        changed.classPath = Arrays.stream(entries).map(Path::toAbsolutePath).toList();
        return changed;
    }

    /// The Java installation that the child runs; it must be version 25 or newer.
    ///
    /// @param home the directory with `bin/java` in it
    /// @return changed options
    public ProcessOptions javaHome(Path home) {
        var changed = copy();
        changed.javaHome = home.toAbsolutePath();
        return changed;
    }

    // ---- what can be seen of it ------------------------------------------------------------------------------------

    /// What becomes of the child's standard output and standard error. Of one process alone.
    ///
    /// @param where [Output#INHERIT] by default
    /// @return changed options
    public ProcessOptions output(Output where) {
        var changed = copy();
        changed.output = Objects.requireNonNull(where, "where");
        return changed;
    }

    /// Has the child wait for a debugger before it runs its target; where to attach one is said on standard error. The rest
    /// of the child runs already, so that it goes with the tree as always. Of one process alone.
    ///
    /// While it waits, whoever is logged in on this machine can attach a debugger, of whatever user, and do anything in it.
    ///
    /// @param port of this machine, not reachable from others; 0 for any that is free, which workers of a pool need
    /// @return changed options
    /// @throws IllegalArgumentException if it is out of range
    public ProcessOptions debug(int port) {
        if (port < 0 || port > HIGHEST_PORT) {
            throw new IllegalArgumentException(
                    "debug(%d): a port is a number up to %d, or 0 for any that is free".formatted(port, HIGHEST_PORT));
        }
        var changed = copy();
        changed.debugPort = port;
        return changed;
    }

    /// Sends the log records of the child, and of all processes below it, to loggers of the same names in this process,
    /// with `[name] ` of the process before each. What was thrown comes as text. The child's root logger has the level of
    /// this process's, and no other handlers.
    ///
    /// This is for records of [System.Logger] as it is by default, and of `java.util.logging`; other logging libraries write
    /// as they are configured. A child that logs faster than this process does waits for it.
    ///
    /// @param forward false by default
    /// @return changed options
    public ProcessOptions forwardLogs(boolean forward) {
        var changed = copy();
        changed.forwardLogs = forward;
        return changed;
    }

    /// What this process asks of its parent's side: how the child is launched and watched.
    ///
    /// @throws IllegalArgumentException if something that was named is not there
    Setup setup() {
        return setup(0);
    }

    /// The same.
    ///
    /// @param heapPercent share of the machine's memory that the heap may take, unless some flag says otherwise
    Setup setup(double heapPercent) {
        check();
        return new Setup(
                new LaunchSpec(
                        javaHome,
                        workingDirectory,
                        maxHeap,
                        heapPercent,
                        cpus,
                        classPath,
                        jvmArgs,
                        properties,
                        environment),
                new Scheduling(affinity, nice),
                startMethod == StartMethod.SPARE,
                switch (output) {
                    case INHERIT -> OutputMode.INHERIT;
                    case PREFIXED -> OutputMode.PREFIXED;
                    case DISCARD -> OutputMode.DISCARD;
                },
                memoryLimit,
                debugPort,
                forwardLogs);
    }

    /// Whether [#cpus] was called.
    boolean hasCpus() {
        return cpus != 0;
    }

    private void check() {
        if (workingDirectory != null && !Files.isDirectory(workingDirectory)) {
            throw new IllegalArgumentException(
                    "workingDirectory(%s): there is no such directory; create it before the start"
                            .formatted(workingDirectory));
        }
        for (var entry : classPath == null ? List.<Path>of() : classPath) {
            var file = entry.endsWith("*") ? Objects.requireNonNull(entry.getParent()) : entry;
            if (!Files.exists(file)) {
                throw new IllegalArgumentException(
                        "classPath(%s): there is no such file or directory".formatted(entry));
            }
        }
        if (javaHome != null) {
            checkJava(javaHome);
        }
    }

    /// An installation says in its file `release` which version it is.
    private static void checkJava(Path home) {
        if (!Files.isExecutable(home.resolve("bin").resolve("java"))) {
            throw new IllegalArgumentException(
                    "javaHome(%s): there is no bin/java in it that can be executed; name the directory of a JDK %d or newer"
                            .formatted(home, OLDEST_JAVA));
        }
        String version = version(home);
        var feature = FEATURE.matcher(version);
        if (feature.lookingAt() && Integer.parseInt(feature.group()) < OLDEST_JAVA) { // one that does not tell is tried
            throw new IllegalArgumentException("javaHome(%s): this is Java %s, and a child needs %d or newer"
                    .formatted(home, version, OLDEST_JAVA));
        }
    }

    private static String version(Path home) {
        try (var in = Files.newBufferedReader(home.resolve("release"))) {
            var release = new Properties();
            release.load(in);
            return release.getProperty("JAVA_VERSION", "").replace("\"", "");
        } catch (IOException | IllegalArgumentException e) {
            return "";
        }
    }
}
