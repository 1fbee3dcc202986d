/// The child's side: what a started JVM does.
///
/// [Main] boots: it opens the link to its parent, learns who it is, and does what its role says: run a target ([Target]),
/// run one task, or serve a pool ([TaskLoop]), whose limits ask what its [Threads] are doing; a spare prepares itself
/// ([WarmUp]) until it is told. [Ahead] does beside the boot what every child needs soon. [Lifeline] ends it when its parent or the root is gone.
///
/// Booting does without the native linker, which alone takes longer than the rest; what needs it is linked in the
/// background. Nor does it link what no cache of classes keeps: no switch over types, no generated `equals` of a record, no
/// formatting (`docs/decisions/0018`).
///
/// **May import** `internal.shared`, `internal.tree`, `internal.wire`, `internal.ring`, `internal.waiting`,
/// `internal.os`, and the exported `function`.
@NullMarked
package io.github.procession.internal.worker;

import org.jspecify.annotations.NullMarked;
