package io.github.procession.internal.launch;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a child's JVM differs from its parent's.
///
/// @param javaHome         the JDK or JRE to run, null for the parent's
/// @param workingDirectory where it runs, null for the parent's
/// @param maxHeap          value of `-Xmx`, null for the parent's
/// @param heapPercent      share of the machine's memory that the heap may take, unless some flag says otherwise; 0 for the JVM's
///                         own
/// @param processors       what the JVM sizes itself for, 0 for all that it may run on
/// @param classPath        where it looks for classes before it asks its parent, null for the parent's class path
/// @param jvmArgs          further flags, last on the command line
/// @param properties       further system properties
/// @param environment      further environment variables
public record LaunchSpec(
        @Nullable Path javaHome,
        @Nullable Path workingDirectory,
        @Nullable String maxHeap,
        double heapPercent,
        int processors,
        @Nullable List<Path> classPath,
        List<String> jvmArgs,
        Map<String, String> properties,
        Map<String, String> environment) {}
