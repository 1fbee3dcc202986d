package io.github.procession.internal.os;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Lets a process die at a named instant, for tests.
///
/// `-Dio.github.procession.crash=OFFER_CLAIMED:17` halts the JVM when it passes the instant of that name for the 17th time.
/// `-Dio.github.procession.crash=LINGER:200` makes it stay a while at every one, so that a SIGKILL at a random moment
/// mostly finds it at one. `-Dio.github.procession.crash=WATCH` calls [#watcher]. Without that property the check is a
/// constant that the compiler removes.
public final class Fuse {
    /// The system property.
    public static final String PROPERTY = "io.github.procession.crash";

    /// Whether the property is set.
    public static final boolean ARMED = System.getProperty(PROPERTY) != null;

    /// Stay a while.
    public static final String LINGER = "LINGER";

    /// Exit status of a process that died at its instant.
    public static final int STATUS = 86;

    /// Called with the name of each instant, by the thread that passes it; a test of one process sets it.
    public static volatile @Nullable Consumer<String> watcher;

    private static final String WATCH = "WATCH";

    private Fuse() {}

    /// The calling thread passes the instant of that name.
    public static void burn(String passed) {
        switch (Plan.NAME) {
            case LINGER -> {
                for (int i = 0; i < Plan.count; i++) {
                    Thread.onSpinWait();
                }
            }
            case WATCH -> {
                var watching = watcher;
                if (watching != null) {
                    watching.accept(passed);
                }
            }
            default -> {
                if (Plan.NAME.equals(passed) && Plan.countdown()) {
                    Runtime.getRuntime().halt(STATUS);
                }
            }
        }
    }

    /// Loaded only in a process that is to die.
    private static final class Plan {
        static final String NAME;
        static int count;

        static {
            String[] plan = System.getProperty(PROPERTY, "").split(":");
            NAME = plan[0];
            count = plan.length > 1 ? Integer.parseInt(plan[1]) : 1;
        }

        static synchronized boolean countdown() {
            return --count <= 0;
        }
    }
}
