package io.github.procession.internal.shared;

import io.github.procession.internal.classes.ClassServer;
import io.github.procession.internal.classes.Loaders;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Codec;

/// What this process reads and writes values with. Made when first needed, once its place in the tree is known.
public final class Local {
    private static final Loaders LOADERS =
            new Loaders(Node.self().slot(), Node.self().parentLink().orElse(null));
    private static final Codec CODEC = new Codec(LOADERS, Node.self().root());
    private static final ClassServer CLASS_SERVER = new ClassServer(LOADERS);

    private Local() {}

    /// The codec of this process.
    public static Codec codec() {
        return CODEC;
    }

    /// The class loaders of this process.
    public static Loaders loaders() {
        return LOADERS;
    }

    /// What gives classes to children of this process.
    public static ClassServer classServer() {
        return CLASS_SERVER;
    }
}
