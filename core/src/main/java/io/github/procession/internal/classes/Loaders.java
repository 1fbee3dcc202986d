package io.github.procession.internal.classes;

import io.github.procession.internal.wire.ClassNames;
import io.github.procession.internal.wire.Link;
import io.github.procession.internal.wire.LoaderKey;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/// The class loaders of this process by key, and those of its ancestors by proxy. Safe for use by any thread.
public final class Loaders implements ClassNames {
    /*
     * The library's own classes are looked for first, and in the library: in a program whose loader is its own (a nested
     * jar, a shell) this library is not the application loader's, in its children it is.
     *
     * A loader is held, once it has a key, for as long as this process has children: they may ask it for more classes.
     *
     * A shell can replace the code of a class that it has loaded, and a child's JVM cannot forget the old one. So a loader
     * gets a new number when a class that a child got from it has changed since, and by that a new proxy in every child.
     */
    private static final String LIBRARY = "io.github.procession.";
    private static final ClassLoader LIBRARY_LOADER = Loaders.class.getClassLoader();

    private final int slot;
    private final @Nullable Link parent;
    private final Map<ClassLoader, Served> served = new WeakHashMap<>(); // guarded by this
    private final Map<Integer, WeakReference<ClassLoader>> own = new HashMap<>(); // guarded by this
    private final Map<LoaderKey, ProxyLoader> proxies = new HashMap<>(); // guarded by this
    private final Set<ClassLoader> held = new HashSet<>(); // guarded by this

    /// @param slot   this process
    /// @param parent the link to ask for classes that are not here; null in the root
    public Loaders(int slot, @Nullable Link parent) {
        this.slot = slot;
        this.parent = parent;
    }

    /// What children have got from one loader under its present number.
    private static final class Served {
        int number;
        final Map<String, byte[]> changeable = new HashMap<>();
    }

    @Override
    public LoaderKey keyOf(Class<?> type) {
        return keyOf(element(type).getClassLoader());
    }

    private static Class<?> element(Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.componentType();
        }
        return element;
    }

    /// The key of a loader; null is the JDK's own.
    public LoaderKey keyOf(@Nullable ClassLoader loader) {
        if (loader instanceof ProxyLoader proxy) {
            return proxy.key();
        }
        if (loader == null || isApplication(loader)) {
            return LoaderKey.APPLICATION;
        }
        synchronized (this) {
            var state = served.computeIfAbsent(loader, _ -> new Served());
            if (state.number == 0 || ClassCode.hasChanged(loader, state.changeable)) {
                state.number = own.size() + 1;
                state.changeable.clear();
                own.put(state.number, new WeakReference<>(loader));
            }
            held.add(loader);
            return new LoaderKey(slot, state.number);
        }
    }

    /// A child gets this code from that loader. It is remembered if it may change.
    synchronized void serve(ClassLoader loader, String name, byte[] code) {
        var state = served.get(loader);
        if (state != null && ClassCode.mayChange(name)) {
            state.changeable.putIfAbsent(name, code);
        }
        held.add(loader);
    }

    /// This process has no more children: nobody will ask for more classes of what it has not sent yet.
    public synchronized void letGo() {
        held.clear();
    }

    /// The application's loader and all that it delegates to.
    private static boolean isApplication(ClassLoader loader) {
        for (ClassLoader l = ClassLoader.getSystemClassLoader(); l != null; l = l.getParent()) {
            if (l.equals(loader)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean isCopy(Class<?> type) {
        return element(type).getClassLoader() instanceof ProxyLoader;
    }

    /// The library's class of that name, null if there is none: there must not be a second copy of it.
    static @Nullable Class<?> ofLibrary(String name) {
        if (!name.contains(LIBRARY)) {
            return null;
        }
        try {
            var type = Class.forName(name, false, LIBRARY_LOADER);
            return element(type).getProtectionDomain().equals(Loaders.class.getProtectionDomain()) ? type : null;
        } catch (ClassNotFoundException e) {
            return null; // a program that shares the library's package
        }
    }

    @Override
    public Class<?> find(LoaderKey key, String name) throws ClassNotFoundException {
        var ours = ofLibrary(name);
        if (ours != null) {
            return ours;
        }
        if (!key.equals(LoaderKey.APPLICATION)) {
            return Class.forName(name, false, loader(key, name));
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

    private ClassLoader loader(LoaderKey key, String name) throws ClassNotFoundException {
        try {
            return loader(key);
        } catch (ClassNotFoundException e) {
            throw new ClassNotFoundException(name + ": " + e.getMessage(), e);
        }
    }

    @Override
    public ClassLoader loader(LoaderKey key) throws ClassNotFoundException {
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
                    "it comes from a class loader of process %d, which is not a parent of this one; put it on the class path of both"
                            .formatted(key.slot()));
        }
        return proxies.computeIfAbsent(key, k -> new ProxyLoader(k, this, parent));
    }
}
