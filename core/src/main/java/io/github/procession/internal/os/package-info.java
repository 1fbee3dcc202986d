/// The only room that speaks to the operating system: every `Linker`, `MethodHandle` to libc and system call number of
/// the library is here, behind verbs of our own domain.
///
/// | file | what it is |
/// |---|---|
/// | [Basis] | on what this process's tree is built: on Linux, or on what every JVM has. Read this first |
/// | [TreeFiles] | shared memory: anonymous, or files in a [TreeDirectory] |
/// | [Sleeping], [Vigil] | sleeping on a word of it, or on many: by futex, or by timed parks |
/// | [Cable] | how two processes talk: pipes without a name, or local sockets |
/// | [Deathwatch] | which process has ended: by its descriptor, or as the JDK knows it |
/// | [Outlet], [Outlets] | what a child prints: pipes read by one thread, or streams with a thread each |
/// | [Kinship] | Ctrl-C, and dying with the parent |
/// | [Os] | the verbs of Linux: memory files, descriptors, processes, sleeping and waking |
/// | [PollSet] | one thread that watches many descriptors, with a doorbell for the other threads |
/// | [OsException] | a refused call: which one, the errno by number and name, the usual cause and the fix |
/// | [Shortage] | what the words of the JDK and of JVMs say has run out, and the fix |
/// | [Threads] | threads of our own, and what is said where there are no more |
///
/// Rules of the room:
///
///   - It imports `java.*` and nothing else; nobody outside mentions `java.lang.foreign.Linker`.
///   - Nobody outside asks which basis it is: each thing that differs is one type here with two kinds, chosen once.
///   - Nothing is linked when a class loads. The first `downcallHandle` of a JVM costs about 28 ms, which a child must
///     not pay before it has shaken hands; each group of verbs links when its first verb is spoken.
///   - A call that may sleep is a plain downcall. A `critical` one would hold up the garbage collector for as long as
///     it sleeps; only the futex wake, which never sleeps, is critical.
@NullMarked
package io.github.procession.internal.os;

import org.jspecify.annotations.NullMarked;
