package io.github.procession.internal.worker;

import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.shared.Local;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.Role;
import io.github.procession.internal.wire.Outcomes;
import java.util.Objects;

/// Runs the one thing that a process was started for.
final class Target {
    private Target() {}

    /// Runs a target. What it throws is printed under the process's name and makes the exit code 1.
    static void run(Role.Target role, Link parent, String name) throws Throwable {
        Thread.currentThread().setUncaughtExceptionHandler((_, failure) -> {
            synchronized (System.err) {
                System.err.println("Process " + name + ":");
                failure.printStackTrace();
            }
        });
        var target = (SerializableRunnable) Objects.requireNonNull(Parcels.unpack(role.target()));
        parent.tell(new Message.Arrived());
        target.execute();
    }

    /// Runs a task and returns its outcome to the parent.
    static void call(Role.Call role, Link parent, Message.Welcome welcome) {
        byte[] outcome;
        long pin = 0;
        String where = "%s (pid %d)".formatted(welcome.name(), ProcessHandle.current().pid());
        try {
            var task = (SerializableCallable<?>) Objects.requireNonNull(Parcels.unpack(role.task()));
            parent.tell(new Message.Arrived());
            var result = Parcels.pack(task.call(), "result", welcome.parentSlot());
            outcome = Outcomes.returned(result.bytes());
            pin = result.pin();
        } catch (Throwable failure) {
            outcome = Outcomes.threw(Local.codec(), failure, where);
        }
        parent.tell(new Message.Settled(outcome, pin));
    }
}
