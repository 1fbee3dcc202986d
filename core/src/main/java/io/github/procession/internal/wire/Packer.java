package io.github.procession.internal.wire;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Java's serialization, with the key of its loader behind each class.
final class Packer extends ObjectOutputStream {
    private final ClassNames names;
    private final @Nullable Numbers others;
    private final Set<Object> written = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<SerializedLambda> lambdas = new ArrayList<>();
    private final Set<Class<?>> shellTypes = new LinkedHashSet<>();
    private boolean metOthers;

    /// For a value as a whole.
    Packer(OutputStream out, ClassNames names) throws IOException {
        this(out, names, null);
    }

    /// For parts of a value.
    ///
    /// @param others what is written elsewhere
    Packer(OutputStream out, ClassNames names, @Nullable Numbers others) throws IOException {
        super(out);
        this.names = names;
        this.others = others;
        enableReplaceObject(true);
    }

    /// The variables of a shell that what has been written uses.
    Set<Field> shellVariables() throws IOException {
        return shellTypes.isEmpty() ? Set.of() : ShellCode.variables(lambdas, shellTypes);
    }

    /// Whether there is something in it that a shell has made.
    boolean hasMetShell() {
        return !shellTypes.isEmpty();
    }

    /// Whether there is something in it that is written elsewhere, too.
    boolean hasMetOthers() {
        return metOthers;
    }

    /// Whether an object that has a form of its own is in it.
    boolean hasWritten(Object object) {
        return written.contains(object);
    }

    @Override
    protected @Nullable Object replaceObject(@Nullable Object object) throws IOException {
        if (object == null) {
            return null;
        }
        if (object instanceof SerializedLambda lambda) {
            lambdas.add(lambda);
        }
        if (others != null && Form.hasIdentity(Form.of(object.getClass()).tag())) {
            metOthers |= others.find(object) >= 0;
            written.add(object);
        }
        if (StandIn.isNeeded(object)) {
            return StandIn.of(object);
        }
        return CompactSource.isObject(object) ? CompactSource.of(object) : object;
    }

    @Override
    protected void annotateClass(Class<?> type) throws IOException {
        if (ShellCode.made(type)) {
            shellTypes.add(type);
        }
        var key = names.keyOf(type);
        writeInt(key.slot());
        writeInt(key.number());
    }

    @Override
    protected void annotateProxyClass(Class<?> type) throws IOException {
        annotateClass(type);
    }
}
