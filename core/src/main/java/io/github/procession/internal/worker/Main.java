package io.github.procession.internal.worker;

import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.os.Basis;
import io.github.procession.internal.shared.Local;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.LinkAddress;
import io.github.procession.internal.wire.LinkClosedException;
import io.github.procession.internal.wire.LoaderKey;
import io.github.procession.internal.wire.Manner;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.Role;
import io.github.procession.internal.wire.SerialFilter;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;

/// Where every child begins. Arguments: its name (for `ps`), its parent's process id, where its link is there, the
/// [Manner] in which it begins, and on what its tree is built ([Basis]).
public final class Main {
    private static final int DISAGREES = 1;

    private Main() {}

    /// Boots, does what the parent says, and returns; the JVM then ends when its other non-daemon threads have.
    @SuppressWarnings("IfChainToSwitch")
    public static void main(String[] arguments) throws Throwable {
        try {
            Basis.adopt(arguments[4]);
        } catch (IllegalStateException | IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(DISAGREES);
        }
        SerialFilter.setEarly(true);
        Ahead.start();
        long parentPid = Long.parseLong(arguments[1]);
        Link parent;
        Message.Welcome welcome;
        var manner = Manner.valueOf(arguments[3]);
        var interruption = new Interruption(Thread.currentThread());
        try {
            parent = Link.open("parent", parentPid, new LinkAddress(arguments[2]));
            parent.send(new Message.Hello(ProcessHandle.current().pid()));
            var first = parent.receive();
            while (first instanceof Message.Interrupt early) {
                interruption.deliver(early.task());
                first = parent.receive();
            }
            welcome = (Message.Welcome) first;
        } catch (IOException | LinkClosedException e) {
            Runtime.getRuntime().halt(Lifeline.ORPHANED); // the parent is gone before this process could begin
            return;
        }
        welcome.properties().forEach(System::setProperty);
        System.setIn(InputStream.nullInputStream());
        Lifeline.hold(parent);
        var called = new CompletableFuture<Message.Welcome>();
        parent.listen(message -> {
            if (message instanceof Message.Welcome second) {
                called.complete(second);
            } else if (message instanceof Message.Interrupt interrupt) {
                interruption.deliver(interrupt.task());
            } else if (message instanceof Message.Overdue overdue) {
                parent.tell(new Message.Dumped(overdue.task(), interruption.deliverOverdue(overdue.task())));
            }
        });
        Node.become(welcome, parentPid, parent, rootLink(welcome, parent));
        AtExit.first(() -> Ending.report(parent));
        if (welcome.role() instanceof Role.Wait waiting) {
            Lifeline.holdByKernel(parentPid);
            SerialFilter.setEarly(false);
            WarmUp.run(waiting.classes(), called::isDone);
            parent.tell(new Message.Ready());
            welcome = called.join();
            Node.rename(welcome);
            welcome.properties().forEach(System::setProperty);
        }
        if (!welcome.context().equals(LoaderKey.APPLICATION)) {
            Thread.currentThread().setContextClassLoader(Local.loaders().loader(welcome.context()));
        }
        String logs = welcome.properties().get(LogForwarder.PROPERTY);
        if (logs != null) {
            forwardLogs(parent, logs);
        }
        if (manner == Manner.DEBUGGED) {
            Lifeline.holdByKernel(parentPid); // the debugger may stop every other thread
            DebuggerAwaited.await();
        }
        var todo = welcome.role(); // no switch: linking one takes milliseconds that a child has not
        if (todo instanceof Role.Target role) {
            Target.run(role, parent, welcome, interruption);
        } else if (todo instanceof Role.Call role) {
            Target.call(role, parent, welcome, interruption);
        } else if (todo instanceof Role.Serve role) {
            Lifeline.holdByKernel(parentPid);
            interruption.booted();
            new TaskLoop(role, welcome, interruption).run();
        }
    }

    private static void forwardLogs(Link parent, String level) {
        try {
            LogForwarder.install(parent, level);
        } catch (NoClassDefFoundError e) {
            System.err.println("Log records are not forwarded: the module java.logging is not here");
        }
    }

    /// A grandchild has a link of its own to the root.
    private static Link rootLink(Message.Welcome welcome, Link parent) throws IOException {
        if (welcome.rootLink().isNone()) {
            return parent;
        }
        Link root;
        try {
            root = Link.open("root", welcome.rootPid(), welcome.rootLink());
            root.send(new Message.Join(welcome.slot(), ProcessHandle.current().pid()));
            if (root.receive() instanceof Message.Refused(int _, String why)) {
                System.err.println("Process " + welcome.name() + " cannot join its tree: " + why);
                Runtime.getRuntime().halt(1);
            }
        } catch (IOException | LinkClosedException e) {
            Runtime.getRuntime().halt(Lifeline.ORPHANED); // the root is gone
            throw e;
        }
        Lifeline.hold(root);
        root.listen(_ -> {});
        return root;
    }
}
