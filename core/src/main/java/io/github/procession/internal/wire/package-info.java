/// What processes say to each other, and how it becomes bytes.
///
/// - [Message]: the closed set of control messages; [Frames] gives each its bytes; [Link] carries them both ways
///   between two processes and matches answers with questions.
/// - [Codec]: objects to bytes and back, with the names of class loaders ([ClassNames]) and the shared objects that
///   travel along ([Shipment]), and the variables of a shell that they use ([ShellCode]). [ValueWriter] and [ValueReader]
///   have the forms that are the codec's own, found for each class by [Form]; [Packer] and [Unpacker] are Java's
///   serialization for the rest.
/// - [Outcome]: how a task ended, as a value; [Outcomes] gives it its bytes.
///
/// Links are messages over a [io.github.procession.internal.os.Cable]: nobody but the same user can open one, and end of file
/// means that the other side is gone.
///
/// **May import** `internal.memory`, `internal.os`.
@NullMarked
package io.github.procession.internal.wire;

import org.jspecify.annotations.NullMarked;
