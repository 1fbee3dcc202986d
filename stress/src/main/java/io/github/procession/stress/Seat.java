package io.github.procession.stress;

import java.io.Serializable;
import java.util.List;

/// A place for a process in the tree: who dies there is replaced.
///
/// @param name  unique; that of a grandchild begins with its parent's
/// @param roles what its threads do
/// @param below the seats of its own children
record Seat(String name, List<Role> roles, List<Seat> below) implements Serializable {
    /// One thread's part in an activity; the number tells producers from consumers.
    record Role(Activity activity, int number) implements Serializable {}
}
