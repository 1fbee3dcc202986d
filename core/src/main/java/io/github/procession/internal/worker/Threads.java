package io.github.procession.internal.worker;

import java.util.Map;

/// What the threads of this process are doing, as text.
final class Threads {
    private static final int MOST_CHARACTERS = 64 << 10;

    private Threads() {}

    /// All platform threads that run Java code, one of them first.
    static String dump(Thread first) {
        var all = Thread.getAllStackTraces();
        var text = new StringBuilder();
        var frames = all.remove(first);
        if (frames != null) {
            append(text, first, frames);
        }
        all.entrySet().stream()
                .sorted(Map.Entry.comparingByKey((a, b) -> Long.compare(a.threadId(), b.threadId())))
                .filter(thread -> thread.getValue().length > 0)
                .forEach(thread -> append(text, thread.getKey(), thread.getValue()));
        return text.toString();
    }

    private static void append(StringBuilder text, Thread thread, StackTraceElement[] frames) {
        if (text.length() > MOST_CHARACTERS) {
            return;
        }
        text.append('"')
                .append(thread.getName())
                .append("\" #")
                .append(thread.threadId())
                .append(thread.isDaemon() ? " daemon " : " ")
                .append(thread.getState())
                .append('\n');
        for (var frame : frames) {
            text.append("    at ").append(frame).append('\n');
        }
    }
}
