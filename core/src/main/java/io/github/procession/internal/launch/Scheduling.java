package io.github.procession.internal.launch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How the system's scheduler treats a process.
///
/// @param affinity the processors that it may run on, empty for the parent's
/// @param nice     its nice value, null for the parent's
public record Scheduling(List<Integer> affinity, @Nullable Integer nice) {}
