package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.Connection;
import io.github.procession.Pipe;
import io.github.procession.SharedBarrier;
import io.github.procession.SharedEvent;
import io.github.procession.SharedLatch;
import io.github.procession.SharedLock;
import io.github.procession.SharedQueue;
import io.github.procession.SharedReentrantLock;
import io.github.procession.SharedSemaphore;
import io.github.procession.Waitable;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever waits can be interrupted, before it waits and while it does, on threads of either kind; nothing is lost then.
class InterruptTest {
    private static final Duration LONG = Duration.ofHours(1);

    /// Things to wait for, none of which ever comes.
    private static final class Scene implements AutoCloseable {
        private final Deque<AutoCloseable> open = new ArrayDeque<>();

        <T extends AutoCloseable> T with(T object) {
            open.push(object);
            return object;
        }

        SharedQueue<Integer> empty() {
            return with(SharedQueue.<Integer>create(1));
        }

        SharedQueue<Integer> full() throws InterruptedException {
            var queue = with(SharedQueue.<Integer>create(1));
            queue.put(1);
            return queue;
        }

        Pipe pipe() {
            return with(Pipe.open());
        }

        <L extends Lock> L taken(L lock) throws InterruptedException {
            var holder = new Thread(lock::lock);
            holder.start();
            holder.join();
            return lock;
        }

        @Override
        public void close() throws Exception {
            while (!open.isEmpty()) {
                open.pop().close();
            }
        }
    }

    /// A wait that never ends by itself, and what must hold after it was interrupted.
    private record Wait(Attempt attempt, Attempt check) {}

    private interface Attempt {
        void run() throws Exception;
    }

    private enum Kind {
        QUEUE_TAKE,
        QUEUE_POLL,
        QUEUE_PUT,
        QUEUE_OFFER,
        QUEUE_AWAIT_DONE,
        QUEUE_AWAIT_DONE_LIMIT,
        CONNECTION_RECEIVE,
        CONNECTION_RECEIVE_BYTES,
        CONNECTION_POLL,
        CONNECTION_SEND,
        CONNECTION_SEND_BYTES,
        WAIT_ANY,
        CHILD_JOIN,
        CHILD_JOIN_LIMIT,
        LOCK,
        LOCK_LIMIT,
        REENTRANT_LOCK,
        CONDITION,
        CONDITION_LIMIT,
        EVENT,
        EVENT_LIMIT,
        LATCH,
        LATCH_LIMIT,
        SEMAPHORE,
        SEMAPHORE_LIMIT,
        BARRIER,
        BARRIER_LIMIT;

        Wait in(Scene scene) throws Exception {
            return switch (this) {
                case QUEUE_TAKE -> {
                    var queue = scene.empty();
                    yield new Wait(queue::take, () -> passes(queue));
                }
                case QUEUE_POLL -> {
                    var queue = scene.empty();
                    yield new Wait(() -> queue.poll(1, TimeUnit.HOURS), () -> passes(queue));
                }
                case QUEUE_PUT -> {
                    var queue = scene.full();
                    yield new Wait(() -> queue.put(2), () -> holdsOne(queue));
                }
                case QUEUE_OFFER -> {
                    var queue = scene.full();
                    yield new Wait(() -> queue.offer(2, 1, TimeUnit.HOURS), () -> holdsOne(queue));
                }
                case QUEUE_AWAIT_DONE -> {
                    var queue = scene.full();
                    yield new Wait(queue::awaitDone, () -> holdsOne(queue));
                }
                case QUEUE_AWAIT_DONE_LIMIT -> {
                    var queue = scene.full();
                    yield new Wait(() -> queue.awaitDone(LONG), () -> holdsOne(queue));
                }
                case CONNECTION_RECEIVE -> {
                    var pipe = scene.pipe();
                    yield new Wait(() -> pipe.left().receive(), () -> passes(pipe));
                }
                case CONNECTION_RECEIVE_BYTES -> {
                    var pipe = scene.pipe();
                    yield new Wait(() -> pipe.left().receiveBytes(), () -> passes(pipe));
                }
                case CONNECTION_POLL -> {
                    var pipe = scene.pipe();
                    yield new Wait(() -> pipe.left().poll(LONG), () -> passes(pipe));
                }
                case CONNECTION_SEND -> {
                    var pipe = scene.pipe();
                    var sent = new int[1];
                    yield new Wait(
                            () -> {
                                while (true) {
                                    pipe.right().send(sent[0]);
                                    sent[0]++;
                                }
                            },
                            () -> {
                                pipe.right().close();
                                for (int i = 0; i < sent[0]; i++) {
                                    assertThat(pipe.left().receive()).isEqualTo(i);
                                }
                                assertThatThrownBy(() -> pipe.left().receive()).isInstanceOf(EOFException.class);
                            });
                }
                case CONNECTION_SEND_BYTES -> {
                    var pipe = scene.pipe();
                    var sent = new int[1];
                    yield new Wait(
                            () -> {
                                while (true) {
                                    pipe.right().sendBytes(new byte[100 + sent[0]]);
                                    sent[0]++;
                                }
                            },
                            () -> {
                                pipe.right().close();
                                for (int i = 0; i < sent[0]; i++) {
                                    assertThat(pipe.left().receiveBytes()).hasSize(100 + i);
                                }
                                assertThatThrownBy(() -> pipe.left().receiveBytes())
                                        .isInstanceOf(EOFException.class);
                            });
                }
                case WAIT_ANY -> {
                    var queue = scene.empty();
                    var event = scene.with(SharedEvent.create());
                    var pipe = scene.pipe();
                    yield new Wait(() -> Waitable.waitAny(List.of(queue, event, pipe.left())), () -> {
                        passes(queue);
                        passes(pipe);
                    });
                }
                case CHILD_JOIN -> {
                    var child = sleeper(scene);
                    yield new Wait(
                            child::join, () -> assertThat(child.isAlive()).isTrue());
                }
                case CHILD_JOIN_LIMIT -> {
                    var child = sleeper(scene);
                    yield new Wait(
                            () -> child.join(LONG),
                            () -> assertThat(child.isAlive()).isTrue());
                }
                case LOCK -> {
                    var lock = scene.taken(scene.with(SharedLock.create()));
                    yield new Wait(
                            lock::lockInterruptibly,
                            () -> assertThat(lock.tryLock()).isFalse());
                }
                case LOCK_LIMIT -> {
                    var lock = scene.taken(scene.with(SharedLock.create()));
                    yield new Wait(
                            () -> lock.tryLock(LONG),
                            () -> assertThat(lock.tryLock()).isFalse());
                }
                case REENTRANT_LOCK -> {
                    var lock = scene.taken(scene.with(SharedReentrantLock.create()));
                    yield new Wait(
                            lock::lockInterruptibly,
                            () -> assertThat(lock.tryLock()).isFalse());
                }
                case CONDITION, CONDITION_LIMIT -> {
                    var lock = scene.with(SharedLock.create());
                    var condition = scene.with(lock.newCondition());
                    yield new Wait(
                            () -> {
                                lock.lock();
                                try {
                                    if (this == CONDITION) {
                                        condition.await();
                                    } else {
                                        condition.await(LONG);
                                    }
                                } finally {
                                    assertThat(lock.isHeldByCurrentThread()).isTrue();
                                    lock.unlock();
                                }
                            },
                            () -> {
                                assertThat(lock.tryLock()).isTrue();
                                lock.unlock();
                            });
                }
                case EVENT -> {
                    var event = scene.with(SharedEvent.create());
                    yield new Wait(event::await, () -> assertThat(event.isSet()).isFalse());
                }
                case EVENT_LIMIT -> {
                    var event = scene.with(SharedEvent.create());
                    yield new Wait(
                            () -> event.await(LONG),
                            () -> assertThat(event.isSet()).isFalse());
                }
                case LATCH -> {
                    var latch = scene.with(SharedLatch.create(1));
                    yield new Wait(latch::await, () -> assertThat(latch.count()).isOne());
                }
                case LATCH_LIMIT -> {
                    var latch = scene.with(SharedLatch.create(1));
                    yield new Wait(
                            () -> latch.await(LONG),
                            () -> assertThat(latch.count()).isOne());
                }
                case SEMAPHORE, SEMAPHORE_LIMIT -> {
                    var semaphore = scene.with(SharedSemaphore.create(1));
                    yield new Wait(
                            () -> {
                                if (this == SEMAPHORE) {
                                    semaphore.acquire(2);
                                } else {
                                    semaphore.tryAcquire(2, LONG);
                                }
                            },
                            () -> assertThat(semaphore.availablePermits()).isOne());
                }
                case BARRIER -> {
                    var barrier = scene.with(SharedBarrier.create(2));
                    yield new Wait(
                            barrier::await, () -> assertThat(barrier.waiting()).isZero());
                }
                case BARRIER_LIMIT -> {
                    var barrier = scene.with(SharedBarrier.create(2));
                    yield new Wait(
                            () -> barrier.await(LONG),
                            () -> assertThat(barrier.waiting()).isZero());
                }
            };
        }

        private static void passes(SharedQueue<Integer> queue) throws InterruptedException {
            queue.put(7);
            assertThat(queue.take()).isEqualTo(7);
        }

        private static void passes(Pipe pipe) throws Exception {
            pipe.right().sendBytes(new byte[] {7});
            assertThat(pipe.left().receiveBytes()).containsExactly(7);
        }

        private static void holdsOne(SharedQueue<Integer> queue) throws InterruptedException {
            assertThat(queue.take()).isEqualTo(1);
            assertThat(queue.poll()).isNull();
        }
    }

    static void sleepLong() throws InterruptedException {
        TimeUnit.HOURS.sleep(1);
    }

    private static ChildProcess sleeper(Scene scene) {
        var child = ChildProcess.of(InterruptTest::sleepLong).start();
        scene.with(() -> {
            child.kill();
            child.join();
        });
        return child;
    }

    static Stream<Arguments> waits() {
        return EnumSet.allOf(Kind.class).stream()
                .flatMap(kind -> Stream.of(false, true).map(virtual -> Arguments.of(kind, virtual)));
    }

    private static Thread.Builder thread(boolean virtual) {
        return virtual ? Thread.ofVirtual() : Thread.ofPlatform();
    }

    @ParameterizedTest
    @MethodSource("waits")
    void aWaitEndsWhenItIsInterrupted(Kind kind, boolean virtual) throws Exception {
        for (boolean before : new boolean[] {true, false}) {
            try (var scene = new Scene()) {
                var wait = kind.in(scene);
                var stillSet = new boolean[1];
                var waiting = new FutureTask<>(() -> {
                    if (before) {
                        Thread.currentThread().interrupt();
                    }
                    try {
                        wait.attempt().run();
                    } finally {
                        stillSet[0] = Thread.currentThread().isInterrupted();
                    }
                    return true;
                });
                var thread = thread(virtual).start(waiting);
                if (!before) {
                    thread.join(Duration.ofMillis(20)); // asleep by now, or else on its way
                    thread.interrupt();
                }
                assertThatThrownBy(() -> waiting.get(60, TimeUnit.SECONDS))
                        .as("interrupted %s", before ? "before" : "while waiting")
                        .hasCauseInstanceOf(InterruptedException.class);
                assertThat(stillSet[0]).isFalse();
                thread.join();
                wait.check().run();
            }
        }
    }

    // ---- many threads at each end ----------------------------------------------------------------------------------

    private static final int THREADS = 4;
    private static final int MESSAGES = 500;

    /// Each message says who sent it, which one it is, and is as long as its number.
    static void sendMany(Connection end, int process) throws Exception {
        var threads = new ArrayList<FutureTask<Void>>();
        for (int i = 0; i < THREADS; i++) {
            int sender = process * THREADS + i;
            var sending = new FutureTask<Void>(() -> {
                for (int n = 0; n < MESSAGES; n++) {
                    var message = new int[2 + n];
                    Arrays.fill(message, sender * MESSAGES + n);
                    end.send(message);
                }
                return null;
            });
            thread(i % 2 == 0).start(sending);
            threads.add(sending);
        }
        for (var sending : threads) {
            sending.get();
        }
        end.close();
    }

    @Test
    void manyThreadsAtEachEndGetEveryMessageOnceAndWhole() throws Exception {
        try (var pipe = Pipe.open()) {
            var children = List.of(
                    ChildProcess.of(InterruptTest::sendMany, pipe.right(), 0).start(),
                    ChildProcess.of(InterruptTest::sendMany, pipe.right(), 1).start());
            pipe.right().close();
            var seen = ConcurrentHashMap.<Integer>newKeySet();
            var receivers = new ArrayList<FutureTask<Void>>();
            for (int i = 0; i < THREADS; i++) {
                var receiving = new FutureTask<Void>(() -> receiveAll(pipe.left(), seen));
                thread(i % 2 == 0).start(receiving);
                receivers.add(receiving);
            }
            for (var receiving : receivers) {
                receiving.get(60, TimeUnit.SECONDS);
            }
            assertThat(seen).hasSize(2 * THREADS * MESSAGES);
            for (var child : children) {
                assertThat(child.join(Duration.ofSeconds(30))).isTrue();
                assertThat(child.exitStatus().orElseThrow().success()).isTrue();
            }
        }
    }

    private static Void receiveAll(Connection end, Set<Integer> seen) throws IOException, InterruptedException {
        try {
            while (true) {
                var message = end.receive(int[].class);
                assertThat(message).hasSize(2 + message[0] % MESSAGES).containsOnly(message[0]);
                assertThat(seen.add(message[0])).as("once").isTrue();
            }
        } catch (EOFException e) {
            return null;
        }
    }
}
