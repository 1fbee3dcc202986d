/// The parent's side: child processes, and pools of them.
///
/// - [Child]: one process from its start to its end; [OutputPump] reads its output, [Lines] cuts it, [Mouth] writes it;
///   [Keeper] keeps this JVM alive for it. It begins as a [Boot], which may have waited among the [Spares].
///   [Setup] says how it differs from this process.
/// - [Supervisor]: a pool. [Task] is what is asked, [Worker] who is alive, the supervisor's loop joins the two,
///   [Report] says what they have done. [MemoryWatch] and [OomCount] know what memory has to do with an end.
///
/// Ends are values here ([ExitInfo], `Outcome`); the public types turn them into exceptions.
///
/// **May import** all rooms but `internal.worker`.
@NullMarked
package io.github.procession.internal.supervise;

import org.jspecify.annotations.NullMarked;
