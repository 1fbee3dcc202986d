package io.github.procession.internal.classes;

import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.LinkClosedException;
import io.github.procession.internal.wire.LoaderKey;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.Answer;
import io.github.procession.internal.wire.Message.Question;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLEncoder;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Stands in this process for one class loader of an ancestor. Asks the parent for each name that it does not know; the
/// answer says who defines the class, so that delegation is as it is there.
final class ProxyLoader extends ClassLoader {
    private static final long END_MILLIS = 2_000;

    static {
        registerAsParallelCapable();
    }

    private final LoaderKey key;
    private final Loaders loaders;
    private final Link parent;

    ProxyLoader(LoaderKey key, Loaders loaders, Link parent) {
        super("procession-" + key.slot() + "-" + key.number(), ClassLoader.getPlatformClassLoader());
        this.key = key;
        this.loaders = loaders;
        this.parent = parent;
    }

    LoaderKey key() {
        return key;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            var loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
        }
        if (name.startsWith("java.")) {
            return ClassLoader.getPlatformClassLoader().loadClass(name);
        }
        var ours = Loaders.ofLibrary(name);
        if (ours != null) {
            return ours;
        }
        if (key.equals(LoaderKey.APPLICATION)) { // this process's own class path comes first, as everywhere
            try {
                return Class.forName(name, false, ClassLoader.getSystemClassLoader());
            } catch (ClassNotFoundException e) {
                return findClass(name);
            }
        }
        return findClass(name);
    }

    @Override
    @SuppressWarnings("IfChainToSwitch")
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        var answer = ask(Answer.class, request -> new Message.ClassWanted(request, key, name));
        if (answer
                instanceof Message.ClassFound found) { // no switch: linking one takes milliseconds that a child has not
            return definer(found.definer()).define(name, found.bytes());
        } else if (answer instanceof Message.ClassElsewhere) {
            return loaders.find(LoaderKey.APPLICATION, name);
        } else if (answer instanceof Message.ClassMissing missing) {
            throw new ClassNotFoundException(missing.why());
        }
        throw new ClassNotFoundException("unexpected answer " + answer);
    }

    private ProxyLoader definer(LoaderKey definer) throws ClassNotFoundException {
        return definer.equals(key) ? this : loaders.proxy(definer);
    }

    private Class<?> define(String name, byte[] bytes) {
        synchronized (getClassLoadingLock(name)) {
            var loaded = findLoadedClass(name);
            return loaded != null ? loaded : defineClass(name, bytes, 0, bytes.length);
        }
    }

    /// A process whose parent is gone is about to end: its code should not hear of missing classes before that.
    private static void awaitEnd() {
        try {
            Thread.sleep(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private <A extends Answer> A ask(Class<A> type, IntFunction<? extends Question> question)
            throws ClassNotFoundException {
        try {
            return parent.ask(type, question);
        } catch (LinkClosedException e) {
            awaitEnd();
            throw new ClassNotFoundException("the parent process is gone", e);
        }
    }

    @Override
    protected @Nullable URL findResource(String name) {
        var all = found(name);
        return all.isEmpty() ? null : all.getFirst();
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        return Collections.enumeration(found(name));
    }

    private List<URL> found(String name) {
        var urls = new ArrayList<URL>();
        try {
            var answer = ask(Message.ResourcesFound.class, r -> new Message.ResourcesWanted(r, key, name));
            for (byte[] bytes : answer.contents()) {
                urls.add(URL.of(
                        URI.create("procession:/" + encoded(name) + "#" + (urls.size() + 1)), new InMemory(bytes)));
            }
        } catch (ClassNotFoundException | IOException e) {
            // a resource that cannot be had is a resource that is not there
        }
        return urls;
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }

    /// A URL whose content is already here.
    private static final class InMemory extends URLStreamHandler {
        private final byte[] bytes;

        InMemory(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        protected URLConnection openConnection(URL url) {
            return new URLConnection(url) {
                @Override
                public void connect() {}

                @Override
                public long getContentLengthLong() {
                    return bytes.length;
                }

                @Override
                public InputStream getInputStream() {
                    return new ByteArrayInputStream(bytes);
                }
            };
        }
    }
}
