package io.github.procession.internal.os;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Streams, which announce by themselves that something has come.
final class StreamOutlets extends Outlets {
    private final Set<StreamOutlet> outlets = new LinkedHashSet<>(); // guarded by this, like all below
    private boolean rung;
    private boolean open = true;

    StreamOutlets() {
        AtExit.last(this::close);
    }

    @Override
    public void add(Outlet outlet) {
        var stream = (StreamOutlet) outlet;
        stream.announceTo(this::ring);
        synchronized (this) {
            outlets.add(stream);
        }
        ring();
    }

    @Override
    public synchronized void remove(Outlet outlet) {
        var _ = outlets.remove((StreamOutlet) outlet);
    }

    @Override
    public synchronized void ring() {
        rung = true;
        notifyAll();
    }

    @Override
    public synchronized List<Outlet> await() {
        boolean due = false;
        while (open && !rung && !due && news().isEmpty()) {
            long nanos =
                    outlets.stream().mapToLong(StreamOutlet::nanosToLook).min().orElse(Long.MAX_VALUE);
            due = nanos == 0;
            try {
                if (!due) {
                    wait(nanos == Long.MAX_VALUE ? 0 : TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
                }
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt this thread; it goes on
            }
        }
        rung = false;
        return news();
    }

    private List<Outlet> news() {
        return outlets.stream()
                .filter(StreamOutlet::hasNews)
                .<Outlet>map(outlet -> outlet)
                .toList();
    }

    @Override
    public synchronized boolean isOpen() {
        return open;
    }

    private synchronized void close() {
        open = false;
        notifyAll();
    }
}
