package io.github.procession.internal.shared;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.sync.SyncBlock;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.tree.RootPort;
import io.github.procession.internal.waiting.WaitPoint;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A synchronization primitive that this process is attached to: its state and the points where threads wait for it. There
/// is one for each object, whatever number of handles. Safe for use by any thread.
///
/// @param <S> the state
public final class Primitive<S> {
    private static final long BASE = BlockLayout.HEADER;

    private final SharedBlock block;
    private final S state;
    private final WaitPoint[] points;
    private final Runnable closing;

    /// Makes the state of a primitive over its block.
    @FunctionalInterface
    public interface Maker<S> {
        /// @param memory the block
        /// @param base   where the state begins
        /// @param slot   this process
        S make(MemorySegment memory, long base, int slot);
    }

    private Primitive(SharedBlock block, SyncBlock layout, Maker<S> maker, @Nullable ClosingOf<S> closing) {
        this.block = block;
        this.state = maker.make(block.memory(), BASE, Node.self().slot());
        this.points = new WaitPoint[layout.points()];
        for (int i = 0; i < points.length; i++) {
            points[i] = layout.point(block.memory(), BASE, i);
        }
        this.closing = closing == null ? () -> {} : () -> closing.close(state);
    }

    /// What a state has to be told when this process closes it.
    @FunctionalInterface
    public interface ClosingOf<S> {
        /// Ends all waiting inside.
        void close(S state);
    }

    /// Makes a new one.
    ///
    /// @param owner the object that it belongs to, 0 for none
    public static SharedBlock create(ObjectKind kind, SyncBlock layout, long owner) {
        return SharedBlock.create(kind, layout.bytes(), owner == 0 ? RootPort.NOBODY : owner);
    }

    /// The primitive in a block.
    @SuppressWarnings("unchecked") // a block has one kind of face
    public static <S> Primitive<S> in(
            SharedBlock block, SyncBlock layout, Maker<S> maker, @Nullable ClosingOf<S> closing) {
        return (Primitive<S>) block.face(Primitive.class, b -> new Primitive<>(b, layout, maker, closing));
    }

    /// Its state.
    ///
    /// @throws IllegalStateException if this process has closed it
    public S state() {
        block.memory();
        return state;
    }

    /// Repeats an attempt until it yields something: see [WaitPoint#await(Supplier, long)].
    public <T> @Nullable T await(Supplier<? extends @Nullable T> attempt, long deadline) throws InterruptedException {
        return points[0].await(attempt, deadline);
    }

    /// Repeats an attempt until it succeeds, at one of its points.
    public boolean await(long point, BooleanSupplier attempt, long deadline) throws InterruptedException {
        return points[(int) (point % points.length)].await(attempt, deadline);
    }

    /// Where threads wait for it; the first, if there are several points.
    public WaitPoint point() {
        return points[0];
    }

    /// Wakes one who waits.
    public void signal() {
        points[0].signal();
    }

    /// Wakes all who wait at one of its points.
    public void signalAll(long point) {
        points[(int) (point % points.length)].signalAll();
    }

    /// Wakes all who wait.
    public void signalAll() {
        for (var point : points) {
            point.signalAll();
        }
    }

    /// Detaches this process from a block that a primitive travels with.
    public static void close(SharedBlock block) {
        endWaiting(block);
        block.close();
    }

    /// Threads of this process that wait for the primitive that travels with a block leave with an exception.
    public static void endWaiting(SharedBlock block) {
        var primitive = block.face(Primitive.class);
        if (primitive != null) {
            primitive.endWaiting();
        }
    }

    private void endWaiting() {
        for (var point : points) {
            point.close();
        }
        closing.run();
    }

    /// Detaches this process: its threads that wait here leave with an exception. Idempotent.
    public void close() {
        endWaiting();
        block.close();
    }
}
