package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.Connection;
import io.github.procession.Pipe;
import io.github.procession.SharedEvent;
import io.github.procession.SharedQueue;
import io.github.procession.Waitable;
import java.io.EOFException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaitAnyTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @Test
    void isEmptyAtTheLimit() throws Exception {
        assertThat(Waitable.waitAny(List.of())).isEmpty();
        try (var queue = SharedQueue.<Integer>create();
                var event = SharedEvent.create();
                var pipe = Pipe.open()) {
            var all = List.of(queue, event, pipe.left());
            assertThat(Waitable.waitAny(all, Duration.ZERO)).isEmpty();
            assertThat(Waitable.waitAny(all, Duration.ofMillis(20))).isEmpty();
        }
    }

    private static void send(Connection connection, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            connection.send(i);
        }
        connection.close();
    }

    @Test
    void collectsAllMessagesAndEndsOfFourWriters() throws Exception {
        var open = new ArrayList<Connection>();
        for (int i = 0; i < 4; i++) {
            var pipe = Pipe.oneWay();
            var _ = ChildProcess.of(WaitAnyTest::send, pipe.right(), 100).start();
            pipe.right().close();
            open.add(pipe.left());
        }
        int messages = 0;
        int ends = 0;
        while (!open.isEmpty()) {
            for (var ready : Waitable.waitAny(open)) {
                var connection = (Connection) ready;
                try {
                    connection.receive();
                    messages++;
                } catch (EOFException e) {
                    ends++;
                    open.remove(connection);
                    connection.close();
                }
            }
        }
        assertThat(messages).isEqualTo(400);
        assertThat(ends).isEqualTo(4);
    }

    enum What {
        QUEUE,
        END_OF_QUEUE,
        EVENT,
        MESSAGE,
        END_OF_PIPE,
        PROCESS
    }

    private static void cause(What what, SharedQueue<Integer> queue, SharedEvent event, Connection connection)
            throws Exception {
        switch (what) {
            case QUEUE -> queue.put(1);
            case END_OF_QUEUE -> queue.end();
            case EVENT -> event.set();
            case MESSAGE -> connection.send(1);
            case END_OF_PIPE -> connection.close();
            case PROCESS -> throw new AssertionError();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anyOfThemWakes(boolean virtual) throws Exception {
        for (var what : What.values()) {
            try (var queue = SharedQueue.<Integer>create();
                    var event = SharedEvent.create();
                    var pipe = Pipe.open();
                    var gate = SharedEvent.create()) {
                var child = ChildProcess.of(() -> gate.await()).daemon(true).start();
                var waiting = new FutureTask<>(() -> Waitable.waitAny(List.of(queue, event, pipe.left(), child), SOON));
                (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(waiting);
                TimeUnit.MILLISECONDS.sleep(20); // it may wait by then, or not
                if (what == What.PROCESS) {
                    gate.set();
                } else {
                    cause(what, queue, event, pipe.right());
                }
                Waitable expected = switch (what) {
                    case QUEUE, END_OF_QUEUE -> queue;
                    case EVENT -> event;
                    case MESSAGE, END_OF_PIPE -> pipe.left();
                    case PROCESS -> child;
                };
                assertThat(waiting.get(60, TimeUnit.SECONDS)).as("%s", what).containsExactly(expected);
                gate.set();
                child.join();
            }
        }
    }

    /// More than the kernel waits for at once, and each gets its turn.
    @Test
    void noneOfManyIsStarved() throws Exception {
        int count = 300;
        var queues = new ArrayList<SharedQueue<Integer>>();
        try {
            for (int i = 0; i < count; i++) {
                queues.add(SharedQueue.create(4));
            }
            var random = new Random(4);
            for (int round = 0; round < 30; round++) {
                var chosen = queues.get(random.nextInt(count));
                var waiting = new FutureTask<>(() -> Waitable.waitAny(queues, SOON));
                Thread.ofPlatform().start(waiting);
                TimeUnit.MICROSECONDS.sleep(random.nextInt(3000));
                chosen.put(round);
                assertThat(waiting.get(60, TimeUnit.SECONDS)).containsExactly(chosen);
                assertThat(chosen.take()).isEqualTo(round);
            }
            for (var queue : queues) {
                queue.put(1);
            }
            assertThat(Waitable.waitAny(queues)).hasSize(count);
        } finally {
            queues.forEach(SharedQueue::close);
        }
    }

    /// One who waits for several things and leaves must not keep a wake from one who takes.
    @Test
    void aWakeIsPassedOn() throws Exception {
        try (var queue = SharedQueue.<Integer>create();
                var event = SharedEvent.create()) {
            for (int round = 0; round < 200; round++) {
                var looking = new FutureTask<>(() -> Waitable.waitAny(List.of(event, queue), SOON));
                var taking = new FutureTask<>(queue::take);
                Thread.ofPlatform().start(looking);
                Thread.ofPlatform().start(taking);
                if (round % 2 == 0) {
                    TimeUnit.MILLISECONDS.sleep(2);
                }
                queue.put(round);
                assertThat(taking.get(30, TimeUnit.SECONDS)).isEqualTo(round);
                event.set();
                assertThat(looking.get(30, TimeUnit.SECONDS)).isNotEmpty();
                event.clear();
            }
        }
    }

    @Test
    void interruptAndCloseEndIt() throws Exception {
        try (var event = SharedEvent.create()) {
            var queue = SharedQueue.<Integer>create();
            var waiting = new FutureTask<>(() -> Waitable.waitAny(List.of(event, queue)));
            var thread = Thread.ofPlatform().start(waiting);
            TimeUnit.MILLISECONDS.sleep(20);
            thread.interrupt();
            assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedException.class);
            var again = new FutureTask<>(() -> Waitable.waitAny(List.of(event, queue)));
            Thread.ofPlatform().start(again);
            TimeUnit.MILLISECONDS.sleep(20);
            queue.close();
            assertThatThrownBy(() -> again.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> Waitable.waitAny(List.of(event, queue))).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> Waitable.waitAny(List.of(ChildProcess.of(() -> {}))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not been started");
            try (var pipe = Pipe.oneWay()) {
                assertThatThrownBy(() -> Waitable.waitAny(List.of(pipe.right())))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("one-way");
            }
        }
    }

    /// The queues of a pipe were unmapped under a thread that slept there, which then left the others half waited for: to
    /// close one of those took for ever.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPipeThatIsClosedMeanwhileLeavesTheOthersWhole(boolean virtual) throws Exception {
        var random = new Random(5);
        for (int round = 0; round < 100; round++) {
            var queue = SharedQueue.<Integer>create(2);
            var pipe = Pipe.open();
            var waiting = new FutureTask<>(() -> Waitable.waitAny(List.of(pipe.left(), queue)));
            (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(waiting);
            TimeUnit.MICROSECONDS.sleep(random.nextInt(1500));
            pipe.close();
            assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has closed the connection");
            var closing = new FutureTask<Void>(queue::close, null);
            Thread.ofPlatform().daemon().start(closing);
            closing.get(30, TimeUnit.SECONDS);
        }
    }
}
