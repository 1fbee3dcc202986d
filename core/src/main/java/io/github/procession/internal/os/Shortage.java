package io.github.procession.internal.os;

import java.util.Optional;
import java.util.regex.Pattern;

/// What a machine may have run out of, as the JDK, a JVM or the system says it, and what to do about it.
public enum Shortage {
    /// No more processes or threads.
    THREADS(
            "The limit of processes or threads is reached. Raise it (ulimit -u; pids.max of the cgroup, which is --pids-limit of a container and TasksMax of systemd), or start fewer: a JVM has about 40 threads.",
            "native thread|pthread_create failed|Cannot create VM thread|error(=|: )11\\b|Resource temporarily unavailable"),
    /// No more open files.
    DESCRIPTORS(
            "The limit of open files is reached. Raise it (ulimit -n), or close what is no longer used: every child process and every large shared object needs a few.",
            "error(=|: )24\\b|Too many open files"),
    /// No memory.
    MEMORY(
            "There is not enough memory for another process. Start fewer, give each a smaller heap (maxHeap), or raise the limit (memory.max of the cgroup, which is --memory of a container).",
            "error(=|: )12\\b|Cannot allocate memory|insufficient memory|Could not reserve enough space"),
    /// No room on a disk.
    SPACE("A disk is full. Make room there, or name another folder.", "error(=|: )28\\b|No space left on device");

    private final String advice;
    private final Pattern signs;

    Shortage(String advice, String signs) {
        this.advice = advice;
        this.signs = Pattern.compile(signs);
    }

    /// What a message complains about; empty if it is nothing that runs out.
    public static Optional<Shortage> in(String message) {
        for (var shortage : values()) { // no lambda: where no descriptor is left, as little as possible is loaded
            if (shortage.signs.matcher(message).find()) {
                return Optional.of(shortage);
            }
        }
        return Optional.empty();
    }

    /// What has happened, and what to do, in two sentences.
    public String advice() {
        return advice;
    }

    /// A message, and the advice if it complains about something that runs out.
    public static String explained(String message) {
        var shortage = in(message);
        return shortage.isEmpty() || message.contains(shortage.get().advice)
                ? message
                : message.replaceFirst("[.\\s]+$", "") + ". " + shortage.get().advice;
    }
}
