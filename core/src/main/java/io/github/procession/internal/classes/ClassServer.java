package io.github.procession.internal.classes;

import io.github.procession.internal.os.Shortage;
import io.github.procession.internal.wire.LoaderKey;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.Answer;
import io.github.procession.internal.wire.Message.ClassWanted;
import io.github.procession.internal.wire.Message.ResourcesWanted;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/// Gives children the classes and resources that they do not find themselves. Safe for use by any thread.
public final class ClassServer {
    /*
     * Finding a class runs a user's class loader, so that it happens on threads of its own. They are platform threads: the
     * program may have pinned every carrier of virtual threads while it waits for the very child that asks.
     *
     * Where there are no more threads, or no memory, that is the answer: a child that got none would wait for ever.
     */
    private static final Executor THREADS = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("procession-classes-", 1).factory());

    private final Loaders loaders;
    private final Executor threads;

    /// @param loaders the loaders of this process
    public ClassServer(Loaders loaders) {
        this(loaders, THREADS);
    }

    ClassServer(Loaders loaders, Executor threads) {
        this.loaders = loaders;
        this.threads = threads;
    }

    /// Finds a class that a child wants, through the loader that the child names. What cannot be had is an answer too.
    public void serve(ClassWanted wanted, Consumer<Answer> answer) {
        serve(() -> find(wanted), why -> missing(wanted, why), answer);
    }

    /// Finds the resources that a child wants.
    public void serve(ResourcesWanted wanted, Consumer<Answer> answer) {
        serve(
                () -> new Message.ResourcesFound(wanted.request(), find(wanted)),
                why -> new Message.Refused(
                        wanted.request(), "%s (asked of the parent process: %s)".formatted(wanted.name(), why)),
                answer);
    }

    private void serve(Supplier<Answer> work, Function<String, Answer> refusal, Consumer<Answer> answer) {
        try {
            threads.execute(() -> {
                try {
                    answer.accept(work.get());
                } catch (Error e) {
                    answer.accept(refusal.apply(why(e)));
                }
            });
        } catch (Error e) {
            answer.accept(refusal.apply(why(e)));
        }
    }

    private static String why(Error e) {
        return Shortage.explained(e.toString());
    }

    private Answer find(ClassWanted wanted) {
        try {
            var type = loaders.find(wanted.loader(), wanted.name());
            var key = loaders.keyOf(type);
            if (key.equals(LoaderKey.APPLICATION) && !wanted.loader().equals(LoaderKey.APPLICATION)) {
                return new Message.ClassElsewhere(wanted.request());
            }
            byte[] code = ClassCode.of(type);
            if (code == null) {
                return missing(
                        wanted,
                        "the class is loaded in the parent, but its loader (" + type.getClassLoader()
                                + ") does not give its bytes");
            }
            if (type.getClassLoader() != null) {
                loaders.serve(type.getClassLoader(), wanted.name(), code);
            }
            return new Message.ClassFound(wanted.request(), sameLoader(wanted, key), code);
        } catch (ClassNotFoundException | IOException | LinkageError | RuntimeException e) {
            return missing(wanted, e.toString());
        }
    }

    /// A loader that has got a new number since the child heard of it keeps the one that the child knows.
    private LoaderKey sameLoader(ClassWanted wanted, LoaderKey key) throws ClassNotFoundException {
        return !key.equals(wanted.loader()) && loaders.loader(key).equals(loaders.loader(wanted.loader()))
                ? wanted.loader()
                : key;
    }

    private List<byte[]> find(ResourcesWanted wanted) {
        try {
            return ClassCode.resources(loaders.loader(wanted.loader()), wanted.name());
        } catch (ClassNotFoundException | IOException | LinkageError | RuntimeException e) {
            return List.of(); // a resource that cannot be had is a resource that is not there
        }
    }

    private static Answer missing(ClassWanted wanted, String why) {
        return new Message.ClassMissing(
                wanted.request(), "%s (asked of the parent process: %s)".formatted(wanted.name(), why));
    }
}
