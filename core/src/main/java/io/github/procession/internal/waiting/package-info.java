/// Sleeping and waking in shared memory, for threads of any kind in any process.
///
/// | file | what it is |
/// |---|---|
/// | `README.md` | the protocol as steps, and why no wake is lost. Read this first |
/// | [WaitPoint] | the place where threads sleep: signal, await, repair, close |
/// | [WaitPointLayout] | its bytes, drawn |
/// | [Watch], [Parker] | how virtual threads sleep there without holding a carrier |
///
/// Rules of the room:
///
///   - It imports `java.*` and the room `os`.
///   - A wake is a hint to look again, never a message: whoever wakes, for whatever reason or none, repeats its attempt.
///     All correctness is that a look that is needed cannot fail to happen.
///   - Whoever leaves after it may have used up a wake passes one on, however it leaves.
@NullMarked
package io.github.procession.internal.waiting;

import org.jspecify.annotations.NullMarked;
