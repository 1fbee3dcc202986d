/// Whether the command line does what it says, and says what is wrong.
@NullMarked
package io.github.procession.tools;

import org.jspecify.annotations.NullMarked;
