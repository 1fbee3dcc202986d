package io.github.procession.internal.memory;

/// A shared object as the root describes it to a process that attaches.
///
/// @param id    its number, never used twice in a tree
/// @param kind  what it is
/// @param place where it lies
public record ObjectRef(long id, ObjectKind kind, Place place) {}
