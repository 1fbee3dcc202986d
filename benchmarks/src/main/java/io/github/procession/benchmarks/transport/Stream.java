package io.github.procession.benchmarks.transport;

import io.github.procession.ChildProcess;
import io.github.procession.SharedQueue;
import io.github.procession.benchmarks.Series;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Messages one way, as many as go.
final class Stream implements Round {
    private static final int FIRST = 64;
    private static final long WARM_UP = 1_500_000_000;
    private static final int MOST = 8_000_000;
    private static final long MOST_BYTES = 1L << 29; // in a round: one of the peers keeps them all

    private final Series series;
    private final Transport transport;
    private final Transport.Receiver receiver;
    private final int bytes;
    private final List<SharedQueue<Integer>> orders = new ArrayList<>();
    private final List<ChildProcess> senders = new ArrayList<>();
    private int count = FIRST; // of each producer

    Stream(String name, Transport.Maker maker, int bytes, int producers) throws IOException {
        series = new Series(name, "messages/s");
        transport = maker.make();
        receiver = transport.receiver();
        this.bytes = bytes;
        for (int i = 0; i < producers; i++) {
            var order = SharedQueue.<Integer>create(1);
            orders.add(order);
            senders.add(ChildProcess.of(Stream::send, transport, order, bytes)
                    .daemon(true)
                    .start());
        }
    }

    private static void send(Transport transport, SharedQueue<Integer> orders, int bytes)
            throws IOException, InterruptedException {
        var message = new byte[bytes];
        try (var sender = transport.sender()) {
            for (int count; (count = orders.take()) > 0; ) {
                for (int i = 0; i < count; i++) {
                    sender.send(message);
                }
                sender.flush();
            }
        }
    }

    @Override
    public void warm(long nanos) throws Exception {
        long most = Math.min(MOST, MOST_BYTES / bytes) / orders.size();
        measure(); // until the others have booted
        long end = System.nanoTime() + WARM_UP;
        for (long took = 0; took < nanos / 2 && count < most || System.nanoTime() - end < 0; ) {
            if (took < nanos / 2) {
                count = (int) Math.min(most, 2L * count);
            }
            long begin = System.nanoTime();
            measure();
            took = System.nanoTime() - begin;
        }
    }

    @Override
    public double measure() throws Exception {
        for (var order : orders) {
            order.put(count);
        }
        receiver.receive();
        long begin = System.nanoTime();
        int left = count * orders.size() - 1;
        for (int i = 0; i < left; i++) {
            receiver.receive();
        }
        return left * 1e9 / (System.nanoTime() - begin);
    }

    @Override
    public Series series() {
        return series;
    }

    @Override
    public void end() throws Exception {
        for (var order : orders) {
            order.put(0);
        }
        for (var sender : senders) {
            sender.join();
        }
        receiver.close();
        transport.close();
        orders.forEach(SharedQueue::close);
    }
}
