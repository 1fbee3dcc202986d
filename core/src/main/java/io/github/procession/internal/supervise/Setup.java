package io.github.procession.internal.supervise;

import io.github.procession.internal.launch.LaunchSpec;
import io.github.procession.internal.launch.Scheduling;
import org.jspecify.annotations.Nullable;

/// How a child differs from its parent.
///
/// @param launch      its command line
/// @param scheduling  how the system's scheduler treats it
/// @param spare       whether a JVM that has already booted is taken, and others are kept
/// @param output      what becomes of its output
/// @param memoryLimit how many bytes of memory it may have resident, 0 for no limit
/// @param debugPort   where it waits for a debugger, 0 for any free port; null for not
/// @param forwardLogs whether its log records go to the parent's loggers; null as the parent's own do
public record Setup(
        LaunchSpec launch,
        Scheduling scheduling,
        boolean spare,
        OutputMode output,
        long memoryLimit,
        @Nullable Integer debugPort,
        @Nullable Boolean forwardLogs) {}
