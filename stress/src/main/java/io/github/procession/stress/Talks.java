package io.github.procession.stress;

import io.github.procession.Connection;
import io.github.procession.Pipe;
import io.github.procession.SharedQueue;
import io.github.procession.Waitable;
import java.io.EOFException;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// Pipes whose right ends travel through a queue: all that was sent comes out once and in order, then the end, whoever of the
/// two is killed.
final class Talks {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int SPEAKER = 0;
    private static final int SENTENCES = 40;
    private static final int MOST_AT_ONCE = 3;

    /// What the listener gets.
    ///
    /// @param first number of the first sentence in the ledger; the others follow
    record Talk(long first, Connection connection) implements Serializable {}

    private final Member member;
    private final Ledger ledger;
    private final SharedQueue<Talk> talks;

    Talks(Member member) {
        this.member = member;
        this.ledger = member.ledger();
        this.talks = member.shares().talks();
    }

    void play() throws InterruptedException {
        if (member.role().number() == SPEAKER) {
            while (member.goesOn()) {
                speak();
                member.pause();
            }
        } else {
            listen();
        }
    }

    // ---- the speaker -----------------------------------------------------------------------------------------------

    private void speak() throws InterruptedException {
        long first = ledger.announce(Activity.PIPE, SENTENCES);
        long listener = 0;
        try (var pipe = Pipe.open()) {
            boolean isOffered = talks.offer(new Talk(first, pipe.right()), PATIENCE.toSeconds(), TimeUnit.SECONDS);
            pipe.right().close();
            if (!isOffered || Waitable.waitAny(List.of(pipe.left()), PATIENCE).isEmpty()) {
                return; // nobody has time
            }
            listener = pipe.left().receive(Long.class);
            for (long sentence = first; sentence < first + SENTENCES; sentence++) {
                pipe.left().send(sentence);
                ledger.acknowledge(sentence);
            }
            pipe.left().send(null);
            long heard = pipe.left().receive(Long.class);
            member.check(heard == SENTENCES, "%d of %d sentences were heard", heard, SENTENCES);
            member.done();
        } catch (IOException e) {
            left(ledger, listener, e);
        }
    }

    /// A listener has left before the end: one that is killed, or had been before it said who it is.
    static void left(Ledger ledger, long listener, IOException e) {
        boolean killed = listener == 0
                ? ledger.lives().stream().anyMatch(life -> life.activity() == Activity.PIPE && life.isDoomed())
                : ledger.isDoomed(ledger.life(listener).pid())
                        || ledger.life(listener).isGone();
        ledger.check(Activity.PIPE, killed || ledger.isStopped(), "listener %d is alive, but: %s", listener, e);
    }

    // ---- the listener ----------------------------------------------------------------------------------------------

    private void listen() throws InterruptedException {
        Map<Connection, Talk> open = new LinkedHashMap<>();
        var heard = new LinkedHashMap<Connection, Long>();
        while (member.goesOn()) {
            var on = new ArrayList<Waitable>(open.keySet());
            if (open.size() < MOST_AT_ONCE) {
                on.add(talks);
            }
            for (var ready : Waitable.waitAny(on, PATIENCE)) {
                if (!(ready instanceof Connection connection)) {
                    var talk = talks.poll();
                    if (talk != null) {
                        open.put(talk.connection(), talk);
                        heard.put(talk.connection(), 0L);
                        greet(talk.connection());
                    }
                    continue;
                }
                var talk = Objects.requireNonNull(open.get(connection));
                long number = Objects.requireNonNull(heard.get(connection));
                try {
                    var sentence = connection.receive(Long.class);
                    if (sentence == null) {
                        connection.send(number);
                    } else {
                        heard(ledger, talk.first() + number, sentence);
                        heard.put(connection, number + 1);
                    }
                } catch (EOFException e) {
                    ended(ledger, talk.first(), number);
                    open.remove(connection);
                    heard.remove(connection);
                    connection.close();
                } catch (IOException e) { // it has ended while this one spoke: the end comes next
                    member.check(number == SENTENCES, "after %d sentences: %s", number, e);
                }
            }
        }
    }

    private void greet(Connection connection) throws InterruptedException {
        try {
            connection.send(member.life().id());
        } catch (IOException e) {
            // the speaker has lost patience: the end comes next
        }
    }

    static void heard(Ledger ledger, long expected, long sentence) {
        ledger.check(Activity.PIPE, sentence == expected, "sentence %d came in place of %d", sentence, expected);
        ledger.taken(Activity.PIPE, sentence);
    }

    /// The end of file has come after so many: no further one may have been sent.
    static void ended(Ledger ledger, long first, long heard) {
        boolean all = heard == SENTENCES || !ledger.isAcknowledged(first + heard);
        ledger.check(Activity.PIPE, all, "the end came before sentence %d, which had been sent", first + heard);
    }

    /// When all members have ended.
    static void reckon(SharedQueue<Talk> talks) {
        for (var talk = talks.poll(); talk != null; talk = talks.poll()) {
            talk.connection().close();
        }
    }
}
