package io.github.procession.internal.tree;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.os.Shortage;
import io.github.procession.internal.tree.RootPort.Reservation;
import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.LinkOffer;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.Answer;
import io.github.procession.internal.wire.Message.ToRoot;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Where the root serves one process: takes what it says to the root and answers.
public final class RootDesk {
    /*
     * Who writes to a process waits until it reads, which one that is stopped does not. So of all that is written here
     * nothing is written by the reaper's thread, which would bury nobody meanwhile: the link's own thread answers, or, where
     * an answer waits for the end of another process, a thread for such answers alone. It is there before it is needed: a
     * lack of threads is told to whoever asks.
     */
    private final OwnRoot root;
    private final Link link;
    private final Map<Integer, LinkOffer> offers = new HashMap<>(); // by slot of a grandchild; guarded by itself

    private @Nullable ExecutorService herald; // says who is gone; touched by the link's thread
    private long joined; // its process id, if it has come with a link of its own; touched by the link's thread

    /// @param link the link over which the process talks to the root
    RootDesk(OwnRoot root, Link link) {
        this.root = root;
        this.link = link;
        link.closed().thenRun(this::withdraw);
    }

    /// Handles one message; called by the link's thread.
    public void accept(ToRoot message) {
        switch (message) {
            case Message.Create m ->
                answer(
                        m.request(),
                        () -> new Message.Located(
                                m.request(), root.create(ObjectKind.of(m.kind()), m.bytes(), m.owner())));
            case Message.Attach m -> answer(m.request(), () -> new Message.Located(m.request(), root.attach(m.id())));
            case Message.Detach m -> root.detach(m.id());
            case Message.Name m ->
                answer(m.request(), () -> {
                    root.name(m.id(), m.name());
                    return new Message.Done(m.request());
                });
            case Message.Find m -> answer(m.request(), () -> new Message.Found(m.request(), root.find(m.name())));
            case Message.Pin m ->
                answer(m.request(), () -> new Message.Pinned(m.request(), root.pin(m.owner(), m.ids())));
            case Message.PinItem m ->
                answer(m.request(), () -> new Message.Pinned(m.request(), root.pinItem(m.queue(), m.ids())));
            case Message.ItemPut m -> root.itemPut(m.pin());
            case Message.Unpin m -> root.unpin(m.pin());
            case Message.Claim m -> root.claim(m.pin());
            case Message.Drained m -> root.drained(m.slot());
            case Message.Define m ->
                answer(m.request(), () -> new Message.Defined(m.request(), root.numberOf(m.definition())));
            case Message.Explain m ->
                answer(m.request(), () -> new Message.Explained(m.request(), root.definition(m.number())));
            case Message.Reserve m -> answer(m.request(), () -> reserve(m.request()));
            case Message.Cancel m -> cancel(m.slot());
            case Message.AwaitGone m -> awaitGone(m);
            case Message.Join m -> join(m);
        }
    }

    private void answer(int request, Supplier<Answer> work) {
        Answer answer;
        try {
            answer = work.get();
        } catch (RuntimeException | Error e) { // a full heap, too: the others can still be served
            answer = refused(request, e);
        }
        link.tell(answer);
    }

    private static Message.Refused refused(int request, Throwable why) {
        return new Message.Refused(
                request, Shortage.explained(why.getMessage() == null ? why.toString() : why.getMessage()));
    }

    private void awaitGone(Message.AwaitGone message) {
        try {
            root.gone(message.slot()).thenRunAsync(() -> link.tell(new Message.Done(message.request())), herald());
        } catch (OutOfMemoryError e) { // the system gives no more threads
            link.tell(refused(message.request(), e));
        }
    }

    private ExecutorService herald() {
        var known = herald;
        if (known == null) {
            known = Executors.newSingleThreadExecutor(Thread.ofPlatform()
                    .daemon()
                    .name("procession-herald-" + root.slot())
                    .factory());
            known.execute(() -> {}); // starts the thread
            herald = known;
        }
        return known;
    }

    /// A process below this one will come with a link of its own.
    private Message.Reserved reserve(int request) {
        Reservation reserved = root.reserve();
        LinkOffer offer;
        try {
            offer = LinkOffer.make("root-" + reserved.slot());
        } catch (IllegalStateException e) {
            root.cancel(reserved.slot());
            throw e;
        }
        var desk = new RootDesk(root.of(reserved.slot()), offer.link());
        try {
            offer.link().listen(message -> {
                if (message instanceof Message.Join) {
                    offer.withdraw();
                    forget(reserved.slot());
                }
                if (message instanceof ToRoot toRoot) {
                    desk.accept(toRoot);
                }
            });
        } catch (IllegalStateException e) {
            offer.withdraw();
            offer.link().close();
            root.cancel(reserved.slot());
            throw e;
        }
        synchronized (offers) {
            offers.put(reserved.slot(), offer);
        }
        return new Message.Reserved(request, reserved.slot(), offer.address());
    }

    private void forget(int slot) {
        synchronized (offers) {
            offers.remove(slot);
        }
    }

    private void join(Message.Join message) {
        if (message.slot() != root.slot()) {
            link.tell(new Message.Refused(0, "Process %d cannot join as %d".formatted(root.slot(), message.slot())));
            return;
        }
        try {
            root.started(message.slot(), message.pid());
            joined = message.pid();
            link.tell(new Message.Joined());
        } catch (IllegalStateException e) {
            link.tell(new Message.Refused(0, String.valueOf(e.getMessage())));
        }
    }

    private void cancel(int slot) {
        LinkOffer offer;
        synchronized (offers) {
            offer = offers.remove(slot);
        }
        if (offer != null) {
            offer.withdraw();
            offer.link().close();
            root.cancel(slot);
        }
    }

    /// The process is gone: what it reserved and never started will not come.
    private void withdraw() {
        Map<Integer, LinkOffer> left;
        synchronized (offers) {
            left = Map.copyOf(offers);
        }
        left.keySet().forEach(this::cancel);
        link.close();
        if (herald != null) {
            herald.shutdown();
        }
        if (joined != 0 && link.isOtherSideGone()) {
            root.isGone(joined);
        }
    }
}
