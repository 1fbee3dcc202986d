/// Queues and pipes in shared memory: how messages pass between processes that may be killed at any instruction.
///
/// | file | what it is |
/// |---|---|
/// | [CellRing] | the queue: many producers, many consumers, an item is never lost, doubled or torn. Read this first |
/// | [Lane] | one lane of cells, the algorithm of the queue. The mechanism and its proof are here |
/// | [CellRingLayout] | the bytes of both, drawn |
/// | [RecordPipe] | the pipe: one producer and one consumer at a time, records of any length |
/// | [RecordPipeLayout] | its bytes, drawn |
/// | [TwinBlock] | two copies of a few bytes: read whole at any time, changed by one writer at a time |
/// | [CrashPoint] | a name for every shared store, at which tests let a process die |
///
/// Rules of the room:
///
///   - The algorithms import `java.*` and nothing else, and never wait: an operation succeeds or says that it cannot.
///     Only the blocks, which put such data and the wait points of its users side by side, know the room `waiting`.
///   - **A shared store is either invisible or final.** Between any two stores a process may be killed, so each step
///     leaves a state that others can go on with, or from which the root can tell whose it was and repair it.
///   - Only the root repairs, only for a process of which the kernel said that it is gone, and before its slot is given
///     to another.
///   - All offsets, sizes and states have names in the `…Layout` classes, as plain constants: a child maps its rings
///     while it starts, and building a `StructLayout` there would cost it 5 ms.
///   - Segments may belong to any arena. Access goes through `static final` handles with the offset as coordinate, and
///     each acquire, release and compare-and-set is spelt out; nothing relies on the strong order of x86.
@NullMarked
package io.github.procession.internal.ring;

import org.jspecify.annotations.NullMarked;
