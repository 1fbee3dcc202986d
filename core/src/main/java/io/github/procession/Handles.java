package io.github.procession;

import io.github.procession.internal.wire.HandleForm;
import java.io.InvalidObjectException;
import java.util.ArrayList;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How handles travel where Java's serialization has nothing to do with them. `internal.wire` knows it by its name alone.
final class Handles implements HandleForm {
    private static final Handle.Kind[] KINDS = Handle.Kind.values();

    Handles() {}

    @Override
    public boolean isShared(Class<?> type) {
        return SharedObject.class.isAssignableFrom(type) || type == SharedQueue.class || type == Connection.class;
    }

    @Override
    public Parts parts(Object shared) {
        var handle = handle(shared);
        var ids = new ArrayList<>(handle.others());
        ids.add(handle.id());
        return new Parts(handle.kind().ordinal(), handle.id(), ids, handle.detail());
    }

    private static Handle handle(Object shared) {
        if (shared instanceof SharedObject object) {
            return object.handle();
        }
        return shared instanceof SharedQueue<?> queue ? queue.handle() : ((Connection) shared).handle();
    }

    @Override
    public Class<?> type() {
        return Handle.class;
    }

    @Override
    public Object attach(int kind, long id, @Nullable Object detail) throws InvalidObjectException {
        return new Handle(KINDS[Objects.checkIndex(kind, KINDS.length)], id, detail).readResolve();
    }
}
