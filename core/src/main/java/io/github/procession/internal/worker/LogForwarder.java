package io.github.procession.internal.worker;

import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.LinkClosedException;
import io.github.procession.internal.wire.Message;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;

/// Sends the log records of this process to its parent, in place of the handlers that its root logger has.
final class LogForwarder extends Handler {
    /// The system property that asks for it. Its value is the parent's level, and it is inherited, as all are.
    static final String PROPERTY = "io.github.procession.logs";

    private static final int RECORDS_AHEAD = 64;
    private static final int CHARACTERS_AHEAD = 64 << 10;

    private final Link parent;
    private final Formatter message = new Formatter() {
        @Override
        public String format(LogRecord entry) {
            return formatMessage(entry);
        }
    };
    private int records; // since the parent was known to be up to date; guarded by this
    private int characters; // guarded by this

    private LogForwarder(Link parent) {
        this.parent = parent;
    }

    /// Takes over the root logger.
    static void install(Link parent, String level) {
        var root = Objects.requireNonNull(LogManager.getLogManager().getLogger(""), "the root logger");
        for (var handler : root.getHandlers()) {
            root.removeHandler(handler);
            handler.close();
        }
        root.setLevel(util(System.Logger.Level.valueOf(level)));
        root.addHandler(new LogForwarder(parent));
    }

    @Override
    public void publish(LogRecord entry) {
        if (isLoggable(entry)) {
            String name = entry.getLoggerName();
            send(system(entry.getLevel()).name(), name == null ? "" : name, text(entry));
        }
    }

    /// In the order of the records. Waits now and then for the parent, which cannot keep any number of them.
    private synchronized void send(String level, String logger, String text) {
        records++;
        characters += text.length();
        try {
            if (records > RECORDS_AHEAD || characters > CHARACTERS_AHEAD) {
                records = 0;
                characters = 0;
                parent.ask(Message.Done.class, request -> new Message.Logged(request, level, logger, text));
            } else {
                parent.send(new Message.Logged(Message.Logged.UNANSWERED, level, logger, text));
            }
        } catch (LinkClosedException e) {
            // the parent is gone, and so will this process be; or this JVM shuts down
        }
    }

    private String text(LogRecord entry) {
        var thrown = entry.getThrown();
        if (thrown == null) {
            return message.format(entry);
        }
        var trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        return message.format(entry) + System.lineSeparator() + trace.toString().stripTrailing();
    }

    /// The highest level that is not above.
    private static System.Logger.Level system(Level level) {
        return Arrays.stream(System.Logger.Level.values())
                .filter(l -> l != System.Logger.Level.ALL && l != System.Logger.Level.OFF)
                .filter(l -> l.getSeverity() <= level.intValue())
                .max(Comparator.comparingInt(System.Logger.Level::getSeverity))
                .orElse(System.Logger.Level.TRACE);
    }

    private static Level util(System.Logger.Level level) {
        return switch (level) {
            case ALL -> Level.ALL;
            case TRACE -> Level.FINER;
            case DEBUG -> Level.FINE;
            case INFO -> Level.INFO;
            case WARNING -> Level.WARNING;
            case ERROR -> Level.SEVERE;
            case OFF -> Level.OFF;
        };
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
