/// What a target takes, and arguments bound to it.
///
/// [Signature] finds names and types of the parameters behind a serializable function: of the method that a lambda or
/// method reference stands for, or of the class that implements the function. [LocalNames] reads names that only the
/// debugging information has. [Arguments] binds by position, then by name, and says what does not fit.
///
/// Nothing here throws for what a user gave: a misfit is a value ([Binding.Misfit]), and the roof throws.
///
/// **May import** nothing of the library.
@NullMarked
package io.github.procession.internal.binding;

import org.jspecify.annotations.NullMarked;
