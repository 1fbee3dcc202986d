package io.github.procession.internal.wire;

/// How the codec names classes and finds them again.
public interface ClassNames {
    /// The key of the loader that defined a class.
    LoaderKey keyOf(Class<?> type);

    /// The class of that name as the loader with that key knows it.
    ///
    /// @throws ClassNotFoundException naming the class, the loader, and why it could not be had
    Class<?> find(LoaderKey loader, String name) throws ClassNotFoundException;
}
