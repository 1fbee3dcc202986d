package io.github.procession.benchmarks.transport;

import io.github.procession.ChildProcess;
import io.github.procession.SharedQueue;
import io.github.procession.benchmarks.Series;
import java.io.IOException;

/// A message there, and back.
final class Trip implements Round {
    private static final int BYTES = 32;
    private static final int FIRST = 100;
    private static final long WARM_UP = 1_500_000_000;

    private final Series series;
    private final Transport there;
    private final Transport back;
    private final Transport.Receiver receiver;
    private final Transport.Sender sender;
    private final SharedQueue<Integer> orders = SharedQueue.create(1);
    private final ChildProcess other;
    private int count = FIRST;

    Trip(String name, Transport.Maker maker) throws IOException, InterruptedException {
        series = new Series(name, "ns");
        there = maker.make();
        back = maker.make();
        receiver = back.receiver();
        other = ChildProcess.of(Trip::echo, there, back, orders).daemon(true).start();
        orders.put(0); // taken when the other side can be reached
        orders.put(0);
        sender = there.sender();
    }

    private static void echo(Transport there, Transport back, SharedQueue<Integer> orders)
            throws IOException, InterruptedException {
        var message = new byte[BYTES];
        try (var receiver = there.receiver();
                var sender = back.sender()) {
            orders.take();
            orders.take();
            for (int count; (count = orders.take()) > 0; ) {
                for (int i = 0; i < count; i++) {
                    receiver.receive();
                    sender.send(message);
                    sender.flush();
                }
            }
        }
    }

    @Override
    public void warm(long nanos) throws Exception {
        measure(); // until the other has booted
        long end = System.nanoTime() + WARM_UP;
        for (double took = 0; took < nanos || System.nanoTime() - end < 0; ) {
            if (took < nanos) {
                count *= 2;
            }
            took = measure() * count;
        }
    }

    @Override
    public double measure() throws Exception {
        orders.put(count);
        var message = new byte[BYTES];
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            sender.send(message);
            sender.flush();
            receiver.receive();
        }
        return (double) (System.nanoTime() - begin) / count;
    }

    @Override
    public Series series() {
        return series;
    }

    @Override
    public void end() throws Exception {
        orders.put(0);
        other.join();
        sender.close();
        receiver.close();
        there.close();
        back.close();
        orders.close();
    }
}
