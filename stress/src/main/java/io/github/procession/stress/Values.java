package io.github.procession.stress;

import io.github.procession.SharedMemory;
import java.lang.foreign.ValueLayout;

/// A record that is never torn, an array whose elements add up, and memory by its name.
final class Values {
    private static final long MAGIC = 0x5707_4D5E_EDL;
    private static final int NAMED_BYTES = 4096;

    /// Its components say the same thing in different ways.
    record Point(long number, long inverse, double fraction, int low, long times) {
        static Point of(long number) {
            return new Point(number, ~number, number / 2.0, (int) number, number * 31);
        }

        /// Whether it is as it was made.
        boolean isWhole() {
            return equals(of(number));
        }
    }

    private final Member member;
    private final Shares shares;

    Values(Member member) {
        this.member = member;
        this.shares = member.shares();
    }

    static SharedMemory common() {
        var memory = SharedMemory.create(Shares.COMMON_NAME, NAMED_BYTES);
        memory.segment().set(ValueLayout.JAVA_LONG, 0, MAGIC);
        return memory;
    }

    void play() {
        long last = 0;
        while (member.goesOn()) {
            switch (member.role().activity()) {
                case RECORD -> last = changePoint(last);
                case ARRAY -> add();
                default -> name();
            }
            member.done();
            member.pause();
        }
    }

    private long changePoint(long last) {
        var seen = shares.point().get();
        see(member.ledger(), last, seen);
        member.life().announce();
        var set = shares.point().update(point -> Point.of(point.number() + 1));
        member.life().acknowledge();
        see(member.ledger(), seen.number() + 1, set);
        return set.number();
    }

    /// Checks what was read from a record that only grows.
    static void see(Ledger ledger, long least, Point seen) {
        ledger.check(Activity.RECORD, seen.isWhole(), "a record is torn: %s", seen);
        ledger.check(Activity.RECORD, seen.number() >= least, "a record has gone back from %d to %s", least, seen);
    }

    private void add() {
        member.life().announce();
        shares.counts().getAndIncrement(member.random().nextInt(Shares.COUNTS));
        member.life().acknowledge();
    }

    private void name() {
        var name = "storm-of-role-" + member.role().number();
        try (var made = SharedMemory.create(name, NAMED_BYTES);
                var opened = SharedMemory.open(name);
                var common = SharedMemory.open(Shares.COMMON_NAME)) {
            long value = member.random().nextLong();
            made.segment().set(ValueLayout.JAVA_LONG, 0, value);
            long read = opened.segment().get(ValueLayout.JAVA_LONG, 0);
            member.check(read == value, "memory of one name is two: %d, %d", value, read);
            long magic = common.segment().get(ValueLayout.JAVA_LONG, 0);
            member.check(magic == MAGIC, "common memory has %d", magic);
        }
    }

    /// When all members have ended.
    static void reckon(Ledger ledger, Shares shares) {
        var point = shares.point().get();
        see(ledger, 0, point);
        between(ledger, Activity.RECORD, point.number());
        between(ledger, Activity.ARRAY, shares.counts().stream().sum());
    }

    private static void between(Ledger ledger, Activity activity, long value) {
        long least = ledger.acknowledged(activity);
        long most = ledger.announced(activity);
        ledger.check(
                activity, least <= value && value <= most, "%d, but it must be between %d and %d", value, least, most);
    }
}
