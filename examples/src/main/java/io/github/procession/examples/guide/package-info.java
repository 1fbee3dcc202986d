/// What the README and the guide quote: each class is a small program, and the regions between `// tag::NAME[]` and
/// `// end::NAME[]` are the samples. A test runs the programs and compares their output with what it should be; another
/// compares the pages with the regions.
@NullMarked
package io.github.procession.examples.guide;

import org.jspecify.annotations.NullMarked;
