package io.github.procession.internal.tree;

import io.github.procession.internal.memory.Mappings;
import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.Message;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// This process's place in the tree. There is one; a process that no other started becomes the root of its own tree when
/// it first asks.
public final class Node {
    /// The root's slot.
    public static final int ROOT_SLOT = 1;

    private static volatile @Nullable Node self;

    private final int slot;
    private final String name;
    private final String path;
    private final boolean daemon;
    private final @Nullable Parent parent;
    private final @Nullable Link parentLink;
    private final RootPort root;
    private final Mappings mappings;
    private final AtomicInteger ordinals = new AtomicInteger();

    private Node(
            int slot,
            String name,
            String path,
            boolean daemon,
            @Nullable Parent parent,
            @Nullable Link parentLink,
            RootPort root,
            Mappings mappings) {
        this.slot = slot;
        this.name = name;
        this.path = path;
        this.daemon = daemon;
        this.parent = parent;
        this.parentLink = parentLink;
        this.root = root;
        this.mappings = mappings;
    }

    /// The process that started this one.
    ///
    /// @param name its name
    /// @param pid  its process id
    /// @param slot its slot
    /// @param daemon whether it is a daemon
    public record Parent(String name, long pid, int slot, boolean daemon) {}

    /// This process.
    public static Node self() {
        var node = self;
        return node != null ? node : becomeRoot();
    }

    /// Whether this process has a place in a tree already.
    public static boolean exists() {
        return self != null;
    }

    private static synchronized Node becomeRoot() {
        var node = self;
        if (node == null) {
            AtExit.heedSecondCtrlC();
            var mappings = new Mappings(ProcessHandle.current().pid());
            var registry = new Registry(mappings);
            var root = new OwnRoot(registry, new Reaper(registry), ROOT_SLOT);
            node = new Node(ROOT_SLOT, "main", "", false, null, null, root, mappings);
            self = node;
        }
        return node;
    }

    /// Takes the place that a parent assigned. Called once, first thing in a child.
    ///
    /// @param parentPid  the parent's process id
    /// @param parentLink the link to the parent
    /// @param rootLink   the link to the root; the same if the parent is the root
    public static synchronized Node become(Message.Welcome welcome, long parentPid, Link parentLink, Link rootLink) {
        var root = new LinkedRoot(rootLink);
        root.foretell(welcome.attached());
        var node = new Node(
                welcome.slot(),
                welcome.name(),
                welcome.path(),
                welcome.daemon(),
                new Parent(welcome.parentName(), parentPid, welcome.parentSlot(), welcome.parentDaemon()),
                parentLink,
                root,
                new Mappings(welcome.rootPid()));
        self = node;
        return node;
    }

    /// Takes the name, and what else comes with it, that a parent has for a process which has had its place before.
    public static synchronized void rename(Message.Welcome welcome) {
        var node = self();
        if (node.root instanceof LinkedRoot linked) {
            linked.foretell(welcome.attached());
        }
        self = new Node(
                node.slot,
                welcome.name(),
                welcome.path(),
                welcome.daemon(),
                node.parent,
                node.parentLink,
                node.root,
                node.mappings);
    }

    /// Its number in the tree.
    public int slot() {
        return slot;
    }

    /// Its name; `main` for the root.
    public String name() {
        return name;
    }

    /// The ordinals that lead to it from the root, joined by colons; empty for the root.
    public String path() {
        return path;
    }

    /// Whether it is a daemon.
    public boolean daemon() {
        return daemon;
    }

    /// Who started it; empty for the root.
    public Optional<Parent> parent() {
        return Optional.ofNullable(parent);
    }

    /// The link to who started it; empty for the root.
    public Optional<Link> parentLink() {
        return Optional.ofNullable(parentLink);
    }

    /// The root, to be asked.
    public RootPort root() {
        return root;
    }

    /// What this process has been attached to before it could ask, and has not asked for.
    public Set<Long> foretold() {
        return root instanceof LinkedRoot linked ? linked.foretold() : Set.of();
    }

    /// Asks for one of those, if it comes to that, as for any other.
    ///
    /// @return whether it was one of those
    public boolean forget(long id) {
        return root instanceof LinkedRoot linked && linked.forget(id);
    }

    /// The segments that this process has mapped.
    public Mappings mappings() {
        return mappings;
    }

    /// The path of this process's next child.
    public String nextChildPath() {
        int ordinal = ordinals.incrementAndGet();
        return path.isEmpty() ? Integer.toString(ordinal) : path + ":" + ordinal;
    }

    /// If this is the root, where a child of its own is served over the link that also carries what its parent has to
    /// say.
    public Optional<RootDesk> desk(int childSlot, Link childLink) {
        return root instanceof OwnRoot own ? Optional.of(new RootDesk(own.of(childSlot), childLink)) : Optional.empty();
    }

    /// The root's process id, as seen by this process.
    public long rootPid() {
        return mappings.rootPid();
    }

    /// How many shared objects are alive in the whole tree; only the root knows.
    public int liveObjects() {
        return root instanceof OwnRoot own ? own.liveObjects() : -1;
    }
}
