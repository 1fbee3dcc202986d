package io.github.procession;

import io.github.procession.internal.shared.ConnectionCore;
import io.github.procession.internal.waiting.WaitPoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a thread waits for several things at once.
final class Waiting {
    private Waiting() {}

    static List<Waitable> on(Collection<? extends Waitable> on, long deadline) throws InterruptedException {
        List<Waitable> all = List.copyOf(on);
        if (all.isEmpty()) {
            return List.of();
        }
        var self = Thread.currentThread();
        var processes = new ArrayList<ChildProcess>();
        var held = new ArrayList<ConnectionCore>();
        var points = new ArrayList<WaitPoint>();
        try {
            for (var each : all) {
                if (each instanceof ChildProcess process) {
                    process.watch(self);
                    processes.add(process);
                } else {
                    points.add(point(each));
                }
                if (each instanceof Connection connection) {
                    held.add(hold(connection));
                }
            }
            var ready = WaitPoint.awaitAny(points.stream().distinct().toList(), () -> ready(all), deadline);
            return ready == null ? List.of() : ready;
        } finally {
            held.forEach(ConnectionCore::letGo);
            processes.forEach(process -> process.unwatch(self));
        }
    }

    /// A connection that is closed meanwhile leaves its queues once no thread sleeps there.
    private static ConnectionCore hold(Connection connection) {
        try {
            connection.core().hold();
            return connection.core();
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static @Nullable List<Waitable> ready(List<Waitable> all) {
        var ready = all.stream().filter(Waiting::isReady).toList();
        return ready.isEmpty() ? null : ready;
    }

    private static boolean isReady(Waitable each) {
        return switch (each) {
            case ChildProcess process -> process.isOver();
            case SharedQueue<?> queue -> queue.core().isReady();
            case SharedEvent event -> event.isSet();
            case Connection connection -> {
                try {
                    yield connection.core().isReady();
                } catch (IOException e) {
                    throw new IllegalStateException(e.getMessage(), e);
                }
            }
        };
    }

    private static WaitPoint point(Waitable each) {
        return switch (each) {
            case ChildProcess _ -> throw new IllegalArgumentException("a process is waited for otherwise");
            case SharedQueue<?> queue -> queue.core().notEmpty();
            case SharedEvent event -> event.primitive().point();
            case Connection connection -> {
                try {
                    yield connection.core().notEmpty();
                } catch (IOException e) {
                    throw new IllegalArgumentException("waitAny cannot wait for " + each + ": " + e.getMessage(), e);
                }
            }
        };
    }
}
