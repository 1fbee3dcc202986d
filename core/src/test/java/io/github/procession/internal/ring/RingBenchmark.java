package io.github.procession.internal.ring;

import io.github.procession.internal.os.SharedFile;
import io.github.procession.internal.os.TestJvm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// How fast the rings are between two threads and between two processes. Not a test; compare only figures of one run.
///
/// ```text
/// java … io.github.procession.internal.ring.RingBenchmark [rounds]
/// ```
final class RingBenchmark {

    private static final int LENGTH = 32;
    private static final int CAPACITY = 1 << 14;
    private static final int PIPE_BYTES = 1 << 20;
    private static final int MESSAGES = 20_000_000;
    private static final int TRIPS = 1_000_000;
    private static final long SECOND = 16 << 20;
    private static final long BYTES = 2 * SECOND;

    private RingBenchmark() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length == 3) {
            TestJvm.dieWithParent();
            other(arguments[0], SharedFile.map(arguments[1], Arena.ofShared()), Integer.parseInt(arguments[2]));
            return;
        }
        int rounds = arguments.length == 0 ? 7 : Integer.parseInt(arguments[0]);
        for (String what : List.of("queue", "queue6000", "queue2", "pipe", "queue-trip", "pipe-trip")) {
            for (boolean processes : new boolean[] {false, true}) {
                double[] figures = new double[rounds];
                try (SharedFile file = new SharedFile(BYTES)) {
                    run(what, file, processes, rounds, figures);
                }
                Arrays.sort(figures);
                boolean trip = what.endsWith("trip");
                System.out.printf(
                        "%-12s %-10s %s median %.1f  best %.1f%n",
                        what,
                        processes ? "processes" : "threads",
                        trip ? "ns per round trip:" : "million per second:",
                        figures[rounds / 2],
                        trip ? figures[0] : figures[rounds - 1]);
            }
        }
    }

    private static void run(String what, SharedFile file, boolean processes, int rounds, double[] figures)
            throws InterruptedException {
        format(what, file.memory());
        if (processes) {
            List<String> options = List.of("-XX:-TieredCompilation", "-XX:+TieredCompilation", "-XX:TieredStopAtLevel=4");
            try (TestJvm peer = TestJvm.start(RingBenchmark.class, options, what, file.path(), rounds);
                    TestJvm second = what.equals("queue2")
                            ? TestJvm.start(RingBenchmark.class, options, what, file.path(), rounds)
                            : null) {
                measure(what, file.memory(), figures);
                peer.exit();
            }
        } else {
            Thread peer = Thread.ofPlatform().daemon().start(() -> other(what, file.memory(), rounds));
            Thread second = what.equals("queue2")
                    ? Thread.ofPlatform().daemon().start(() -> other(what, file.memory(), rounds))
                    : peer;
            measure(what, file.memory(), figures);
            peer.join();
            second.join();
        }
    }

    private static void format(String what, MemorySegment memory) {
        if (what.startsWith("queue")) {
            CellRing.format(memory, 0, what.equals("queue6000") ? 6000 : CAPACITY);
            CellRing.format(memory, SECOND, CAPACITY);
        } else {
            RecordPipe.format(memory, 0, PIPE_BYTES);
            RecordPipe.format(memory, SECOND, PIPE_BYTES);
        }
    }

    /// The side that receives, and measures.
    private static void measure(String what, MemorySegment memory, double[] figures) {
        byte[] body = new byte[48];
        for (int round = 0; round < figures.length; round++) {
            long start;
            switch (what) {
                case "queue", "queue6000", "queue2" -> {
                    CellRing ring = CellRing.over(memory, 0);
                    take(ring, body);
                    start = System.nanoTime();
                    int total = what.equals("queue2") ? 2 * MESSAGES : MESSAGES;
                    for (int i = 1; i < total; i++) {
                        take(ring, body);
                    }
                    figures[round] = total * 1e3 / (System.nanoTime() - start);
                }
                case "pipe" -> {
                    RecordPipe pipe = RecordPipe.over(memory, 0);
                    read(pipe, body);
                    start = System.nanoTime();
                    for (int i = 1; i < MESSAGES; i++) {
                        read(pipe, body);
                    }
                    figures[round] = MESSAGES * 1e3 / (System.nanoTime() - start);
                }
                case "queue-trip" -> {
                    CellRing there = CellRing.over(memory, 0);
                    CellRing back = CellRing.over(memory, SECOND);
                    put(there, 1, body);
                    take(back, body);
                    start = System.nanoTime();
                    for (int i = 0; i < TRIPS; i++) {
                        put(there, 1, body);
                        take(back, body);
                    }
                    figures[round] = (System.nanoTime() - start) / (double) TRIPS;
                }
                default -> {
                    RecordPipe there = RecordPipe.over(memory, 0);
                    RecordPipe back = RecordPipe.over(memory, SECOND);
                    write(there, body);
                    read(back, body);
                    start = System.nanoTime();
                    for (int i = 0; i < TRIPS; i++) {
                        write(there, body);
                        read(back, body);
                    }
                    figures[round] = (System.nanoTime() - start) / (double) TRIPS;
                }
            }
        }
    }

    /// The side that sends, or echoes.
    private static void other(String what, MemorySegment memory, int rounds) {
        byte[] body = new byte[48];
        for (int round = 0; round < rounds; round++) {
            switch (what) {
                case "queue", "queue6000", "queue2" -> {
                    CellRing ring = CellRing.over(memory, 0);
                    for (int i = 0; i < MESSAGES; i++) {
                        put(ring, 2, body);
                    }
                }
                case "pipe" -> {
                    RecordPipe pipe = RecordPipe.over(memory, 0);
                    for (int i = 0; i < MESSAGES; i++) {
                        write(pipe, body);
                    }
                }
                case "queue-trip" -> {
                    CellRing there = CellRing.over(memory, 0);
                    CellRing back = CellRing.over(memory, SECOND);
                    for (int i = 0; i < TRIPS + 1; i++) {
                        take(there, body);
                        put(back, 2, body);
                    }
                }
                default -> {
                    RecordPipe there = RecordPipe.over(memory, 0);
                    RecordPipe back = RecordPipe.over(memory, SECOND);
                    for (int i = 0; i < TRIPS + 1; i++) {
                        read(there, body);
                        write(back, body);
                    }
                }
            }
        }
    }

    private static void put(CellRing ring, int slot, byte[] body) {
        while (ring.offer(slot, 1, body, LENGTH) == CellRing.NONE) {
            Thread.onSpinWait();
        }
    }

    private static void take(CellRing ring, byte[] body) {
        long ticket;
        while ((ticket = ring.claim(1)) < 0) {
            Thread.onSpinWait();
        }
        ring.copy(ticket, body);
        ring.release(ticket);
    }

    private static void write(RecordPipe pipe, byte[] body) {
        while (!pipe.write(1, body, 0, LENGTH)) {
            Thread.onSpinWait();
        }
    }

    private static void read(RecordPipe pipe, byte[] body) {
        while (!pipe.next()) {
            Thread.onSpinWait();
        }
        pipe.copy(body, 0);
        pipe.advance();
    }
}
