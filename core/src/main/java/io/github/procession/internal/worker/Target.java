package io.github.procession.internal.worker;

import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.shared.Local;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.Role;
import io.github.procession.internal.wire.Outcomes;
import io.github.procession.internal.wire.SerialFilter;
import java.util.Objects;

/// Runs the one thing that a process was started for.
final class Target {
    private Target() {}

    /// Runs a target. What it throws is printed under the process's name and makes the exit code 1.
    static void run(Role.Target role, Link parent, Message.Welcome welcome, Interruption interruption)
            throws Throwable {
        Thread.currentThread().setUncaughtExceptionHandler((_, failure) -> {
            synchronized (System.err) {
                System.err.println("Process " + welcome.name() + ":");
                failure.printStackTrace();
            }
        });
        var target = (SerializableRunnable) Objects.requireNonNull(Parcels.unpack(role.target()));
        arrived(parent);
        interruption.booted();
        target.execute();
        Ending.complete();
    }

    /// Runs a task and returns its outcome to the parent.
    static void call(Role.Call role, Link parent, Message.Welcome welcome, Interruption interruption) {
        byte[] outcome;
        long pin = 0;
        String where = welcome.name() + " (pid " + ProcessHandle.current().pid() + ")";
        try {
            var task = (SerializableCallable<?>) Objects.requireNonNull(Parcels.unpack(role.task()));
            arrived(parent);
            interruption.booted();
            var result = Parcels.pack(task.call(), "result", welcome.parentSlot());
            outcome = Outcomes.returned(result.bytes());
            pin = result.pin();
        } catch (Throwable failure) {
            outcome = Outcomes.threw(Local.codec(), failure, where);
        }
        parent.tell(new Message.Settled(outcome, pin));
        Ending.complete();
        System.exit(0); // not held up by threads that the task has left behind; shutdown hooks run
    }

    /// The task is here; what costs time, and is not needed to get here, can begin.
    private static void arrived(Link parent) {
        SerialFilter.setEarly(false);
        Parcels.leaveUnfound();
        parent.tell(new Message.Arrived());
        Lifeline.holdByKernel(Node.self().parent().orElseThrow().pid());
    }
}
