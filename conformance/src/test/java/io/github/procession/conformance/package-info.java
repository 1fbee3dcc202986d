/// Tests of what the whole library promises, with real processes. [RootJvm] is a program of its own for scenarios that
/// need one; [Processes] looks at processes from outside.
package io.github.procession.conformance;
