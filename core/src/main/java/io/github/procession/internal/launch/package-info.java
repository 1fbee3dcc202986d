/// How a JVM is started.
///
/// [LaunchSpec] says what the user wants, [InheritedFlags] what this JVM was started with and a child should be too,
/// [ProgramCode] where its code is (and [LibraryFile] where this library is), [JavaCommand] makes one command line of all,
/// whose flags a child reads from its [FlagFile] and which describes its crash in its [CrashFile]; [Spawner] runs it on the
/// one thread that starts every process.
///
/// **May import** `internal.os`.
@NullMarked
package io.github.procession.internal.launch;

import org.jspecify.annotations.NullMarked;
