/// Messages from one process to another: ours beside what else there is on the JVM, and CPython. All transports carry the same
/// bytes between the same JVMs, one after the other in each round.
@NullMarked
package io.github.procession.benchmarks.transport;

import org.jspecify.annotations.NullMarked;
