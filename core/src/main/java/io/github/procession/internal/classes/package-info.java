/// Classes across processes.
///
/// A class of the application's class path or of the JDK is looked up by each process itself. Any other class has a
/// loader of its own in the process where it came from (a source launcher's, a shell's, a plugin's); a child asks its
/// parent for it and defines it in a [ProxyLoader], one for each loader of the parent, so that classes of one name from
/// two loaders stay two classes.
///
/// Read [Loaders] first: it names loaders and finds classes by name; [ClassServer] answers children, with the bytes that
/// [ClassCode] finds.
///
/// **May import** `internal.wire`.
@NullMarked
package io.github.procession.internal.classes;

import org.jspecify.annotations.NullMarked;
