package io.github.procession;

/// A process of the tree, as another one of it sees it.
///
/// @param name   its name; `main` for the root
/// @param pid    its process id
/// @param daemon whether it is a daemon
public record ProcessInfo(String name, long pid, boolean daemon) {
    /// Whether a process with this id is running.
    ///
    /// @return true if so
    public boolean isAlive() {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
}
