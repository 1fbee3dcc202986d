package io.github.procession.internal.wire;

import java.io.InvalidObjectException;
import java.io.ObjectStreamException;
import java.io.Serial;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What travels instead of an `Optional` or a `Map.entry` where Java's serialization writes, which refuses both.
///
/// @param key   null: it is an optional
/// @param value in it
record StandIn(@Nullable Object key, @Nullable Object value) implements Serializable {
    private static final Class<?> ENTRY = Map.entry(0, 0).getClass();

    static boolean isNeeded(Object object) {
        return object instanceof Optional || object.getClass() == ENTRY;
    }

    static StandIn of(Object object) {
        return object instanceof Map.Entry<?, ?> entry
                ? new StandIn(entry.getKey(), entry.getValue())
                : new StandIn(null, ((Optional<?>) object).orElse(null));
    }

    @Serial
    private Object readResolve() throws ObjectStreamException {
        if (key == null) {
            return Optional.ofNullable(value);
        }
        if (value == null) {
            throw new InvalidObjectException("an entry without a value");
        }
        return Map.entry(key, value);
    }
}
