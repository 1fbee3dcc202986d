package io.github.procession.stress;

import io.github.procession.SharedEvent;
import io.github.procession.SharedLatch;
import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeUnit;

/// A semaphore, a barrier, and rounds of a latch and an event.
final class Meetings {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int FOLLOWERS = 2;
    private static final int GENERATION = 0;
    private static final int INSIDE = 1;

    /// What those who count down get from the one who waits for them.
    record Round(long number, SharedLatch latch, SharedEvent event) implements Serializable {}

    private final Member member;
    private final Ledger ledger;
    private final Shares shares;

    Meetings(Member member) {
        this.member = member;
        this.ledger = member.ledger();
        this.shares = member.shares();
    }

    void play() throws InterruptedException {
        switch (member.role().activity()) {
            case SEMAPHORE -> takePermits();
            case BARRIER -> meet();
            default -> {
                while (member.goesOn()) {
                    if (member.role().number() == 0) {
                        lead();
                    } else {
                        follow();
                    }
                }
            }
        }
    }

    // ---- the semaphore ---------------------------------------------------------------------------------------------

    private void takePermits() throws InterruptedException {
        var holders = new Ledger.Holders(ledger, Shares.PERMITS);
        int place = holders.enter(member.life());
        while (member.goesOn()) {
            int permits = member.random().nextInt(1, Shares.PERMITS);
            if (shares.semaphore().tryAcquire(permits, PATIENCE)) {
                holders.holds(place, permits);
                holders.check();
                member.pause();
                holders.holds(place, 0);
                shares.semaphore().release(permits);
                member.done();
            }
            member.pause();
        }
    }

    /// When all members have ended, all permits are back.
    static void reckon(Ledger ledger, Shares shares) throws InterruptedException {
        boolean all = shares.semaphore().tryAcquire(Shares.PERMITS, Duration.ofSeconds(30));
        ledger.check(Activity.SEMAPHORE, all, "permits have not come back: %s", shares.semaphore());
        ledger.check(Activity.SEMAPHORE, !shares.semaphore().tryAcquire(), "there are more permits than ever");
    }

    // ---- the barrier -----------------------------------------------------------------------------------------------

    static long inside(int party) {
        return Ledger.word(Activity.BARRIER, INSIDE + party);
    }

    /// The action: all have come, and nobody has left.
    static void act(String file) {
        var ledger = Member.ledger(file);
        for (int party = 0; party < Shares.PARTIES; party++) {
            ledger.check(Activity.BARRIER, ledger.get(inside(party)) == 1, "a round without party %d", party);
        }
        ledger.add(Ledger.word(Activity.BARRIER, GENERATION), 1);
    }

    private void meet() throws InterruptedException {
        int party = member.role().number();
        while (member.goesOn()) {
            long before = ledger.get(Ledger.word(Activity.BARRIER, GENERATION));
            ledger.set(inside(party), 1);
            try {
                shares.barrier().await();
                long after = ledger.get(Ledger.word(Activity.BARRIER, GENERATION));
                member.check(after > before, "party %d has left round %d before its action", party, before);
                ledger.set(inside(party), 0);
                member.done();
            } catch (BrokenBarrierException e) {
                ledger.set(inside(party), 0);
                if (shares.barrier().isBroken()) {
                    shares.barrier().reset();
                }
            }
            member.pause();
        }
    }

    // ---- event and latch -------------------------------------------------------------------------------------------

    private void lead() throws InterruptedException {
        long number = ledger.add(Ledger.word(Activity.EVENT_AND_LATCH, 0), 1) + 1;
        ledger.counted(number, 0);
        try (var latch = SharedLatch.create(FOLLOWERS);
                var event = SharedEvent.create()) {
            var round = new Round(number, latch, event);
            for (int i = 0; i < FOLLOWERS; i++) {
                if (!shares.rounds().offer(round, PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    return;
                }
            }
            if (latch.await(PATIENCE)) {
                long counted = ledger.counted(number);
                member.check(counted >= FOLLOWERS, "a latch of %d is open after %d", FOLLOWERS, counted);
                member.done();
            } // else one of them has died
            ledger.announceEvent(number);
            event.set();
        }
        member.pause();
    }

    private void follow() throws InterruptedException {
        var round = shares.rounds().poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (round != null) {
            try (var latch = round.latch();
                    var event = round.event()) {
                ledger.counted(round.number(), 1);
                latch.countDown();
                if (event.await(PATIENCE)) {
                    boolean announced = ledger.isEventAnnounced(round.number());
                    member.check(announced, "the event of round %d came by itself", round.number());
                }
            }
        }
    }
}
