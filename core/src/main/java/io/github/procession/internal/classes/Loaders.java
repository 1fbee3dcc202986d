package io.github.procession.internal.classes;

import io.github.procession.internal.wire.ClassNames;
import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.LoaderKey;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/// The class loaders of this process by key, and those of its ancestors by proxy. Safe for use by any thread.
public final class Loaders implements ClassNames {
    private final int slot;
    private final @Nullable Link parent;
    private final Map<ClassLoader, Integer> numbers = new WeakHashMap<>(); // guarded by this
    private final Map<Integer, WeakReference<ClassLoader>> own = new HashMap<>(); // guarded by this
    private final Map<LoaderKey, ProxyLoader> proxies = new HashMap<>(); // guarded by this

    /// @param slot   this process
    /// @param parent the link to ask for classes that are not here; null in the root
    public Loaders(int slot, @Nullable Link parent) {
        this.slot = slot;
        this.parent = parent;
    }

    @Override
    public LoaderKey keyOf(Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.componentType();
        }
        return keyOf(element.getClassLoader());
    }

    /// The key of a loader; null is the JDK's own.
    LoaderKey keyOf(@Nullable ClassLoader loader) {
        if (loader instanceof ProxyLoader proxy) {
            return proxy.key();
        }
        if (isApplication(loader)) {
            return LoaderKey.APPLICATION;
        }
        synchronized (this) {
            int number = numbers.computeIfAbsent(loader, l -> {
                int next = own.size() + 1;
                own.put(next, new WeakReference<>(l));
                return next;
            });
            return new LoaderKey(slot, number);
        }
    }

    /// The application's loader and all that it delegates to.
    private static boolean isApplication(@Nullable ClassLoader loader) {
        if (loader == null) {
            return true;
        }
        for (ClassLoader l = ClassLoader.getSystemClassLoader(); l != null; l = l.getParent()) {
            if (l.equals(loader)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Class<?> find(LoaderKey key, String name) throws ClassNotFoundException {
        if (!key.equals(LoaderKey.APPLICATION)) {
            return Class.forName(name, false, loader(key));
        }
        try {
            return Class.forName(name, false, ClassLoader.getSystemClassLoader());
        } catch (ClassNotFoundException e) {
            if (parent == null) {
                throw e;
            }
            return Class.forName(name, false, proxy(key));
        }
    }

    /// The loader with that key, or a proxy for it.
    ClassLoader loader(LoaderKey key) throws ClassNotFoundException {
        if (key.slot() != slot) {
            return key.equals(LoaderKey.APPLICATION) ? ClassLoader.getSystemClassLoader() : proxy(key);
        }
        WeakReference<ClassLoader> reference;
        synchronized (this) {
            reference = own.get(key.number());
        }
        var loader = reference == null ? null : reference.get();
        if (loader == null) {
            throw new ClassNotFoundException(
                    "class loader %d of process %d has been unloaded".formatted(key.number(), slot));
        }
        return loader;
    }

    /// The loader that defines in this process what the one with that key defines in an ancestor.
    synchronized ProxyLoader proxy(LoaderKey key) throws ClassNotFoundException {
        if (parent == null) {
            throw new ClassNotFoundException(
                    "the class comes from a class loader of process %d, which is not a parent of this one; put it on the class path of both"
                            .formatted(key.slot()));
        }
        return proxies.computeIfAbsent(key, k -> new ProxyLoader(k, this, parent));
    }
}
