package io.github.procession.internal.worker;

import io.github.procession.function.SerializableCallable;
import io.github.procession.internal.wire.ClassNames;
import io.github.procession.internal.wire.Codec;
import io.github.procession.internal.wire.LoaderKey;
import io.github.procession.internal.wire.Outcomes;
import io.github.procession.internal.wire.Shipment;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/// What a spare does while it waits: once through what the first task of every child needs, so that classes are loaded and
/// lambdas linked.
final class WarmUp {
    private record Example(int number, String text) implements Serializable {}

    /// What has no form of its own.
    private static final class Other implements Serializable {
        private final Example example;

        Other(Example example) {
            this.example = example;
        }

        Example example() {
            return example;
        }
    }

    /// The classes of this process alone.
    private static final ClassNames HERE = new ClassNames() {
        @Override
        public LoaderKey keyOf(Class<?> type) {
            return LoaderKey.APPLICATION;
        }

        @Override
        public Class<?> find(LoaderKey key, String name) throws ClassNotFoundException {
            return Class.forName(name, false, loader(key));
        }

        @Override
        public ClassLoader loader(LoaderKey key) {
            return Objects.requireNonNull(WarmUp.class.getClassLoader());
        }

        @Override
        public boolean isCopy(Class<?> type) {
            return false;
        }
    };

    private WarmUp() {}

    static void run() {
        try {
            var codec = new Codec(HERE);
            var example = new Example(1, "warm");
            var other = new Other(new Example(2, "warmer"));
            SerializableCallable<Object> task = () ->
                    List.of(new Example(example.number() + 1, other.example().text()), other);
            var there = (SerializableCallable<?>)
                    Objects.requireNonNull(codec.read(codec.write(task, "target", new Shipment())));
            Outcomes.returned(codec.write(there.call(), "result", new Shipment()));
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            // it is only colder then
        } catch (Exception e) {
            throw new AssertionError("the example throws nothing", e);
        }
    }
}
