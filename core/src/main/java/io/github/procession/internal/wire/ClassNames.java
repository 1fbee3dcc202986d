package io.github.procession.internal.wire;

/// How the codec names classes and finds them again.
public interface ClassNames {
    /// The key of the loader that defined a class.
    LoaderKey keyOf(Class<?> type);

    /// The class of that name as the loader with that key knows it.
    ///
    /// @throws ClassNotFoundException naming the class, the loader, and why it could not be had
    Class<?> find(LoaderKey loader, String name) throws ClassNotFoundException;

    /// The loader with that key, or what stands for it in this process.
    ///
    /// @throws ClassNotFoundException saying why it could not be had
    ClassLoader loader(LoaderKey key) throws ClassNotFoundException;

    /// Whether the class came from another process, so that its static fields here are a copy.
    boolean isCopy(Class<?> type);
}
