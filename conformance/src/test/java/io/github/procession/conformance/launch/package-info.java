/// Every way in which Java programs are started, each tried with a program of its own in a fresh JVM.
///
/// [Workshop] builds programs, [Launch] runs one; read [ClassPathTest] first.
@NullMarked
package io.github.procession.conformance.launch;

import org.jspecify.annotations.NullMarked;
