package io.github.procession.internal.supervise;

import io.github.procession.internal.launch.CrashFile;
import io.github.procession.internal.launch.JavaCommand;
import io.github.procession.internal.launch.Scheduling;
import io.github.procession.internal.launch.Spawner;
import io.github.procession.internal.memory.ObjectRef;
import io.github.procession.internal.os.Basis;
import io.github.procession.internal.os.Outlet;
import io.github.procession.internal.os.Threads;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.tree.RootDesk;
import io.github.procession.internal.tree.RootPort;
import io.github.procession.internal.wire.Codec;
import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.LinkAddress;
import io.github.procession.internal.wire.LinkOffer;
import io.github.procession.internal.wire.LoaderKey;
import io.github.procession.internal.wire.Manner;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.Role;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A JVM that has been started and not yet been told who it is, and what this process holds of it. Safe for use by any
/// thread.
final class Boot {
    private final RootPort.Reservation reserved;
    private final CompletableFuture<Void> gone;
    private final LinkOffer offer;
    private final Spawner.Spawned spawned;
    private final Optional<RootDesk> desk;
    private final boolean spare;
    private final OomCount oom; // before it was there
    private Link.@Nullable Handler handler; // guarded by this
    private @Nullable Message early; // what it said before there was a handler; guarded by this
    private boolean hearing; // guarded by this, once it is shared
    private boolean ready; // guarded by this

    private Boot(
            RootPort.Reservation reserved,
            CompletableFuture<Void> gone,
            LinkOffer offer,
            Spawner.Spawned spawned,
            OomCount oom,
            boolean spare) {
        this.reserved = reserved;
        this.gone = gone;
        this.offer = offer;
        this.spawned = spawned;
        this.oom = oom;
        this.spare = spare;
        this.desk = Node.self().desk(reserved.slot(), offer.link());
    }

    /// Starts one, or leaves nothing behind.
    static Boot start(String name, JavaCommand command, Scheduling scheduling, @Nullable DebugPort debugPort) {
        return debugPort == null
                ? start(name, command, scheduling, List.of(), Manner.PLAIN)
                : start(name, command, scheduling, List.of(debugPort.flag()), Manner.DEBUGGED);
    }

    /// Starts one that will wait for its use, and listens to it; or leaves nothing behind.
    static Boot startSpare(JavaCommand command, Scheduling scheduling) {
        var boot = start("spare", command, scheduling, List.of(), Manner.SPARE);
        try {
            boot.hearing = true;
            boot.link().listen(boot::hear);
        } catch (RuntimeException | Error e) { // no thread is left
            boot.discard();
            throw e;
        }
        return boot;
    }

    /// Starts one with further flags, which is no child of the program's. It waits to be listened to.
    static Boot startTraining(JavaCommand command, Scheduling scheduling, List<String> flags) {
        return start("training", command, scheduling, flags, Manner.SPARE);
    }

    private static Boot start(
            String name, JavaCommand command, Scheduling scheduling, List<String> flags, Manner manner) {
        var root = Node.self().root();
        var reserved = root.reserve();
        LinkOffer offer = null;
        Spawner.Spawned spawned = null;
        try {
            var gone = root.gone(reserved.slot());
            offer = LinkOffer.make(name);
            var arguments = List.of(
                    name,
                    Long.toString(ProcessHandle.current().pid()),
                    offer.address().text(),
                    manner.name(),
                    Basis.toArgument());
            var oom = OomCount.now();
            spawned = Spawner.start(command, scheduling, flags, arguments);
            root.started(reserved.slot(), spawned.process().pid());
            return new Boot(reserved, gone, offer, spawned, oom, manner == Manner.SPARE);
        } catch (RuntimeException | Error e) {
            if (spawned != null) {
                spawned.process().destroyForcibly();
                spawned.close();
            }
            if (offer != null) {
                offer.withdraw();
                offer.link().abandon();
            }
            root.cancel(reserved.slot());
            throw e;
        }
    }

    /// Has the handler hear all that it says, from its first words on.
    void listen(Link.Handler taker) {
        Message heard;
        synchronized (this) {
            handler = taker;
            heard = early;
            early = null;
            if (!hearing) {
                hearing = true;
                link().listen(this::hear);
            }
        }
        if (heard != null) {
            taker.accept(heard); // it says nothing more before it has an answer to this
        }
    }

    private void hear(Message message) {
        Link.Handler taker;
        synchronized (this) {
            taker = handler;
            if (taker == null && message instanceof Message.Hello) {
                early = message;
                link().tell(place()); // inside, so that it comes before what who takes it says
            } else if (taker == null && message instanceof Message.Ready) {
                ready = true;
            }
        }
        if (taker != null) {
            taker.accept(message);
        } else if (message instanceof Message.Hello) {
            booted();
        } else if (message instanceof Message.ToRoot asked) {
            desk.ifPresent(d -> d.accept(asked));
        }
    }

    /// Tells a spare where it is, so that it can prepare itself; it learns later who.
    Message.Welcome place() {
        return welcome(
                "spare", "", true, Map.of(), LoaderKey.APPLICATION, List.of(), new Role.Wait(Codec.homesOfLambdas()));
    }

    /// Tells it who it is.
    Message.Welcome welcome(
            String name,
            String path,
            boolean daemon,
            Map<String, String> properties,
            LoaderKey context,
            List<ObjectRef> attached,
            Role role) {
        var node = Node.self();
        return new Message.Welcome(
                name,
                path,
                slot(),
                daemon,
                node.name(),
                node.slot(),
                node.daemon(),
                node.rootPid(),
                rootLink(),
                properties,
                context,
                attached,
                role);
    }

    /// It has read what it needs to boot, or never will.
    void booted() {
        offer.withdraw();
        spawned.flags().close();
    }

    /// Whether it was no spare.
    boolean isNew() {
        return !spare;
    }

    /// Whether it has done what a spare can do before it is taken.
    synchronized boolean isReady() {
        return ready;
    }

    /// Does something when a process has ended, on a thread for it alone. The JDK tells of ends on the common pool, whose
    /// threads may all be waiting for what this process was to do.
    ///
    /// @throws IllegalStateException if the system gives no more threads
    static void afterExit(Process process, Runnable action) {
        Threads.daemon("procession-exit", () -> {
            awaitExit(process);
            action.run();
        });
    }

    /// Ends a process and does something then, as [#afterExit]; on this thread if the system gives no other: it takes a moment.
    static void afterKill(Process process, Runnable action) {
        process.destroyForcibly();
        try {
            afterExit(process, action);
        } catch (IllegalStateException e) {
            awaitExit(process);
            action.run();
        }
    }

    /// Waits for the end of a process. An interrupt stays set.
    private static void awaitExit(Process process) {
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                interrupted = true; // it is told again of what it is here for
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ends one that nobody has taken, and all that there is of it.
    void discard() {
        afterKill(process(), () -> {
            booted();
            link().close();
            spawned.close();
            var root = Node.self().root();
            root.ended(slot());
            gone.handle((_, _) -> null).thenRun(() -> root.drained(slot()));
        });
    }

    int slot() {
        return reserved.slot();
    }

    /// Where what it says to the root is heard, if that is this process.
    Optional<RootDesk> desk() {
        return desk;
    }

    /// Where it opens its link to the root.
    private LinkAddress rootLink() {
        return reserved.link();
    }

    /// Completes when it is gone, and repaired after.
    CompletableFuture<Void> gone() {
        return gone;
    }

    Link link() {
        return offer.link();
    }

    Process process() {
        return spawned.process();
    }

    /// What the out-of-memory killer had done before it was started.
    OomCount oom() {
        return oom;
    }

    /// Where its standard output comes out.
    Outlet out() {
        return spawned.out();
    }

    /// Where its standard error comes out.
    Outlet err() {
        return spawned.err();
    }

    /// Where its JVM describes its own crash.
    CrashFile crash() {
        return spawned.crash();
    }
}
