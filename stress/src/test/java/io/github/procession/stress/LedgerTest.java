package io.github.procession.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whether faults that are put in are found, and what is right is not taken for one.
class LedgerTest {
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
    void anItemOutOfOrderIsFound() {
        ledger.add(Ledger.word(Activity.SMALL_ITEMS, 0), 1);
        ledger.reckonOrder();
        assertFault("out of order");
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
        var process = new ProcessBuilder("sleep", "600").start();
        var life = ledger.begin(Activity.SEMAPHORE, "dead", process.pid());
        var holders = new Ledger.Holders(ledger, 1);
        holders.holds(holders.enter(life), 1);
        process.destroyForcibly().waitFor();
        holders.holds(holders.enter(begin(Activity.SEMAPHORE)), 1);
        holders.check();
        assertThat(ledger.faults()).isEmpty();
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
        var watchdog = new Watchdog(Duration.ofSeconds(60), EnumSet.of(Activity.BARRIER), _ -> progress.get());
        var look = Duration.ofSeconds(30);
        assertThat(watchdog.look(look, false)).isEmpty();
        assertThat(watchdog.look(look, false)).isEmpty();
        progress.incrementAndGet();
        assertThat(watchdog.look(look, false)).isEmpty();
        assertThat(watchdog.look(look, false)).isEmpty();
        assertThat(watchdog.look(look, true)).isEmpty(); // somebody is stopped: it may be that one's turn
        assertThat(watchdog.look(look, false)).containsExactly(Activity.BARRIER);
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
