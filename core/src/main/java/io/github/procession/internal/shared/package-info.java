/// Shared objects as this process sees them, and values on their way between processes.
///
/// - [SharedBlock]: an object that this process is attached to, mapped and counted once however many handles there are.
/// - [Parcels]: values with the shared objects in them, packed for another process.
/// - [QueueCore] and [Extents]: a queue of values over the ring, small items in cells, large ones in extents.
/// - [RecordCore] and [RecordShape]: a record in two copies, and how records become bytes.
/// - [PackedCore]: an object that never changes, serialized once, rebuilt once in each process.
/// - [Turnstile]: who is inside an object, so that it can be closed.
/// - [Local]: the codec and the class loaders of this process.
///
/// **May import** `internal.tree`, `internal.classes`, `internal.wire`, `internal.ring`, `internal.memory`,
/// `internal.waiting`.
@NullMarked
package io.github.procession.internal.shared;

import org.jspecify.annotations.NullMarked;
