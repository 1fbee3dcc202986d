package io.github.procession.internal.ring;

/// A name for the instant after each shared store, at which a test lets the process die as if it were killed there.
///
/// `-Dio.github.procession.crash=OFFER_CLAIMED:17` halts the JVM when it passes [#OFFER_CLAIMED] for the 17th time.
/// `-Dio.github.procession.crash=LINGER:200` makes it stay a while at every point, so that a SIGKILL at a random moment
/// mostly finds it at one. Without that property the check is a constant that the compiler removes.
enum CrashPoint {
    /// A producer owns its cell; nobody else knows more.
    OFFER_CLAIMED,
    /// The hint for the next producers points past it.
    OFFER_HINTED,
    /// Tag and length are written, the body is not.
    OFFER_HEADED,
    /// All is written, nothing is published.
    OFFER_WRITTEN,
    /// The item is published but the producer's caller does not know.
    OFFER_PUBLISHED,
    /// A consumer owns its cell; nobody else knows more.
    CLAIM_TAKEN,
    /// The hint for the next consumers points past it.
    CLAIM_HINTED,
    /// The body is copied out, the cell is still taken.
    CLAIM_COPIED,
    /// The cell is free but the consumer's caller does not know.
    CLAIM_RELEASED,
    /// A tombstone is cleared away, the hint does not show it.
    TOMBSTONE_CLEARED,
    /// The rest of the lap is filled with padding, the tail does not show it.
    PIPE_PADDED,
    /// Length and type are written, the body is not.
    PIPE_HEADED,
    /// The record is written, the tail does not show it.
    PIPE_WRITTEN,
    /// The record is published but the producer's caller does not know.
    PIPE_PUBLISHED,
    /// The record is freed but the consumer's caller does not know.
    PIPE_FREED;

    static final String LINGER = "LINGER";
    static final String PROPERTY = "io.github.procession.crash";

    /// Exit status of a process that died at its crash point.
    static final int STATUS = 86;

    private static final boolean ARMED = System.getProperty(PROPERTY) != null;

    /// Marks the instant: this thread has just made the store of that name.
    void pass() {
        if (ARMED) {
            Fuse.burn(this);
        }
    }

    /// Loaded only in a process that is to die.
    private static final class Fuse {

        private static final String NAME;
        private static int count;

        static {
            String[] plan = System.getProperty(PROPERTY, "").split(":");
            NAME = plan[0];
            count = plan.length > 1 ? Integer.parseInt(plan[1]) : 1;
        }

        static void burn(CrashPoint passed) {
            if (NAME.equals(LINGER)) {
                for (int i = 0; i < count; i++) {
                    Thread.onSpinWait();
                }
            } else if (NAME.equals(passed.name()) && countdown()) {
                Runtime.getRuntime().halt(STATUS);
            }
        }

        private static synchronized boolean countdown() {
            return --count <= 0;
        }
    }
}
