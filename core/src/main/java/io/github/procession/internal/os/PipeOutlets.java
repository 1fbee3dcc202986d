package io.github.procession.internal.os;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/// Pipes, watched by poll.
final class PipeOutlets extends Outlets {
    private final PollSet readable = new PollSet();
    private final Map<Integer, PipeOutlet> outlets = new ConcurrentHashMap<>(); // by descriptor

    @Override
    public void add(Outlet outlet) {
        var pipe = (PipeOutlet) outlet;
        outlets.put(pipe.descriptor(), pipe);
        readable.add(pipe.descriptor());
    }

    @Override
    public void remove(Outlet outlet) {
        var pipe = (PipeOutlet) outlet;
        readable.remove(pipe.descriptor());
        outlets.remove(pipe.descriptor(), pipe);
    }

    @Override
    public void ring() {
        readable.ring();
    }

    @Override
    public List<Outlet> await() {
        return Arrays.stream(readable.await())
                .mapToObj(outlets::get)
                .filter(Objects::nonNull)
                .<Outlet>map(outlet -> outlet)
                .toList();
    }

    @Override
    public boolean isOpen() {
        return readable.isOpen();
    }
}
