package io.github.procession.internal.classes;

import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.LinkClosedException;
import io.github.procession.internal.wire.LoaderKey;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Stands in this process for one class loader of an ancestor. Asks the parent for each name that it does not know; the
/// answer says who defines the class, so that delegation is as it is there.
final class ProxyLoader extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    private static final String LIBRARY = "io.github.procession.";

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
        return name.startsWith(LIBRARY) && isOurs(name)
                ? Class.forName(name, false, ProxyLoader.class.getClassLoader())
                : findClass(name);
    }

    /// Whether this library itself has the class: there must not be a second copy of it.
    private static boolean isOurs(String name) {
        return ProxyLoader.class.getClassLoader().getResource(name.replace('.', '/') + ".class") != null;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        return switch (ask(name, false)) {
            case Message.ClassFound found -> definer(found.definer()).define(name, found.bytes());
            case Message.ClassElsewhere _ -> Class.forName(name, false, ClassLoader.getSystemClassLoader());
            case Message.ClassMissing missing -> throw new ClassNotFoundException(missing.why());
            case Answer other -> throw new ClassNotFoundException("unexpected answer " + other);
        };
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

    private Answer ask(String name, boolean resource) throws ClassNotFoundException {
        try {
            return parent.ask(Answer.class, request -> new Message.ClassWanted(request, key, name, resource));
        } catch (LinkClosedException e) {
            throw new ClassNotFoundException(name + ": the parent process is gone", e);
        }
    }

    @Override
    protected @Nullable URL findResource(String name) {
        try {
            if (ask(name, true) instanceof Message.ClassFound found) {
                return URL.of(java.net.URI.create("procession:/" + encoded(name)), new InMemory(found.bytes()));
            }
        } catch (ClassNotFoundException | IOException e) {
            // a resource that cannot be had is a resource that is not there
        }
        return null;
    }

    private static String encoded(String name) {
        return java.net.URLEncoder.encode(name, java.nio.charset.StandardCharsets.UTF_8);
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        var url = findResource(name);
        return Collections.enumeration(url == null ? List.of() : List.of(url));
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
