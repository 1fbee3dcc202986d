package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.Connection;
import io.github.procession.Pipe;
import io.github.procession.Pool;
import io.github.procession.SharedEvent;
import io.github.procession.SharedInt;
import io.github.procession.SharedQueue;
import io.github.procession.internal.os.Os;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipeTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    record Point(int x, int y) implements java.io.Serializable {}

    // ---- messages --------------------------------------------------------------------------------------------------

    @Test
    void objectsAndBytesGoBothWays() throws Exception {
        try (var pipe = Pipe.open()) {
            var messages =
                    Arrays.asList(1, "text", null, new Point(1, 2), List.of(1, 2), Map.of("a", 1), new int[] {7}, "");
            for (var message : messages) {
                pipe.left().send(message);
                pipe.right().send(message);
            }
            for (var message : messages) {
                assertThat(pipe.right().receive()).isEqualTo(message);
                assertThat(pipe.left().receive()).isEqualTo(message);
            }
            pipe.left().sendBytes(new byte[0]);
            pipe.left().sendBytes(new byte[] {1, 2});
            pipe.left().send(new Point(3, 4));
            assertThat(pipe.right().receiveBytes()).isEmpty();
            assertThat(pipe.right().receiveBytes()).containsExactly(1, 2);
            assertThat(pipe.right().receive(Point.class)).isEqualTo(new Point(3, 4));
        }
    }

    @Test
    void boundariesAreKept() throws Exception {
        try (var pipe = Pipe.oneWay()) {
            for (var text : List.of("a", "b", "cd")) {
                pipe.right().sendBytes(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
            for (var text : List.of("a", "b", "cd")) {
                assertThat(pipe.left().receiveBytes()).asString().isEqualTo(text);
            }
        }
    }

    private static void echo(Connection connection) throws Exception {
        try (connection) {
            while (true) {
                connection.send(connection.receive());
            }
        } catch (EOFException e) {
            // as it should end
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 40, 41, 47, 48, 100, 4096, 1 << 20, 16 << 20})
    void messagesOfAnyLengthGoThereAndBack(int length) throws Exception {
        try (var pipe = Pipe.open()) {
            var child = ChildProcess.of(PipeTest::echo, pipe.right()).start();
            pipe.right().close();
            var bytes = new byte[length];
            new Random(length).nextBytes(bytes);
            for (int i = 0; i < 3; i++) {
                pipe.left().send(bytes);
                assertThat((byte[]) pipe.left().receive()).isEqualTo(bytes);
            }
            pipe.left().close();
            assertThat(child.join(SOON)).isTrue();
            assertThat(child.exitStatus().orElseThrow().success()).isTrue();
        }
    }

    @Test
    void segmentsAreSentAndFilled() throws Exception {
        try (var pipe = Pipe.oneWay();
                var arena = Arena.ofConfined()) {
            var out = arena.allocate(1000);
            for (int i = 0; i < 1000; i++) {
                out.set(ValueLayout.JAVA_BYTE, i, (byte) i);
            }
            var in = arena.allocate(1000);
            pipe.right().sendBytes(out.asSlice(0, 10));
            pipe.right().sendBytes(out);
            pipe.right().sendBytes(out.asSlice(0, 0));
            assertThat(pipe.left().receiveBytes(in)).isEqualTo(10);
            var small = in.asSlice(0, 999);
            assertThatThrownBy(() -> pipe.left().receiveBytes(small))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("1000 bytes")
                    .hasMessageContaining("999");
            assertThat(pipe.left().poll()).isTrue(); // it is not lost
            var readOnly = in.asReadOnly();
            assertThatThrownBy(() -> pipe.left().receiveBytes(readOnly)).isInstanceOf(RuntimeException.class);
            assertThat(pipe.left().receiveBytes(in)).isEqualTo(1000);
            assertThat(out.mismatch(in)).isEqualTo(-1);
            assertThat(pipe.left().receiveBytes(in)).isZero();
            assertThatThrownBy(() ->
                            pipe.right().sendBytes(MemorySegment.ofAddress(0).reinterpret(3L << 30)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("too many");
        }
    }

    @Test
    void whatIsNotAskedForIsNotLost() throws Exception {
        try (var pipe = Pipe.open()) {
            pipe.left().send("text");
            pipe.left().send("next");
            assertThatThrownBy(() -> pipe.right().receive(Integer.class))
                    .isInstanceOf(ClassCastException.class)
                    .hasMessageContaining("java.lang.String");
            assertThatThrownBy(() -> pipe.right().receiveBytes()).isInstanceOf(IllegalStateException.class);
            assertThat(pipe.right().receive(String.class)).isEqualTo("text");
            assertThat(pipe.right().receive()).isEqualTo("next");
        }
    }

    @Test
    void whatCannotBeSentThrowsAtTheSender() throws Exception {
        try (var pipe = Pipe.open()) {
            assertThatThrownBy(() -> pipe.left().send(new Object()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("java.lang.Object");
            pipe.left().send(1);
            assertThat(pipe.right().receive()).isEqualTo(1);
        }
    }

    // ---- one way ---------------------------------------------------------------------------------------------------

    @Test
    void eachEndOfAOneWayPipeDoesOneThing() throws Exception {
        try (var pipe = Pipe.oneWay()) {
            assertThat(pipe.left().readable()).isTrue();
            assertThat(pipe.left().writable()).isFalse();
            assertThat(pipe.right().readable()).isFalse();
            assertThat(pipe.right().writable()).isTrue();
            assertThatThrownBy(() -> pipe.left().send(1)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> pipe.right().receive()).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> pipe.right().poll()).isInstanceOf(IOException.class);
        }
    }

    // ---- waiting ---------------------------------------------------------------------------------------------------

    @Test
    void pollAsksOrWaits() throws Exception {
        try (var pipe = Pipe.open()) {
            assertThat(pipe.left().poll()).isFalse();
            assertThat(pipe.left().poll(Duration.ZERO)).isFalse();
            assertThat(pipe.left().poll(Duration.ofSeconds(-1))).isFalse();
            assertThat(pipe.left().poll(Duration.ofMillis(20))).isFalse();
            pipe.right().send(null);
            assertThat(pipe.left().poll()).isTrue();
            assertThat(pipe.left().poll(SOON)).isTrue();
            assertThat(pipe.left().receive()).isNull();
            pipe.right().close();
            assertThat(pipe.left().poll(SOON)).isTrue();
            assertThatThrownBy(() -> pipe.left().receive()).isInstanceOf(EOFException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptOrACloseEndsAWait(boolean virtual) throws Exception {
        try (var pipe = Pipe.open()) {
            var receiving = new FutureTask<>(() -> pipe.left().receive());
            var thread = (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(receiving);
            TimeUnit.MILLISECONDS.sleep(20);
            thread.interrupt();
            assertThatThrownBy(() -> receiving.get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(InterruptedException.class);
            var again = new FutureTask<>(() -> pipe.left().receive());
            (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(again);
            var full = new FutureTask<>(() -> {
                while (true) {
                    pipe.left().send(1);
                }
            });
            (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(full);
            TimeUnit.MILLISECONDS.sleep(20);
            pipe.left().close();
            assertThatThrownBy(() -> again.get(30, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("closed the connection");
            assertThatThrownBy(() -> full.get(30, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("closed the connection");
            assertThatThrownBy(() -> pipe.left().send(1)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> pipe.left().poll()).isInstanceOf(IOException.class);
            assertThat(pipe.left().isOpen()).isFalse();
            assertThat(pipe.right().isOpen()).isTrue();
            assertThat(pipe.right().receive()).isEqualTo(1); // what was sent is still there
        }
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    @Test
    void whatWasSentBeforeTheEndIsReceivedFirst() throws Exception {
        try (var pipe = Pipe.open()) {
            pipe.left().send(1);
            pipe.left().send(2);
            pipe.left().close();
            assertThat(pipe.right().receive()).isEqualTo(1);
            assertThat(pipe.right().receive()).isEqualTo(2);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> pipe.right().receive()).isInstanceOf(EOFException.class);
            }
            Processes.await("the end to be known", () -> {
                try {
                    pipe.right().send(3);
                    return false;
                } catch (IOException e) {
                    return e.getMessage().contains("other end");
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    private static void sendAndDie(Connection connection, boolean killed) throws Exception {
        connection.send("last");
        if (killed) {
            Os.kill(ProcessHandle.current().pid(), Os.SIGKILL);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theDeathOfTheLastHolderIsTheEnd(boolean killed) throws Exception {
        try (var pipe = Pipe.open()) {
            var child =
                    ChildProcess.of(PipeTest::sendAndDie, pipe.right(), killed).start();
            pipe.right().close(); // at once: the child's handle is still on its way
            assertThat(pipe.left().receive()).isEqualTo("last");
            assertThatThrownBy(() -> pipe.left().receive()).isInstanceOf(EOFException.class);
            child.join();
        }
    }

    private static void passOn(Connection connection) throws Exception {
        var child = ChildProcess.of(PipeTest::echo, connection).start();
        connection.close();
        child.join();
    }

    @Test
    void anEndReachesAGrandchild() throws Exception {
        try (var pipe = Pipe.open()) {
            var child = ChildProcess.of(PipeTest::passOn, pipe.right()).start();
            pipe.right().close();
            pipe.left().send("deep");
            assertThat(pipe.left().receive()).isEqualTo("deep");
            pipe.left().close();
            assertThat(child.join(SOON)).isTrue();
        }
    }

    @Test
    void endsTravelInMessagesItemsAndResults() throws Exception {
        try (var pipe = Pipe.open();
                var queue = SharedQueue.<Connection>create();
                var inner = Pipe.open()) {
            pipe.left().send(inner.left());
            queue.put(inner.right());
            inner.close(); // both are on their way
            var left = pipe.right().receive(Connection.class);
            var right = queue.take();
            left.send("hello");
            assertThat(right.receive()).isEqualTo("hello");
            left.close();
            assertThatThrownBy(right::receive).isInstanceOf(EOFException.class);
            right.close();
        }
        try (var pool = Pool.open(1)) {
            var pipe = pool.apply(Pipe::open);
            pipe.left().send(5);
            assertThat(pipe.right().receive()).isEqualTo(5);
            pipe.close();
        }
    }

    @Test
    void anEndThatIsThrownAwayUnreceivedIsTheEnd() throws Exception {
        try (var inner = Pipe.open()) {
            try (var queue = SharedQueue.<Connection>create()) {
                queue.put(inner.right());
                inner.right().close();
                assertThat(inner.left().poll()).isFalse();
            }
            assertThatThrownBy(() -> inner.left().receive()).isInstanceOf(EOFException.class);
        }
    }

    private static void ignore(Connection connection, SharedEvent started) throws Exception {
        started.set();
        TimeUnit.HOURS.sleep(1);
    }

    /// The other end of what was on its way to a process that was killed never came to its end, as long as the way was open.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasSentToTheDeadGoesWithThem(boolean oneWay) throws Exception {
        try (var way = oneWay ? Pipe.oneWay() : Pipe.open();
                var inner = Pipe.open();
                var started = SharedEvent.create()) {
            var child = ChildProcess.of(PipeTest::ignore, way.left(), started).start();
            way.left().close();
            started.await();
            way.right().send(inner.right());
            inner.right().close();
            assertThat(inner.left().poll()).isFalse();
            child.kill();
            child.join();
            assertThat(inner.left().poll(SOON)).isTrue();
            assertThatThrownBy(() -> inner.left().receive()).isInstanceOf(EOFException.class);
        }
    }

    /// An end that lies in front of itself can be received by nobody.
    @Test
    void anEndThatIsSentToItselfIsTheEnd() throws Exception {
        try (var pipe = Pipe.open()) {
            pipe.right().send(pipe.left());
            pipe.left().close();
            assertThat(pipe.right().poll(SOON)).isTrue();
            assertThatThrownBy(() -> pipe.right().receive()).isInstanceOf(EOFException.class);
        }
        try (var one = Pipe.open();
                var two = Pipe.open()) {
            one.right().send(two.left());
            two.right().send(one.left());
            one.left().close();
            two.left().close();
            assertThatThrownBy(() -> one.right().receive()).isInstanceOf(EOFException.class);
            assertThatThrownBy(() -> two.right().receive()).isInstanceOf(EOFException.class);
        }
    }

    /// The way on which an end was sent has lost its sender, not its receiver.
    @Test
    void whatTheDeadHaveSentIsReceived() throws Exception {
        try (var way = Pipe.oneWay();
                var inner = Pipe.open()) {
            way.right().send(inner.right());
            inner.right().close();
            way.right().close();
            var right = way.left().receive(Connection.class);
            right.send("here");
            assertThat(inner.left().receive()).isEqualTo("here");
            right.close();
        }
    }

    // ---- many ------------------------------------------------------------------------------------------------------

    private static void sendMany(Connection connection, int from, int count) throws Exception {
        for (int i = from; i < from + count; i++) {
            connection.send(i);
        }
    }

    @Test
    void severalProcessesShareAnEnd() throws Exception {
        int each = 2000;
        try (var pipe = Pipe.oneWay()) {
            for (int i = 0; i < 3; i++) {
                var _ = ChildProcess.of(PipeTest::sendMany, pipe.right(), i * each, each)
                        .start();
            }
            pipe.right().close();
            var seen = new int[3 * each];
            try {
                while (true) {
                    seen[pipe.left().receive(Integer.class)]++;
                }
            } catch (EOFException e) {
                assertThat(seen).containsOnly(1);
            }
        }
    }

    private static void numbers(Connection connection, SharedInt sent) throws Exception {
        for (int i = 0; ; i++) {
            connection.send(i);
            sent.set(i + 1);
        }
    }

    /// Everything that was acknowledged arrives, then the end; nothing is torn, doubled, or out of order.
    @Test
    void senderKilledAtAnyTimeLosesNothingThatItSent() throws Exception {
        var random = new Random(3);
        for (int round = 0; round < 6; round++) {
            try (var pipe = Pipe.open();
                    var sent = SharedInt.of(0)) {
                var child =
                        ChildProcess.of(PipeTest::numbers, pipe.right(), sent).start();
                pipe.right().close();
                int next = 0;
                int stop = 500 + random.nextInt(3000);
                try {
                    while (true) {
                        assertThat(pipe.left().receive()).isEqualTo(next);
                        next++;
                        if (next == stop) {
                            child.kill();
                        }
                    }
                } catch (EOFException e) {
                    assertThat(next).isBetween(sent.get(), sent.get() + 1);
                }
                child.join();
            }
        }
    }

    private static void receiveOne(Connection connection, SharedInt ready) throws Exception {
        connection.receive();
        ready.set(1);
        Thread.sleep(SOON);
    }

    @Test
    void theDeathOfTheReceiverEndsAWaitingSend() throws Exception {
        try (var pipe = Pipe.oneWay();
                var ready = SharedInt.of(0)) {
            var child =
                    ChildProcess.of(PipeTest::receiveOne, pipe.left(), ready).start();
            pipe.left().close();
            var sending = new FutureTask<>(() -> {
                while (true) {
                    pipe.right().send("more");
                }
            });
            Thread.ofPlatform().start(sending);
            Processes.await("the receiver", () -> ready.get() == 1);
            child.kill();
            assertThatThrownBy(() -> sending.get(30, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("other end");
            child.join();
        }
    }

    @Test
    void stoppingAndContinuingHarmsNothing() throws Exception {
        try (var pipe = Pipe.open()) {
            var child = ChildProcess.of(PipeTest::echo, pipe.right()).start();
            pipe.right().close();
            for (int i = 0; i < 50; i++) {
                if (i % 10 == 5) {
                    Processes.stop(child.pid());
                    pipe.left().send(i);
                    assertThat(pipe.left().poll(Duration.ofMillis(5))).isFalse();
                    Os.kill(child.pid(), Os.SIGCONT);
                } else {
                    pipe.left().send(i);
                }
                assertThat(pipe.left().receive()).isEqualTo(i);
            }
            pipe.left().close();
            assertThat(child.join(SOON)).isTrue();
        }
    }
}
