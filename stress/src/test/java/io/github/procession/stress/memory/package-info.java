/// What the memory of the machine may do to the algorithms, by jcstress: each class is a state that two threads work on at once,
/// millions of times, with the results that are allowed. [OrderTest] runs them.
@NullMarked
package io.github.procession.stress.memory;

import org.jspecify.annotations.NullMarked;
