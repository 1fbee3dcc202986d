package io.github.procession.internal.memory;

/// Where a block lies: a byte range of a segment, and the root's descriptor through which the segment can be opened.
///
/// @param segment      the segment's number, never used twice in a tree
/// @param descriptor   the root's file descriptor of it; meaningful while the block is alive
/// @param segmentBytes the whole segment's length
/// @param offset       where the block begins
/// @param bytes        the block's length
public record Place(long segment, int descriptor, long segmentBytes, long offset, long bytes) {}
