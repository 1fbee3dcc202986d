package io.github.procession;

import io.github.procession.internal.launch.LaunchSpec;
import io.github.procession.internal.supervise.OutputMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How a child's JVM differs from its parent's. Immutable: each method returns changed options.
///
/// ```java
/// ChildProcess.of(Job::run).options(o -> o.maxHeap("512m").output(Output.PREFIXED)).start();
/// ```
///
/// By default a child has its parent's `java`, flags, class path, system properties, working directory and environment.
/// What each JVM needs for itself is not inherited: debuggers, agents, flight recordings, log and dump files. Unless a
/// flag chooses a garbage collector, a child uses the serial one, which starts fastest and costs least.
public final class ProcessOptions {
    private static final Pattern SIZE = Pattern.compile("[1-9][0-9]*[kKmMgGtT]?");

    private final LaunchSpec launch;
    private final Output output;

    private ProcessOptions(LaunchSpec launch, Output output) {
        this.launch = launch;
        this.output = output;
    }

    static ProcessOptions defaults() {
        return new ProcessOptions(new LaunchSpec(null, null, null, 0, List.of(), Map.of(), Map.of()), Output.INHERIT);
    }

    LaunchSpec launch() {
        return launch;
    }

    OutputMode outputMode() {
        return switch (output) {
            case INHERIT -> OutputMode.INHERIT;
            case PREFIXED -> OutputMode.PREFIXED;
            case DISCARD -> OutputMode.DISCARD;
        };
    }

    /// The largest heap of the child.
    ///
    /// @param size as for `-Xmx`: a number and `k`, `m`, `g` or `t`
    /// @return changed options
    /// @throws IllegalArgumentException if it is not such a size
    public ProcessOptions maxHeap(String size) {
        if (!SIZE.matcher(size).matches()) {
            throw new IllegalArgumentException(
                    "maxHeap(\"%s\"): a size is a number and one of k, m, g, t, as in \"512m\"".formatted(size));
        }
        return with(launch.javaHome(), launch.workingDirectory(), size, launch.processors());
    }

    /// How many processors the child's JVM sizes its garbage collector, compiler threads and fork-join pool for.
    ///
    /// @param processors at least 1
    /// @return changed options
    /// @throws IllegalArgumentException if it is less than 1
    public ProcessOptions cpus(int processors) {
        if (processors < 1) {
            throw new IllegalArgumentException("cpus(%d): a JVM needs at least 1".formatted(processors));
        }
        return with(launch.javaHome(), launch.workingDirectory(), launch.maxHeap(), processors);
    }

    /// Further flags of the child's JVM, after the inherited ones.
    ///
    /// @param flags as on the command line of `java`
    /// @return changed options
    public ProcessOptions jvmArgs(String... flags) {
        var all = new ArrayList<>(launch.jvmArgs());
        all.addAll(List.of(flags));
        return with(all, launch.properties(), launch.environment());
    }

    /// A system property of the child.
    ///
    /// @param key   its name
    /// @param value its value
    /// @return changed options
    public ProcessOptions systemProperty(String key, String value) {
        return with(launch.jvmArgs(), plus(launch.properties(), key, value), launch.environment());
    }

    /// An environment variable of the child.
    ///
    /// @param key   its name
    /// @param value its value
    /// @return changed options
    public ProcessOptions environment(String key, String value) {
        return with(launch.jvmArgs(), launch.properties(), plus(launch.environment(), key, value));
    }

    /// Where the child runs.
    ///
    /// @param directory an existing directory
    /// @return changed options
    public ProcessOptions workingDirectory(Path directory) {
        return with(launch.javaHome(), directory, launch.maxHeap(), launch.processors());
    }

    /// The Java installation that the child runs; it must be version 25 or newer.
    ///
    /// @param home the directory with `bin/java` in it
    /// @return changed options
    public ProcessOptions javaHome(Path home) {
        return with(home, launch.workingDirectory(), launch.maxHeap(), launch.processors());
    }

    /// What becomes of the child's output.
    ///
    /// @param where [Output#INHERIT] by default
    /// @return changed options
    public ProcessOptions output(Output where) {
        return new ProcessOptions(launch, where);
    }

    private ProcessOptions with(
            @Nullable Path javaHome, @Nullable Path directory, @Nullable String maxHeap, int processors) {
        return new ProcessOptions(
                new LaunchSpec(
                        javaHome,
                        directory,
                        maxHeap,
                        processors,
                        launch.jvmArgs(),
                        launch.properties(),
                        launch.environment()),
                output);
    }

    private ProcessOptions with(List<String> flags, Map<String, String> properties, Map<String, String> environment) {
        return new ProcessOptions(
                new LaunchSpec(
                        launch.javaHome(),
                        launch.workingDirectory(),
                        launch.maxHeap(),
                        launch.processors(),
                        List.copyOf(flags),
                        Map.copyOf(properties),
                        Map.copyOf(environment)),
                output);
    }

    private static Map<String, String> plus(Map<String, String> map, String key, String value) {
        var more = new HashMap<>(map);
        more.put(key, value);
        return more;
    }
}
