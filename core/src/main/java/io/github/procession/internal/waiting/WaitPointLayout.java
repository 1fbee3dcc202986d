package io.github.procession.internal.waiting;

/// The bytes of a [WaitPoint]: 256, all zero at first.
///
/// ```text
///  0    seq        int     the futex: changes with every signal that found a waiter
///  128  waiters    long    | epoch: 32 | how many threads are about to sleep or asleep: 32 |
/// ```
///
/// Signallers read `waiters` each time and touch `seq` only when there are some, hence the two lines.
public final class WaitPointLayout {

    public static final long BYTES = 256;
    public static final long ALIGNMENT = 128;

    public static final long SEQ_AT = 0;
    public static final long WAITERS_AT = 128;

    /// What a signal for one adds to seq.
    static final int ONE = 1;

    /// What a signal for all adds to seq. A reader that finds seq so much further, by that or by as many signals for
    /// one, treats it as for all.
    static final int ALL = 1 << 16;

    private WaitPointLayout() {}

    static int epoch(long waiters) {
        return (int) (waiters >>> 32);
    }

    static int count(long waiters) {
        return (int) waiters;
    }

    /// Nobody waits, in the epoch after that of `waiters`.
    static long nextEpoch(long waiters) {
        return ((waiters >>> 32) + 1) << 32;
    }
}
