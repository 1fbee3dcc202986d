/// Functions that can be sent to another process: the `java.util.function` shapes, serializable and free to throw.
///
/// A lambda or method reference written where one of these types is expected is serializable by itself. What it
/// captures must be serializable too; sending reports the path to the first thing that is not.
///
/// This room imports nothing of the library.
@NullMarked
package io.github.procession.function;

import org.jspecify.annotations.NullMarked;
