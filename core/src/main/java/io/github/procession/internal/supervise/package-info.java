/// The parent's side: child processes, and pools of them.
///
/// - [Child]: one process from its start to its end; [OutputPump] passes its output on, [Keeper] keeps this JVM alive
///   for it.
/// - [Supervisor]: a pool. [Task] is what is asked, [Worker] who is alive, the supervisor's loop joins the two.
///
/// Ends are values here ([ExitInfo], `Outcome`); the public types turn them into exceptions.
///
/// **May import** all rooms but `internal.worker`.
@NullMarked
package io.github.procession.internal.supervise;

import org.jspecify.annotations.NullMarked;
