package io.github.procession.internal.wire;

import java.io.ObjectInputFilter;
import java.security.Security;
import org.jspecify.annotations.Nullable;

/// The filter that the JVM has for Java's serialization, which all is asked about that has a class.
public final class SerialFilter {
    /*
     * The JDK looks for a logger in each jar of the class path before it answers for the first time, which takes a program of a
     * hundred jars longer than the boot of a child. As long as none of the program's code has run, there is no filter but one
     * that was configured, and that can be seen without the JDK.
     */
    private static final String FILTER = "jdk.serialFilter";
    private static final String FACTORY = "jdk.serialFilterFactory";

    private static volatile boolean early;

    private SerialFilter() {}

    /// Made when needed.
    private static final class Configuration {
        private static final boolean ANY = System.getProperty(FILTER) != null
                || System.getProperty(FACTORY) != null
                || Security.getProperty(FILTER) != null
                || Security.getProperty(FACTORY) != null;
    }

    /// Whether no code of the program has run in this process.
    public static void setEarly(boolean newEarly) {
        early = newEarly;
    }

    /// Finds out what takes time.
    public static void prepare() {
        var _ = get();
    }

    static @Nullable ObjectInputFilter get() {
        if (early && !Configuration.ANY) {
            return null;
        }
        return ObjectInputFilter.Config.getSerialFilterFactory()
                .apply(null, ObjectInputFilter.Config.getSerialFilter());
    }
}
