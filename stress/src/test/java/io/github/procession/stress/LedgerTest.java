package io.github.procession.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.ExitStatus;
import io.github.procession.SharedInt;
import io.github.procession.stress.Deliveries.Parcel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whether faults that are put in are found, and what is right is not taken for one.
class LedgerTest {
    private static final long ONE = Ledger.CELLS + Long.BYTES; // the counters of the first cell
    private static final long TWO = ONE + Long.BYTES;

    private Ledger ledger;

    @TempDir
    Path folder;

    @BeforeEach
    void open() {
        ledger = Ledger.in(folder.resolve("ledger"));
    }

    private Life begin(Activity activity) {
        return ledger.begin(activity, "test", ProcessHandle.current().pid());
    }

    /// One whose process has been killed.
    private Life dead(Activity activity) throws Exception {
        var process = new ProcessBuilder("sleep", "600").start();
        var life = ledger.begin(activity, "dead", process.pid());
        process.destroyForcibly().waitFor();
        return life;
    }

    private long put(Activity queue) {
        long item = ledger.announce(queue);
        ledger.acknowledge(item);
        return item;
    }

    private void assertFault(String part) {
        assertThat(ledger.faults()).singleElement().asString().contains(part);
    }

    @Test
    void whatIsRightIsNoFault() {
        var life = begin(Activity.LOCK_WITH_REPAIR);
        var cell = new Ledger.Cell(ledger, Activity.LOCK_WITH_REPAIR, 0);
        cell.enter(life);
        cell.count(life);
        cell.leave(life);
        cell.reckon();
        ledger.taken(Activity.SMALL_ITEMS, put(Activity.SMALL_ITEMS));
        ledger.announce(Activity.SMALL_ITEMS); // its producer has died in put
        ledger.reckonItems();
        ledger.reckonOrder();
        Values.see(ledger, 0, Values.Point.of(5));
        assertThat(ledger.faults()).isEmpty();
        assertThat(ledger.checkedIn(Activity.SMALL_ITEMS)).isPositive();
    }

    @Test
    void aLostItemIsFound() {
        put(Activity.LARGE_ITEMS);
        var consumer = begin(Activity.LARGE_ITEMS);
        consumer.taking(1);
        consumer.end();
        ledger.reckonItems();
        assertFault("large items: 1 items are lost");
    }

    @Test
    void anItemThatAConsumerTookWithItIsNotLost() {
        put(Activity.LARGE_ITEMS);
        begin(Activity.LARGE_ITEMS).taking(1);
        ledger.reckonItems();
        assertThat(ledger.faults()).isEmpty();
        put(Activity.LARGE_ITEMS);
        ledger.reckonItems();
        assertFault("2 items are lost; the dead had taken 1");
    }

    @Test
    void aDoubledItemIsFound() {
        long item = put(Activity.HANDLES);
        ledger.taken(Activity.HANDLES, item);
        ledger.taken(Activity.HANDLES, item);
        assertFault("came out twice");
    }

    @Test
    void anItemThatNobodyPutIsFound() {
        ledger.taken(Activity.HANDLES, 3);
        assertFault("was never put");
    }

    @Test
    void anItemInTheWrongQueueIsFound() {
        ledger.taken(Activity.SMALL_ITEMS, put(Activity.LARGE_ITEMS));
        assertFault("is of large items");
    }

    @Test
    void anItemThatComesOutThoughItWasRefusedIsFound() {
        long item = ledger.announce(Activity.SMALL_ITEMS);
        ledger.refuse(Activity.SMALL_ITEMS, item);
        assertThat(ledger.faults()).isEmpty();
        ledger.taken(Activity.SMALL_ITEMS, item);
        assertFault("was refused and came out");
    }

    @Test
    void anItemThatIsRefusedAfterItHasComeOutIsFound() {
        long item = ledger.announce(Activity.SMALL_ITEMS);
        ledger.taken(Activity.SMALL_ITEMS, item);
        ledger.refuse(Activity.SMALL_ITEMS, item);
        assertFault("came out and was refused");
    }

    private Parcel parcel(int length, byte... bytes) {
        return new Parcel(put(Activity.SMALL_ITEMS), 1, 1, length, bytes, null);
    }

    @Test
    void aWholeItemIsNotTorn() {
        Deliveries.taken(ledger, Activity.SMALL_ITEMS, parcel(2, (byte) 0, (byte) 0));
        assertThat(ledger.faults()).isEmpty();
    }

    @Test
    void aTornItemIsFound() {
        Deliveries.taken(ledger, Activity.SMALL_ITEMS, parcel(2, (byte) 0, (byte) 1));
        assertFault("is torn");
    }

    @Test
    void anItemThatWasCutOffIsFound() {
        Deliveries.taken(ledger, Activity.SMALL_ITEMS, parcel(2, (byte) 0));
        assertFault("is torn");
    }

    @Test
    void aHandleToSomethingElseIsFound() {
        long item = put(Activity.HANDLES);
        var parcel = new Parcel(item, 1, 1, 0, new byte[0], SharedInt.of((int) item + 1));
        Deliveries.taken(ledger, Activity.HANDLES, parcel);
        assertFault("leads elsewhere");
    }

    @Test
    void anItemOutOfOrderIsFound() {
        var order = new Deliveries.Order(ledger, Activity.SMALL_ITEMS);
        for (int sequence : new int[] {1, 3}) {
            order.note(new Parcel(0, 1, sequence, 0, new byte[0], null));
        }
        order.note(new Parcel(0, 2, 2, 0, new byte[0], null)); // of another producer
        ledger.reckonOrder();
        assertThat(ledger.faults()).isEmpty();
        order.note(new Parcel(0, 1, 2, 0, new byte[0], null));
        ledger.reckonOrder();
        assertFault("out of order");
    }

    @Test
    void aTaskThatRunsTwiceIsFound() {
        long first = ledger.announce(Activity.POOL, 2);
        PoolWork.square(folder.resolve("ledger").toString(), "test", first, 1);
        assertThat(ledger.isTakenOnce(first)).isTrue();
        assertThat(ledger.isTakenOnce(first + 1)).isFalse();
        assertThat(ledger.faults()).isEmpty();
        PoolWork.square(folder.resolve("ledger").toString(), "test", first, 1);
        assertFault("came out twice");
    }

    @Test
    void aTornRecordIsFound() {
        var half = new Values.Point(2, ~2L, 1.0, 1, 62);
        Values.see(ledger, 0, half);
        assertFault("torn");
    }

    @Test
    void aRecordThatGoesBackIsFound() {
        Values.see(ledger, 6, Values.Point.of(5));
        assertFault("gone back");
    }

    @Test
    void aLockThatIsHeldTwiceIsFound() {
        var cell = new Ledger.Cell(ledger, Activity.GUARD, 0);
        cell.enter(begin(Activity.GUARD));
        cell.enter(begin(Activity.GUARD));
        assertFault("held by life 1 and by life 2");
    }

    @Test
    void aLockThatIsTakenFromItsOwnerIsFound() {
        var cell = new Ledger.Cell(ledger, Activity.GUARD, 0);
        cell.leave(begin(Activity.GUARD));
        assertFault("was also held by life 0");
    }

    @Test
    void countersThatNobodyRepairedAreFound() {
        var cell = new Ledger.Cell(ledger, Activity.GUARD, 0);
        ledger.set(ONE, 8);
        ledger.set(TWO, 7);
        cell.enter(begin(Activity.GUARD));
        assertFault("8 and 7, unrepaired");
    }

    @Test
    void aRepairMakesGoodWhatADeathLeaves() throws Exception {
        var cell = new Ledger.Cell(ledger, Activity.GUARD, 0);
        cell.enter(dead(Activity.GUARD));
        ledger.set(ONE, 8);
        ledger.set(TWO, 7);
        cell.mend();
        cell.enter(begin(Activity.GUARD));
        assertThat(ledger.faults()).isEmpty();
    }

    @Test
    void countersThatNoDeathLeavesAreFound() {
        var cell = new Ledger.Cell(ledger, Activity.GUARD, 0);
        ledger.set(ONE, 9);
        ledger.set(TWO, 7);
        cell.mend();
        assertFault("after a death: 9 and 7");
    }

    @Test
    void aRepairBeforeTheOwnerIsGoneIsFound() {
        var cell = new Ledger.Cell(ledger, Activity.GUARD, 0);
        cell.enter(begin(Activity.GUARD));
        cell.mend();
        assertFault("is alive");
    }

    @Test
    void aCountThatIsLostIsFound() {
        begin(Activity.GUARD).announce();
        var life = begin(Activity.GUARD);
        life.announce();
        life.acknowledge();
        new Ledger.Cell(ledger, Activity.GUARD, 0).reckon();
        assertFault("0 counted under a lock, but it must be between 1 and 2");
    }

    @Test
    void aPermitTooManyIsFound() {
        var holders = new Ledger.Holders(ledger, 3);
        int one = holders.enter(begin(Activity.SEMAPHORE));
        int two = holders.enter(begin(Activity.SEMAPHORE));
        holders.holds(one, 2);
        holders.holds(two, 1);
        holders.check();
        assertThat(ledger.faults()).isEmpty();
        holders.holds(two, 2);
        holders.check();
        assertFault("4 permits are taken, of 3");
    }

    @Test
    void permitsOfTheDeadDoNotCount() throws Exception {
        var holders = new Ledger.Holders(ledger, 1);
        int ofTheDead = holders.enter(dead(Activity.SEMAPHORE));
        holders.holds(ofTheDead, 1);
        int place = holders.enter(begin(Activity.SEMAPHORE));
        assertThat(place).isEqualTo(ofTheDead);
        holders.holds(holders.enter(begin(Activity.SEMAPHORE)), 1);
        holders.check();
        assertThat(ledger.faults()).isEmpty();
        holders.holds(place, 1);
        holders.check();
        assertFault("2 permits are taken, of 1, by lives [2, 3]");
    }

    @Test
    void aRoundOfABarrierWithoutAPartyIsFound() {
        for (int party = 1; party < Shares.PARTIES; party++) {
            ledger.set(Meetings.inside(party), 1);
        }
        Meetings.act(folder.resolve("ledger").toString());
        assertFault("a round without party 0");
    }

    @Test
    void aTalkThatIsHeardToItsEndIsRight() {
        long first = ledger.announce(Activity.PIPE, 40);
        ledger.acknowledge(first);
        Talks.heard(ledger, first, first);
        Talks.ended(ledger, first, 1);
        assertThat(ledger.faults()).isEmpty();
    }

    @Test
    void aSentenceThatTheEndHasOvertakenIsFound() {
        long first = ledger.announce(Activity.PIPE, 40);
        ledger.acknowledge(first);
        Talks.ended(ledger, first, 0);
        assertFault("the end came before sentence " + first);
    }

    @Test
    void aSentenceOutOfOrderIsFound() {
        long first = ledger.announce(Activity.PIPE, 40);
        Talks.heard(ledger, first, first + 1);
        assertFault("came in place of");
    }

    @Test
    void aListenerThatIsAliveAndGoneIsFound() throws Exception {
        Talks.left(ledger, dead(Activity.PIPE).id(), new IOException("gone"));
        assertThat(ledger.faults()).isEmpty();
        Talks.left(ledger, begin(Activity.PIPE).id(), new IOException("gone"));
        assertFault("is alive, but");
    }

    @Test
    void workThatIsNotDoneIsFound() {
        long first = put(Activity.WORK);
        ledger.taken(Activity.WORK, first);
        Jobs.done(ledger, first, 1);
        assertThat(ledger.faults()).isEmpty();
        put(Activity.WORK);
        Jobs.done(ledger, first, 2);
        assertFault("2 items are said to be done, and 1 have come out");
    }

    @Test
    void workThatIsLostWithoutADeathIsFound() throws Exception {
        long first = put(Activity.WORK);
        Jobs.lost(ledger, first, 1, "1 lost");
        assertFault("nobody has been killed");
    }

    @Test
    void workThatIsLostByTheDeadIsNot() throws Exception {
        dead(Activity.WORK).doom(Plan.Blow.SIGKILL.number());
        long first = put(Activity.WORK);
        Jobs.lost(ledger, first, 1, "1 lost");
        assertThat(ledger.faults()).isEmpty();
        for (int i = 0; i < 2; i++) {
            put(Activity.WORK);
        }
        Jobs.lost(ledger, first, 3, "3 lost");
        assertFault("only 0 of 3");
    }

    @Test
    void aMemberThatEndsByItselfIsFound() throws Exception {
        begin(Activity.CREW); // the root, which judges
        var doomed = dead(Activity.CREW);
        doomed.doom(Plan.Blow.SIGKILL.number());
        Crew.judge(ledger, "doomed", doomed.pid(), new ExitStatus(1, Optional.empty()));
        assertThat(ledger.faults()).isEmpty();
        Crew.judge(ledger, "test", dead(Activity.CREW).pid(), new ExitStatus(1, Optional.empty()));
        assertFault("test (pid ");
        ledger.stop();
        Crew.judge(ledger, "at the end", dead(Activity.CREW).pid(), new ExitStatus(0, Optional.empty()));
        assertFault("test (pid ");
    }

    @Test
    void anEventBeforeItsTimeIsKnown() {
        ledger.counted(7, 0);
        ledger.counted(7, 1);
        assertThat(ledger.counted(7)).isOne();
        assertThat(ledger.isEventAnnounced(7)).isFalse();
        ledger.announceEvent(7);
        assertThat(ledger.isEventAnnounced(7)).isTrue();
    }

    @Test
    void aStalledActivityIsFound() {
        var progress = new AtomicLong();
        var watchdog = new Watchdog<Activity>(Duration.ofSeconds(60), _ -> progress.get());
        var all = EnumSet.of(Activity.BARRIER);
        var look = Duration.ofSeconds(30);
        assertThat(watchdog.look(all, look, false)).isEmpty();
        assertThat(watchdog.look(all, look, false)).isEmpty();
        progress.incrementAndGet();
        assertThat(watchdog.look(all, look, false)).isEmpty();
        assertThat(watchdog.look(all, look, false)).isEmpty();
        assertThat(watchdog.look(all, look, true)).isEmpty(); // somebody is stopped: it may be that one's turn
        assertThat(watchdog.look(all, look, false)).containsExactly(Activity.BARRIER);
    }

    @Test
    void aMemberIsAtWorkFromItsFirstRoundToItsEnd() throws Exception {
        var life = begin(Activity.GUARD);
        assertThat(life.isAtWork()).isFalse();
        life.round();
        assertThat(life.isAtWork()).isTrue();
        assertThat(life.rounds()).isOne();
        life.end();
        assertThat(life.isAtWork()).isFalse();
        var dead = dead(Activity.GUARD);
        dead.round();
        assertThat(dead.isAtWork()).isFalse();
    }

    @Test
    void theSameSeedMakesTheSamePlan() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        var one = new Plan(seed);
        var two = new Plan(seed);
        for (int i = 0; i < 100; i++) {
            assertThat(one.next()).isEqualTo(two.next());
        }
        assertThat(Storm.seats(seed)).isEqualTo(Storm.seats(seed));
    }
}
