package io.github.procession;

import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableConsumer;
import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.shared.Local;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Outcomes;
import io.github.procession.internal.wire.Parcel;
import io.github.procession.internal.wire.Shipment;
import java.io.IOException;
import java.io.Serializable;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a process does that waits to be a child: once through what children do first, so that classes are loaded, and
/// lambdas and native functions linked, before somebody waits for it. The process that records the cache of loaded classes
/// does it too. `internal.worker` knows it by its name alone, since nobody below sees the roof.
final class Rehearsal implements Consumer<BooleanSupplier> {
    /// So often that the JVM does not interpret all of it any more.
    private static final int ROUNDS = 20;

    private record Example(int number, String text) implements Serializable {}

    private enum Choice {
        ONE
    }

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

    /// One thing of it.
    @FunctionalInterface
    private interface Step {
        void run() throws Throwable;
    }

    Rehearsal() {}

    /// Goes through it, until it is enough.
    ///
    /// @param enough asked between one thing and the next
    @Override
    public void accept(BooleanSupplier enough) {
        var all = List.<Step>of(
                Rehearsal::vocabulary,
                Rehearsal::target,
                Rehearsal::call,
                Rehearsal::failure,
                Rehearsal::values,
                Rehearsal::output);
        var often = List.<Step>of(Rehearsal::target, Rehearsal::call, Rehearsal::lambda);
        for (int round = 0; round < ROUNDS; round++) {
            for (var step : round == 0 ? all : often) {
                if (enough.getAsBoolean()) {
                    return;
                }
                try {
                    step.run();
                } catch (Throwable e) {
                    // it is only colder then
                }
            }
        }
    }

    /// The JVM loads what a program's own classes mention when it verifies them.
    private static void vocabulary() throws ClassNotFoundException {
        for (var type : List.of(
                ChildProcess.class,
                ProcessOptions.class,
                StartMethod.class,
                Output.class,
                Pool.class,
                PoolOptions.class,
                TaskOptions.class,
                Pipe.class,
                Connection.class)) {
            Class.forName(type.getName(), false, type.getClassLoader());
        }
    }

    /// A target that gets a shared object, and uses it.
    private static void target() throws IOException, ClassNotFoundException, Exception {
        Parcel parcel;
        var queue = SharedQueue.create(8);
        try {
            SerializableConsumer<SharedQueue<Object>> first = Rehearsal::first;
            parcel = Parcels.pack(
                    new Bound(first, queue), "rehearsal", Node.self().slot());
        } finally {
            queue.close(); // so that the handle in the parcel attaches to it anew
        }
        try {
            ((SerializableRunnable) Objects.requireNonNull(Parcels.unpack(parcel.bytes()))).execute();
        } finally {
            Parcels.settle(parcel.pin());
        }
    }

    private static void first(SharedQueue<Object> queue) throws InterruptedException {
        try (queue) {
            var items = List.of(
                    1,
                    2L,
                    "text",
                    new int[] {1},
                    new byte[] {1},
                    List.of(1L, 2.0),
                    Map.of("key", Choice.ONE),
                    new Example(1, "item"),
                    new Other(new Example(2, "other")));
            for (Object item : items) {
                queue.put(item);
                Objects.requireNonNull(queue.take());
            }
            var nothing = queue.poll(1, TimeUnit.MILLISECONDS);
            assert nothing == null;
        }
    }

    /// A task, and what it returns.
    private static void call() throws Exception {
        var example = new Example(1, "warm");
        var other = new Other(new Example(2, "warmer"));
        SerializableCallable<Object> task =
                () -> List.of(new Example(example.number() + 1, other.example().text()), other);
        var there = (SerializableCallable<?>) Objects.requireNonNull(travelled(task));
        Outcomes.returned(Local.codec().write(there.call(), "result", new Shipment()));
    }

    private static @Nullable Object travelled(Object value) throws IOException, ClassNotFoundException {
        return Parcels.unpack(
                Parcels.pack(value, "rehearsal", Node.self().slot()).bytes());
    }

    /// A lambda of a place in the code that has made none before.
    private static void lambda() throws Throwable {
        var lookup = MethodHandles.lookup();
        var nothing = MethodType.methodType(void.class);
        var lambda = (SerializableRunnable) LambdaMetafactory.altMetafactory(
                        lookup,
                        "execute",
                        MethodType.methodType(SerializableRunnable.class),
                        nothing,
                        lookup.findStatic(Rehearsal.class, "nothing", nothing),
                        nothing,
                        LambdaMetafactory.FLAG_SERIALIZABLE)
                .getTarget()
                .invoke();
        lambda.execute();
    }

    @SuppressWarnings("UnusedMethod") // found by its name
    private static void nothing() {}

    private static void failure() throws IOException {
        var codec = Local.codec();
        Outcomes.read(codec, Outcomes.threw(codec, new IllegalStateException("of a rehearsal"), "here"));
    }

    private static void values() throws InterruptedException {
        try (var number = SharedInt.of(1);
                var lock = SharedLock.create()) {
            lock.lock();
            try {
                number.incrementAndGet();
            } finally {
                lock.unlock();
            }
        }
    }

    private static void output() {
        System.out.print("%s".formatted(""));
        System.out.flush();
    }
}
