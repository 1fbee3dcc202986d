/// Whether the examples do what they show, and whether the pages show what they are.
@NullMarked
package io.github.procession.examples;

import org.jspecify.annotations.NullMarked;
