/// The only room that speaks to the operating system: every `Linker`, `MethodHandle` to libc and system call number of
/// the library is here, behind verbs of our own domain.
///
/// | file | what it is |
/// |---|---|
/// | [Os] | the verbs: memory files, descriptors, processes, sleeping and waking. Read this first |
/// | [PollSet] | one thread that watches many descriptors, with a doorbell for the other threads |
/// | [OsException] | a refused call: which one, the errno by number and name, the usual cause and the fix |
///
/// Rules of the room:
///
///   - It imports `java.*` and nothing else; nobody outside mentions `java.lang.foreign.Linker`.
///   - Nothing is linked when a class loads. The first `downcallHandle` of a JVM costs about 28 ms, which a child must
///     not pay before it has shaken hands; each group of verbs links when its first verb is spoken.
///   - A call that may sleep is a plain downcall. A `critical` one would hold up the garbage collector for as long as
///     it sleeps; only the futex wake, which never sleeps, is critical.
@NullMarked
package io.github.procession.internal.os;

import org.jspecify.annotations.NullMarked;
