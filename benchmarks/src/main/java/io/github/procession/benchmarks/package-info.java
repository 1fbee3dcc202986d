/// Whole-process measurements, each in turn with a peer in the same run: compare ratios, not runs.
///
/// Results are lines of `name,round,value,unit` on standard output, raw, followed by medians as comments.
@NullMarked
package io.github.procession.benchmarks;

import org.jspecify.annotations.NullMarked;
