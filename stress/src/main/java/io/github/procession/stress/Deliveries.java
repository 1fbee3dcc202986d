package io.github.procession.stress;

import io.github.procession.SharedInt;
import io.github.procession.SharedQueue;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Producers and consumers of queues. What was put comes out once, whole, and in the order of its producer.
final class Deliveries {
    private static final int PRODUCER = 0;
    private static final int SMALL = 200;
    private static final int LARGE = 300_000;
    private static final int MOST_AT_ONCE = 4;

    /// An item.
    ///
    /// @param number   in the ledger
    /// @param producer a life
    /// @param sequence of that producer
    /// @param length   of the bytes
    /// @param bytes    all of them made of the number
    /// @param handle   of a number that is the item's, or null
    record Parcel(
            long number,
            long producer,
            long sequence,
            int length,
            byte[] bytes,
            @Nullable SharedInt handle) implements Serializable {}

    private final Member member;
    private final Activity activity;
    private final SharedQueue<Parcel> queue;
    private final Order order;

    Deliveries(Member member) {
        this.member = member;
        this.activity = member.role().activity();
        this.queue = member.shares().queues().get(activity.ordinal());
        this.order = new Order(member.ledger(), activity);
    }

    void play() throws InterruptedException {
        if (member.role().number() == PRODUCER) {
            for (long sequence = 1; member.goesOn(); sequence++) {
                put(sequence);
            }
        } else {
            while (member.goesOn()) {
                take();
            }
        }
    }

    private void put(long sequence) throws InterruptedException {
        var random = member.random();
        long number = member.ledger().announce(activity);
        var bytes = new byte[random.nextInt(activity == Activity.LARGE_ITEMS ? LARGE : SMALL)];
        Arrays.fill(bytes, (byte) number);
        try (var handle = activity == Activity.HANDLES ? SharedInt.of((int) number) : null) {
            var parcel = new Parcel(number, member.life().id(), sequence, bytes.length, bytes, handle);
            if (random.nextInt(4) > 0) {
                queue.put(parcel);
            } else if (!queue.offer(parcel, 1, TimeUnit.SECONDS)) {
                member.ledger().refuse(activity, number);
                return;
            }
        } catch (InterruptedException e) {
            member.ledger().refuse(activity, number);
            throw e;
        }
        member.ledger().acknowledge(number);
        member.pause();
    }

    private void take() throws InterruptedException {
        var items = new ArrayList<Parcel>();
        int way = member.random().nextInt(6);
        member.life().taking(way == 0 ? MOST_AT_ONCE : 1);
        if (way == 0) {
            queue.drainTo(items, MOST_AT_ONCE);
        } else {
            var item = way == 1 ? queue.poll(1, TimeUnit.SECONDS) : queue.take();
            if (item != null) {
                items.add(item);
            }
        }
        for (var item : items) {
            taken(member.ledger(), activity, item);
            member.done();
            order.note(item);
        }
        member.life().taking(0);
    }

    static void taken(Ledger ledger, Activity activity, Parcel item) {
        ledger.taken(activity, item.number());
        boolean whole = item.bytes().length == item.length();
        for (byte each : item.bytes()) {
            whole &= each == (byte) item.number();
        }
        ledger.check(activity, whole, "item %d is torn", item.number());
        try (var handle = item.handle()) {
            boolean right = activity != Activity.HANDLES
                    || Objects.requireNonNull(handle, "the handle").get() == (int) item.number();
            ledger.check(activity, right, "the handle in item %d leads elsewhere", item.number());
        }
    }

    /// What one consumer has seen of each producer; it counts what comes after a later item.
    static final class Order {
        private final Ledger ledger;
        private final Activity activity;
        private final Map<Long, Long> lastOf = new HashMap<>();

        Order(Ledger ledger, Activity activity) {
            this.ledger = ledger;
            this.activity = activity;
        }

        void note(Parcel item) {
            long last = lastOf.getOrDefault(item.producer(), 0L);
            if (item.sequence() <= last) {
                ledger.add(Ledger.word(activity, 0), 1);
            }
            lastOf.put(item.producer(), Math.max(last, item.sequence()));
        }
    }

    /// Takes out what is left when all members have ended, and checks that all items are accounted for.
    static void reckon(Ledger ledger, List<SharedQueue<Parcel>> queues) {
        for (var activity : Activity.QUEUES) {
            var queue = queues.get(activity.ordinal());
            var order = new Order(ledger, activity);
            for (var item = queue.poll(); item != null; item = queue.poll()) {
                taken(ledger, activity, item);
                order.note(item);
            }
        }
        ledger.reckonItems();
        ledger.reckonOrder();
    }
}
