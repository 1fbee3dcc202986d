/// Segments: memory that the processes of a tree share, and where an object lies in it.
///
/// Only the root makes memory ([SegmentStore]), so that it outlives the child that asked for it. Every process, the
/// root too, reaches it by mapping the root's file ([Mappings]). A segment is a file of the tree: it does not
/// shrink or grow, is fully backed before anybody sees it, and nothing of it is left when the tree has ended.
///
/// Read [Place] first, then [BlockLayout], [SegmentStore], [Mappings].
///
/// **May import** `internal.os`. **Invariant**: a block is handed out again only when no process is attached to it;
/// who is attached is the business of `internal.tree`.
@NullMarked
package io.github.procession.internal.memory;

import org.jspecify.annotations.NullMarked;
