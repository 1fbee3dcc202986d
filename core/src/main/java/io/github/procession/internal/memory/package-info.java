/// Segments: memory that the processes of a tree share, and where an object lies in it.
///
/// Only the root makes memory ([SegmentStore]), so that it outlives the child that asked for it. Every process, the
/// root too, reaches it by mapping the root's descriptor ([Mappings]). A segment is an anonymous memory file: it has no
/// name, cannot shrink or grow, is fully backed before anybody sees it, and is gone when the last process is.
///
/// Read [Place] first, then [BlockLayout], [SegmentStore], [Mappings].
///
/// **May import** `internal.os`. **Invariant**: a block is handed out again only when no process is attached to it;
/// who is attached is the business of `internal.tree`.
@NullMarked
package io.github.procession.internal.memory;

import org.jspecify.annotations.NullMarked;
