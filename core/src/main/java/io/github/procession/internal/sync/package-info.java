/// Synchronization in shared memory: what each primitive holds, and what becomes of it when a holder dies.
///
/// | file | what it is |
/// |---|---|
/// | `README.md` | the protocols step by step, and why they hold. Read this first |
/// | [Journal] | several words changed as one, whoever dies in the middle |
/// | [LockWord] | who owns a lock |
/// | [SemaphoreState], [ConditionState], [BarrierState], [EventState], [LatchState] | the other primitives |
/// | [SyncPoint] | a name for every shared store, at which tests let a process die |
///
/// Rules of the room:
///
///   - A state knows words and numbers, not handles and not how to wait: an operation succeeds or says that it cannot.
///     The room above puts a state and the wait points of its users together.
///   - Whoever holds something is a slot in the tree, so that the root can tell what the dead held; threads are told apart
///     by their number within the process.
///   - Each state has one method `bury`, which only the root calls, after the kernel has said that the process is gone or
///     after the process has said that it has detached.
///   - Memory is accessed through `static final` handles at offsets from where the state begins; all words are longs.
///
/// **May import** `internal.waiting`, `internal.os`.
@NullMarked
package io.github.procession.internal.sync;

import org.jspecify.annotations.NullMarked;
