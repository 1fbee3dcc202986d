/// Who is in the tree, and who holds what.
///
/// One process, the **root**, supervises the tree: it numbers the processes (*slots*), makes the shared objects, counts
/// who is attached to them, and repairs after the dead. Everything that it knows is in its own heap ([Registry]); when
/// the root dies the tree dies, so that nothing needs to survive it.
///
/// ```text
///   any process                                   the root
///   Node ── RootPort ──┬── OwnRoot ───────────────► Registry ── SegmentStore
///                      └── LinkedRoot ── Link ────► RootDesk ──┘     ▲
///                                                   Reaper ──────────┘
/// ```
///
/// Read [Node] first, then [RootPort], [Registry], [Reaper].
///
/// **Invariants.** Only the root repairs, and only after the kernel has said that the whole process is gone; time is
/// never taken for death. A slot is used again only when everything that its process held is repaired. An object lives
/// while a slot is attached to it or a pin holds it.
///
/// **May import** `internal.wire`, `internal.ring`, `internal.memory`, `internal.waiting`, `internal.os`.
@NullMarked
package io.github.procession.internal.tree;

import org.jspecify.annotations.NullMarked;
