/// Programs that use Procession: every sample that is shown anywhere, run by a test and compared with its golden output.
///
/// Start with [Example1] to [Example4], the first four programs that one writes. `guide` has what the README and the guide
/// quote, `sources` a real job over real files.
@NullMarked
package io.github.procession.examples;

import org.jspecify.annotations.NullMarked;
