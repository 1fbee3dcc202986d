/// The storm: a tree of processes uses everything there is, while members of it are killed, stopped and replaced, and a
/// [Ledger] outside of what is tested checks that nothing is lost, doubled, torn or stuck.
///
/// Read [Storm] first, then [Succession], where roots die too. What the members do and check is in [Exclusion], [Deliveries], [Meetings], [Values] and [PoolWork].
/// A process of the storm is a [Seat] that a [Crew] keeps manned; each thread of who sits there has a [Life] in the ledger.
///
/// Of the library this uses what users may use, and `internal.os` for signals, as its tests do.
@NullMarked
package io.github.procession.stress;

import org.jspecify.annotations.NullMarked;
