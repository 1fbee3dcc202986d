/// What several implementations must do, written once. A contract is an abstract test class; whoever implements it
/// extends it in a few lines and says how to make one.
///
/// - [QueueContract]: a queue between processes.
/// - [PoolContract]: a pool of workers.
@NullMarked
package io.github.procession.conformance;

import org.jspecify.annotations.NullMarked;
