/// The vocabulary of multiprocessing: everything that a program names.
@NullMarked
package io.github.procession;

import org.jspecify.annotations.NullMarked;
