package io.github.procession.internal.wire;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What travels instead of a shared object, which only the roof knows. It is found by its name, since nobody below sees the
/// roof. Safe for use by any thread.
public interface HandleForm {
    /// A handle in parts.
    ///
    /// @param kind   of shared object
    /// @param id     its number
    /// @param ids    all that must stay alive until the handle has arrived
    /// @param detail what the receiver needs besides
    record Parts(
            int kind, long id, List<Long> ids, @Nullable Object detail) {}

    /// Whether a class is one of shared objects.
    boolean isShared(Class<?> type);

    /// What travels instead of a shared object.
    ///
    /// @throws IllegalStateException if this process has closed it
    Parts parts(Object shared);

    /// The class that a filter for Java's serialization is asked about.
    Class<?> type();

    /// Attaches to a shared object.
    ///
    /// @throws IOException if there is no such kind, or the object is gone
    Object attach(int kind, long id, @Nullable Object detail) throws IOException;

    /// The only one.
    static HandleForm get() {
        return Only.ONE;
    }

    /// Made when needed.
    final class Only {
        private static final HandleForm ONE = find();

        private Only() {}

        private static HandleForm find() {
            try {
                var constructor = Class.forName("io.github.procession.Handles").getDeclaredConstructor();
                constructor.setAccessible(true);
                return (HandleForm) constructor.newInstance();
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("The library is not whole: " + e, e);
            }
        }
    }
}
