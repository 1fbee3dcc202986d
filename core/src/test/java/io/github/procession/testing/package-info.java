/// What all of the project's tests share. It travels in core's test-jar.
///
/// Read [NothingLeftBehind] first: it guards every test of every module without being named there. [Surroundings] is
/// what it looks at; a [LeftoverProbe] shows it more.
@NullMarked
package io.github.procession.testing;

import org.jspecify.annotations.NullMarked;
