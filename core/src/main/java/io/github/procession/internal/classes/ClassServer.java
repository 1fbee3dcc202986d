package io.github.procession.internal.classes;

import io.github.procession.internal.wire.LoaderKey;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.Answer;
import io.github.procession.internal.wire.Message.ClassWanted;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Gives children the classes and resources that they do not find themselves. Safe for use by any thread.
public final class ClassServer {
    private final Loaders loaders;

    /// @param loaders the loaders of this process
    public ClassServer(Loaders loaders) {
        this.loaders = loaders;
    }

    /// Finds what a child wants, through the loader that the child names. Never throws: what cannot be had is an answer
    /// too.
    public Answer serve(ClassWanted wanted) {
        try {
            var loader = loaders.loader(wanted.loader());
            return wanted.resource() ? resource(wanted, loader) : type(wanted, loader);
        } catch (ClassNotFoundException | IOException | LinkageError | RuntimeException e) {
            return missing(wanted, e.toString());
        }
    }

    private Answer type(ClassWanted wanted, ClassLoader loader) throws ClassNotFoundException, IOException {
        Class<?> type = wanted.loader().equals(LoaderKey.APPLICATION)
                ? loaders.find(LoaderKey.APPLICATION, wanted.name())
                : Class.forName(wanted.name(), false, loader);
        var key = loaders.keyOf(type);
        if (key.equals(LoaderKey.APPLICATION) && !wanted.loader().equals(LoaderKey.APPLICATION)) {
            return new Message.ClassElsewhere(wanted.request());
        }
        byte[] bytes = read(type.getClassLoader(), wanted.name().replace('.', '/') + ".class");
        return bytes == null
                ? missing(
                        wanted,
                        "the class is loaded in the parent, but its loader (" + loader + ") does not give its bytes")
                : new Message.ClassFound(wanted.request(), key, bytes);
    }

    private static Answer resource(ClassWanted wanted, ClassLoader loader) throws IOException {
        byte[] bytes = read(loader, wanted.name());
        return bytes == null
                ? missing(wanted, "no such resource")
                : new Message.ClassFound(wanted.request(), wanted.loader(), bytes);
    }

    private static byte @Nullable [] read(@Nullable ClassLoader loader, String resource) throws IOException {
        try (var in = loader == null
                ? ClassLoader.getSystemResourceAsStream(resource)
                : loader.getResourceAsStream(resource)) {
            return in == null ? null : in.readAllBytes();
        }
    }

    private static Answer missing(ClassWanted wanted, String why) {
        return new Message.ClassMissing(
                wanted.request(), "%s (asked of the parent process: %s)".formatted(wanted.name(), why));
    }
}
