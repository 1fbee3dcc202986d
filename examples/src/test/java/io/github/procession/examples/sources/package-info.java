/// Whether the job finds what is there, however it is done.
@NullMarked
package io.github.procession.examples.sources;

import org.jspecify.annotations.NullMarked;
