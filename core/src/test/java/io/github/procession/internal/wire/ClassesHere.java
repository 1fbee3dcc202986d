package io.github.procession.internal.wire;

/// Class names for tests: everything is in this process.
final class ClassesHere implements ClassNames {
    @Override
    public LoaderKey keyOf(Class<?> type) {
        return LoaderKey.APPLICATION;
    }

    @Override
    public Class<?> find(LoaderKey loader, String name) throws ClassNotFoundException {
        return Class.forName(name, false, ClassesHere.class.getClassLoader());
    }

    @Override
    public ClassLoader loader(LoaderKey key) {
        return ClassesHere.class.getClassLoader();
    }

    @Override
    public boolean isCopy(Class<?> type) {
        return false;
    }
}
