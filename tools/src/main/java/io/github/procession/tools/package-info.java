/// The command line. [Main] reads the arguments and finds the command; each command is a class that says what it does, by
/// annotations, and checks what it is given. What a command then does is a class of its own: [Demo] for `procession demo`, [MapRun] for
/// `procession map`, [Doctor] for `procession doctor`;
/// `procession storm` is a module of its own.
///
/// Results go to standard output, complaints to standard error. Exit codes: 0 done, 1 something went wrong, 2 the command
/// line is not right. Plain ASCII, in at most 100 columns.
@NullMarked
package io.github.procession.tools;

import org.jspecify.annotations.NullMarked;
