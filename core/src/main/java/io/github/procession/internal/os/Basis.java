package io.github.procession.internal.os;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What this process's tree is built on: the calls of Linux, or nothing but what every JVM has (*portable*). It is settled
/// once: the root looks at the system and at a system property, and tells its children on their command lines.
public final class Basis {
    /// The system property with which a root is portable on Linux too.
    public static final String PROPERTY = "procession.portable";

    private static final String LINUX = "linux";
    private static final String PORTABLE = "portable:";

    private static @Nullable String told; // by the parent; guarded by the class

    private Basis() {}

    /// Whether it is the portable one.
    ///
    /// @throws IllegalArgumentException      if the property is neither true nor false
    /// @throws UnsupportedOperationException if this system has neither
    public static boolean isPortable() {
        if (Settled.REFUSAL != null) {
            throw Settled.REFUSAL;
        }
        return Settled.PORTABLE;
    }

    /// What a child is told on its command line.
    ///
    /// @throws OsException if this is a portable root whose directory cannot be made
    public static String toArgument() {
        return isPortable() ? PORTABLE + DirectoryFiles.directory() : LINUX;
    }

    /// Takes what the parent has told; first thing in a child.
    ///
    /// @throws IllegalStateException if this process has been told something else by its own flags
    public static synchronized void adopt(String argument) {
        String own = System.getProperty(PROPERTY);
        boolean portable = argument.startsWith(PORTABLE);
        if (own != null && portable != isTrue(own)) {
            throw new IllegalStateException(
                    "This process has -D%s=%s, and the root of its tree %s. All processes of a tree are the same in that: give the property to the root's JVM, or to none, and not to a child alone."
                            .formatted(PROPERTY, own, portable ? "is portable" : "is not portable"));
        }
        told = argument;
    }

    /// The directory that a child was told of; null in a root.
    static synchronized @Nullable Path directoryTold() {
        return told == null ? null : Path.of(told.substring(PORTABLE.length()));
    }

    private static synchronized boolean settle() {
        if (told != null) {
            return told.startsWith(PORTABLE);
        }
        String own = System.getProperty(PROPERTY);
        if (System.getProperty("os.name", "").startsWith("Windows")) {
            throw new UnsupportedOperationException(
                    "Procession does not run on Windows itself: use it in WSL 2, or in a Linux container.");
        }
        if (own != null) {
            return isTrue(own);
        }
        return !Os.isSupported();
    }

    private static boolean isTrue(String value) {
        return switch (value) {
            case "true", "" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException("-D%s=%s: the property is true or false".formatted(PROPERTY, value));
        };
    }

    /// Settled when somebody first asks.
    private static final class Settled {
        static final boolean PORTABLE;
        static final @Nullable RuntimeException REFUSAL;

        static {
            boolean portable = false;
            RuntimeException refusal = null;
            try {
                portable = settle();
            } catch (IllegalArgumentException | UnsupportedOperationException e) {
                refusal = e;
            }
            PORTABLE = portable;
            REFUSAL = refusal;
        }
    }
}
