package io.github.procession.internal.memory;

/// Where a block lies: a byte range of a segment, and the root's file that the segment is.
///
/// @param segment      the segment's number, never used twice in a tree
/// @param file         the number of the root's file; meaningful while the block is alive
/// @param segmentBytes the whole segment's length
/// @param offset       where the block begins
/// @param bytes        the block's length
public record Place(long segment, int file, long segmentBytes, long offset, long bytes) {}
