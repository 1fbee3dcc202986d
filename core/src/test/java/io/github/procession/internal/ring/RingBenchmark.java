package io.github.procession.internal.ring;

import io.github.procession.internal.os.SharedFile;
import io.github.procession.internal.os.TestJvm;
import io.github.procession.internal.waiting.WaitPoint;
import io.github.procession.internal.waiting.WaitPointLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// How fast the rings are, between threads and between processes, bare and with wait points. Not a test; compare only
/// figures of one run, and not while anything else runs.
///
/// ```text
/// java -cp … io.github.procession.internal.ring.RingBenchmark [rounds]
/// ```
///
/// Streams pause for some 3 µs when the other side is behind, as wait points do after a while: trying again at once
/// keeps both sides in lockstep at the same cache line, which is what such a figure would measure then.
final class RingBenchmark {

    private static final int LENGTH = 32;
    private static final int CAPACITY = 1 << 14;
    private static final int ODD_CAPACITY = 10_000;
    private static final int PIPE_BYTES = 1 << 20;
    private static final int MESSAGES = 8_000_000;
    private static final int TRIPS = 500_000;
    private static final int WARM_UP_ROUNDS = 2;

    private static final long THERE = 4096;
    private static final long BACK = 8 << 20;
    private static final long BYTES = 16 << 20;

    private RingBenchmark() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length == 3) {
            TestJvm.dieWithParent();
            Side side = Side.valueOf(arguments[0]);
            side.other(SharedFile.map(arguments[1], Arena.ofShared()), Integer.parseInt(arguments[2]));
            return;
        }
        int rounds = arguments.length == 0 ? 9 : Integer.parseInt(arguments[0]);
        for (Side side : Side.values()) {
            for (boolean processes : new boolean[] {false, true}) {
                double[] figures = side.run(processes, rounds + WARM_UP_ROUNDS);
                figures = Arrays.copyOfRange(figures, WARM_UP_ROUNDS, figures.length);
                Arrays.sort(figures);
                System.out.printf(
                        "%-16s %-10s %-10s min %6.1f  median %6.1f  max %6.1f%n",
                        side,
                        processes ? "processes" : "threads",
                        side.isTrip() ? "ns a trip" : "M/s",
                        figures[0],
                        figures[rounds / 2],
                        figures[rounds - 1]);
            }
        }
    }

    /// One end of one kind of exchange, on memory that the other end has too.
    private enum Side {
        QUEUE,
        QUEUE_ODD,
        QUEUE_2_PRODUCERS,
        QUEUE_WAITING,
        PIPE,
        PIPE_WAITING,
        QUEUE_TRIP,
        PIPE_TRIP;

        boolean isTrip() {
            return this == QUEUE_TRIP || this == PIPE_TRIP;
        }

        int producers() {
            return this == QUEUE_2_PRODUCERS ? 2 : 1;
        }

        double[] run(boolean processes, int rounds) throws InterruptedException {
            double[] figures = new double[rounds];
            try (SharedFile file = new SharedFile(BYTES)) {
                format(file.memory());
                List<TestJvm> jvms = new ArrayList<>();
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < producers(); i++) {
                    if (processes) {
                        List<String> optimized = List.of("-XX:TieredStopAtLevel=4");
                        jvms.add(TestJvm.start(RingBenchmark.class, optimized, this, file.path(), rounds));
                    } else {
                        threads.add(Thread.ofPlatform().daemon().start(() -> other(file.memory(), rounds)));
                    }
                }
                Ends ends = new Ends(file.memory());
                for (int round = 0; round < rounds; round++) {
                    figures[round] = measure(ends);
                }
                for (Thread thread : threads) {
                    thread.join();
                }
                for (TestJvm jvm : jvms) {
                    jvm.exit();
                    jvm.close();
                }
            }
            return figures;
        }

        private void format(MemorySegment memory) {
            for (long at : new long[] {THERE, BACK}) {
                if (name().startsWith("QUEUE")) {
                    CellRing.format(memory, at, this == QUEUE_ODD ? ODD_CAPACITY : CAPACITY);
                } else {
                    RecordPipe.format(memory, at, PIPE_BYTES);
                }
            }
        }

        private double measure(Ends ends) throws InterruptedException {
            int count = isTrip() ? TRIPS : producers() * MESSAGES;
            receiveOne(ends);
            long start = System.nanoTime();
            receive(ends, count - 1);
            long nanos = System.nanoTime() - start;
            return isTrip() ? nanos / (double) count : count * 1e3 / nanos;
        }

        private void receiveOne(Ends ends) throws InterruptedException {
            receive(ends, 1);
        }

        private void receive(Ends ends, int count) throws InterruptedException {
            switch (this) {
                case QUEUE, QUEUE_ODD, QUEUE_2_PRODUCERS -> ends.takeAll(count);
                case QUEUE_WAITING -> ends.takeAllWaiting(count);
                case PIPE -> ends.readAll(count);
                case PIPE_WAITING -> ends.readAllWaiting(count);
                case QUEUE_TRIP -> ends.ringTrips(count);
                case PIPE_TRIP -> ends.pipeTrips(count);
            }
        }

        void other(MemorySegment memory, int rounds) {
            try {
                Ends ends = new Ends(memory);
                for (int round = 0; round < rounds; round++) {
                    switch (this) {
                        case QUEUE, QUEUE_ODD, QUEUE_2_PRODUCERS -> ends.putAll(MESSAGES);
                        case QUEUE_WAITING -> ends.putAllWaiting(MESSAGES);
                        case PIPE -> ends.writeAll(MESSAGES);
                        case PIPE_WAITING -> ends.writeAllWaiting(MESSAGES);
                        case QUEUE_TRIP -> ends.ringEchoes(TRIPS);
                        case PIPE_TRIP -> ends.pipeEchoes(TRIPS);
                    }
                }
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
        }
    }

    private static final class Ends {
        private final byte[] body = new byte[48];
        private final MemorySegment memory;
        private final WaitPoint arrival;
        private final WaitPoint room;

        Ends(MemorySegment memory) {
            this.memory = memory;
            arrival = new WaitPoint(memory, 0);
            room = new WaitPoint(memory, WaitPointLayout.BYTES);
        }

        private boolean put(CellRing ring) {
            return ring.offer(2, 1, body, LENGTH) != CellRing.NONE;
        }

        private boolean take(CellRing ring) {
            long ticket = ring.claim(1);
            if (ticket == CellRing.NONE) {
                return false;
            }
            ring.copy(ticket, body);
            ring.release(ticket);
            return true;
        }

        private boolean write(RecordPipe pipe) {
            return pipe.write(1, body, 0, LENGTH);
        }

        private boolean read(RecordPipe pipe) {
            if (!pipe.next()) {
                return false;
            }
            pipe.copy(body, 0);
            pipe.advance();
            return true;
        }

        void putAll(int count) {
            CellRing ring = CellRing.over(memory, THERE);
            for (int i = 0; i < count; i++) {
                while (!put(ring)) {
                    pause();
                }
            }
        }

        void takeAll(int count) {
            CellRing ring = CellRing.over(memory, THERE);
            for (int i = 0; i < count; i++) {
                while (!take(ring)) {
                    pause();
                }
            }
        }

        void putAllWaiting(int count) throws InterruptedException {
            CellRing ring = CellRing.over(memory, THERE);
            for (int i = 0; i < count; i++) {
                room.await(() -> put(ring), Long.MAX_VALUE);
                arrival.signal();
            }
        }

        void takeAllWaiting(int count) throws InterruptedException {
            CellRing ring = CellRing.over(memory, THERE);
            for (int i = 0; i < count; i++) {
                arrival.await(() -> take(ring), Long.MAX_VALUE);
                room.signal();
            }
        }

        void writeAll(int count) {
            RecordPipe pipe = RecordPipe.over(memory, THERE);
            for (int i = 0; i < count; i++) {
                while (!write(pipe)) {
                    pause();
                }
            }
        }

        void readAll(int count) {
            RecordPipe pipe = RecordPipe.over(memory, THERE);
            for (int i = 0; i < count; i++) {
                while (!read(pipe)) {
                    pause();
                }
            }
        }

        void writeAllWaiting(int count) throws InterruptedException {
            RecordPipe pipe = RecordPipe.over(memory, THERE);
            for (int i = 0; i < count; i++) {
                room.await(() -> write(pipe), Long.MAX_VALUE);
                arrival.signal();
            }
        }

        void readAllWaiting(int count) throws InterruptedException {
            RecordPipe pipe = RecordPipe.over(memory, THERE);
            for (int i = 0; i < count; i++) {
                arrival.await(() -> read(pipe), Long.MAX_VALUE);
                room.signal();
            }
        }

        void ringTrips(int count) {
            CellRing there = CellRing.over(memory, THERE);
            CellRing back = CellRing.over(memory, BACK);
            for (int i = 0; i < count; i++) {
                put(there);
                while (!take(back)) {
                    Thread.onSpinWait();
                }
            }
        }

        void ringEchoes(int count) {
            CellRing there = CellRing.over(memory, THERE);
            CellRing back = CellRing.over(memory, BACK);
            for (int i = 0; i < count; i++) {
                while (!take(there)) {
                    Thread.onSpinWait();
                }
                put(back);
            }
        }

        void pipeTrips(int count) {
            RecordPipe there = RecordPipe.over(memory, THERE);
            RecordPipe back = RecordPipe.over(memory, BACK);
            for (int i = 0; i < count; i++) {
                write(there);
                while (!read(back)) {
                    Thread.onSpinWait();
                }
            }
        }

        void pipeEchoes(int count) {
            RecordPipe there = RecordPipe.over(memory, THERE);
            RecordPipe back = RecordPipe.over(memory, BACK);
            for (int i = 0; i < count; i++) {
                while (!read(there)) {
                    Thread.onSpinWait();
                }
                write(back);
            }
        }

        private static void pause() {
            for (int i = 0; i < 256; i++) {
                Thread.onSpinWait();
            }
        }
    }
}
