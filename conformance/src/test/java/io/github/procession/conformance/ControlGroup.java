package io.github.procession.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A control group with a limit, made for one test, where this process may make one. Everything in it is killed when closed.
final class ControlGroup implements AutoCloseable {
    private static final Path MOUNTED = Path.of("/sys/fs/cgroup");

    private final Path folder;

    private ControlGroup(Path folder) {
        this.folder = folder;
    }

    /// At most so many bytes of memory.
    static Optional<ControlGroup> memory(long bytes) {
        return make("memory", "memory.limit_in_bytes", "memory.max", bytes);
    }

    /// At most so many processes and threads.
    static Optional<ControlGroup> pids(long most) {
        return make("pids", "pids.max", "pids.max", most);
    }

    /// Empty if there is no such controller, or no right to use it.
    private static Optional<ControlGroup> make(String controller, String first, String second, long limit) {
        var top = MOUNTED.resolve(controller);
        String file = first;
        if (!Files.exists(top.resolve("cgroup.procs"))) {
            top = MOUNTED;
            file = second;
        }
        var group = new ControlGroup(
                top.resolve("procession-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime()));
        try {
            Files.createDirectory(group.folder);
        } catch (IOException e) {
            return Optional.empty();
        }
        try {
            Files.writeString(group.folder.resolve(file), Long.toString(limit));
            return Optional.of(group);
        } catch (IOException e) {
            group.close();
            return Optional.empty();
        }
    }

    /// A command that runs what follows it inside.
    String[] inside() {
        return new String[] {"sh", "-c", "echo $$ > " + folder.resolve("cgroup.procs") + " && exec \"$@\"", "sh"};
    }

    @Override
    public void close() {
        processes().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        Processes.await("the control group to be empty", () -> processes().isEmpty());
        Processes.await("the control group to go", () -> {
            try {
                Files.deleteIfExists(folder);
                return true;
            } catch (IOException busy) {
                return false;
            }
        });
    }

    private List<Long> processes() {
        try {
            return Files.readAllLines(folder.resolve("cgroup.procs")).stream()
                    .map(Long::valueOf)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
