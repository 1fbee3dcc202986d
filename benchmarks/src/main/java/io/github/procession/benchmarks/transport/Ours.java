package io.github.procession.benchmarks.transport;

import io.github.procession.Connection;
import io.github.procession.Pipe;
import io.github.procession.SharedMemory;
import io.github.procession.SharedQueue;
import io.github.procession.internal.ring.CellRing;
import io.github.procession.internal.ring.RecordPipe;
import java.io.Serializable;
import java.util.Objects;

/// What Procession has.
final class Ours {
    private static final int SLOT = 7;
    private static final int RING_CELLS = 1 << 14;
    private static final int PIPE_BYTES = 1 << 24;
    private static final int PAUSE = 100; // trying again at once keeps both sides at the same cache line

    private Ours() {}

    /// The public queue.
    record Queue(SharedQueue<byte[]> queue) implements Transport {
        static Transport make() {
            return new Queue(SharedQueue.create());
        }

        @Override
        public Receiver receiver() {
            return () -> queue.take().length;
        }

        @Override
        public Sender sender() {
            return queue::put;
        }

        @Override
        public void close() {
            queue.close();
        }
    }

    /// The public pipe.
    record Connections(Connection receiving, Connection sending) implements Transport {
        static Transport make() {
            var pipe = Pipe.oneWay();
            return new Connections(pipe.left(), pipe.right());
        }

        @Override
        public Receiver receiver() {
            return () -> receiving.receiveBytes().length;
        }

        @Override
        public Sender sender() {
            return message -> sending.sendBytes(message);
        }

        @Override
        public void close() {
            receiving.close();
            sending.close();
        }
    }

    /// The public queue, with one and the same object in all items.
    record Items(SharedQueue<Object> queue, Serializable item) implements Transport {
        static Transport.Maker maker(Serializable item) {
            return () -> new Items(SharedQueue.create(), item);
        }

        @Override
        public Receiver receiver() {
            return () -> queue.take().hashCode();
        }

        @Override
        public Sender sender() {
            return _ -> queue.put(item);
        }

        @Override
        public void close() {
            queue.close();
        }
    }

    /// The public pipe, with one and the same object in all messages.
    record Messages(Connection receiving, Connection sending, Serializable item) implements Transport {
        static Transport.Maker maker(Serializable item) {
            return () -> {
                var pipe = Pipe.oneWay();
                return new Messages(pipe.left(), pipe.right(), item);
            };
        }

        @Override
        public Receiver receiver() {
            return () -> Objects.requireNonNull(receiving.receive()).hashCode();
        }

        @Override
        public Sender sender() {
            return _ -> sending.send(item);
        }

        @Override
        public void close() {
            receiving.close();
            sending.close();
        }
    }

    /// Four fields.
    record Four(int number, long large, double real, String text) implements Serializable {}

    /// The ring that is inside the queue, without waiting, serialization, or anything larger than a cell.
    record Ring(SharedMemory memory) implements Transport {
        static Transport make() {
            var memory = SharedMemory.create(CellRing.bytes(RING_CELLS));
            CellRing.format(memory.segment(), 0, RING_CELLS);
            return new Ring(memory);
        }

        @Override
        public Receiver receiver() {
            var ring = CellRing.over(memory.segment(), 0);
            var into = new byte[64];
            return () -> {
                long ticket;
                while ((ticket = ring.claim(SLOT)) == CellRing.NONE) {
                    pause();
                }
                int length = ring.length(ticket);
                ring.copy(ticket, into);
                ring.release(ticket);
                return length;
            };
        }

        @Override
        public Sender sender() {
            var ring = CellRing.over(memory.segment(), 0);
            int slot = SLOT + 1 + (int) (ProcessHandle.current().pid() % 1000);
            return message -> {
                while (ring.offer(slot, 0, message, message.length) == CellRing.NONE) {
                    pause();
                }
            };
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    /// The ring of records that is inside a pool's channels, without waiting.
    record Records(SharedMemory memory) implements Transport {
        static Transport make() {
            var memory = SharedMemory.create(RecordPipe.bytes(PIPE_BYTES));
            RecordPipe.format(memory.segment(), 0, PIPE_BYTES);
            return new Records(memory);
        }

        @Override
        public Receiver receiver() {
            var pipe = RecordPipe.over(memory.segment(), 0);
            var into = new byte[1 << 20];
            return () -> {
                while (!pipe.next()) {
                    pause();
                }
                int length = pipe.length();
                pipe.copy(into, 0);
                pipe.advance();
                return length;
            };
        }

        @Override
        public Sender sender() {
            var pipe = RecordPipe.over(memory.segment(), 0);
            return message -> {
                while (!pipe.write(1, message, 0, message.length)) {
                    pause();
                }
            };
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    private static void pause() {
        for (int i = 0; i < PAUSE; i++) {
            Thread.onSpinWait();
        }
    }
}
