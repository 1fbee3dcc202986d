package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// Log records of a child in the loggers of its parent.
public final class Logs {
    private static final class Printer extends Handler {
        @Override
        public void publish(LogRecord entry) {
            System.out.println(entry.getLoggerName() + " " + entry.getLevel() + ": " + entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private Logs() {}

    // tag::log[]
    static void copy() {
        System.getLogger("app.copy").log(System.Logger.Level.WARNING, "{0} files are left", 3);
    }
    // end::log[]

    public static void main(String[] args) throws Exception {
        var root = Logger.getLogger("");
        for (var handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.addHandler(new Printer());

        // tag::forward[]
        ChildProcess.of(Logs::copy)
                .name("copier")
                .options(o -> o.forwardLogs(true))
                .start()
                .join(); // the logger app.copy of this process gets: [copier] 3 files are left
        // end::forward[]
    }
}
