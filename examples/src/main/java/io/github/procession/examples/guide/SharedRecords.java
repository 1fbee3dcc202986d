package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.SharedRecord;

/// A record that several processes change.
public final class SharedRecords {
    private SharedRecords() {}

    // tag::record[]
    record Range(long from, long to) {}

    record Account(double balance, int bookings, Range months) {}

    static void book(SharedRecord<Account> account) {
        for (int i = 0; i < 1000; i++) account.update(a -> new Account(a.balance() + 2, a.bookings() + 1, a.months()));
    }

    public static void main(String[] args) throws Exception {
        try (var account = SharedRecord.of(new Account(0, 0, new Range(1, 12)))) {
            var one = ChildProcess.of(SharedRecords::book, account).start();
            var two = ChildProcess.of(SharedRecords::book, account).start();
            while (one.isAlive() || two.isAlive()) {
                var seen = account.get(); // never the balance of one booking with the number of another
                if (seen.balance() != 2 * seen.bookings()) System.out.println("torn: " + seen);
            }
            System.out.println(account.get());
        }
    }
    // end::record[]
}
