package io.github.procession;

import io.github.procession.function.SerializableBiConsumer;
import io.github.procession.function.SerializableConsumer;
import io.github.procession.function.SerializableRunnable;
import io.github.procession.function.SerializableTriConsumer;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// A target with its arguments, as it travels to a child.
///
/// @param target    one of the serializable function types that take no result
/// @param arguments as many as it takes
record Bound(Serializable target, @Nullable Object... arguments) implements SerializableRunnable {
    @Override
    @SuppressWarnings({"unchecked", "IfChainToSwitch"})
    public void execute() throws Exception {
        if (target
                instanceof SerializableRunnable f) { // no switch: linking one takes milliseconds that a child has not
            f.execute();
        } else if (target instanceof SerializableConsumer<?> f) {
            ((SerializableConsumer<@Nullable Object>) f).accept(arguments[0]);
        } else if (target instanceof SerializableBiConsumer<?, ?> f) {
            ((SerializableBiConsumer<@Nullable Object, @Nullable Object>) f).accept(arguments[0], arguments[1]);
        } else if (target instanceof SerializableTriConsumer<?, ?, ?> f) {
            ((SerializableTriConsumer<@Nullable Object, @Nullable Object, @Nullable Object>) f)
                    .accept(arguments[0], arguments[1], arguments[2]);
        } else {
            throw new IllegalStateException("not a target: " + target.getClass());
        }
    }
}
