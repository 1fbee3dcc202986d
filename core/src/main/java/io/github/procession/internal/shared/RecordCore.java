package io.github.procession.internal.shared;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.ring.TwinBlock;
import io.github.procession.internal.tree.Node;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The bytes of a shared record, as this process reads and changes them. Safe for use by any thread.
public final class RecordCore {
    /*
     * Writers go through the turnstile, since a living process must never lose its memory with a claim on it. Readers do
     * not: they hold nothing, and an access to memory that is gone throws.
     */
    private final SharedBlock block;
    private final TwinBlock twins;
    private final int slot = Node.self().slot();
    private final Turnstile writers = new Turnstile();
    private volatile @Nullable Thread writer; // of this process, if it has the claim; written by that thread alone

    private RecordCore(SharedBlock block, TwinBlock twins) {
        this.block = block;
        this.twins = twins;
    }

    /// A new block with these bytes in it.
    public static SharedBlock create(byte[] content) {
        var block = SharedBlock.create(ObjectKind.TWINS, TwinBlock.bytes(content.length) - BlockLayout.HEADER);
        TwinBlock.format(block.memory(), content);
        return block;
    }

    /// What a block is worked on with.
    public static RecordCore of(SharedBlock block) {
        return block.face(RecordCore.class, b -> new RecordCore(b, TwinBlock.over(b.memory())));
    }

    /// How many bytes there are.
    public int length() {
        return twins.length();
    }

    /// The current bytes.
    public byte[] read() {
        block.memory(); // says that it is closed, in words
        return twins.read();
    }

    /// Replaces the bytes by a function of them, while no other writer, thread or process, is at it.
    ///
    /// @throws IllegalStateException if called from within such a function on the same record
    public void update(UnaryOperator<byte[]> function) {
        refuseWithin("changed");
        writers.enter();
        try {
            claim();
            byte[] content = null;
            try {
                writer = Thread.currentThread();
                content = function.apply(twins.read());
            } finally {
                writer = null;
                if (content == null) {
                    twins.giveUp();
                }
            }
            twins.publish(content);
        } finally {
            writers.leave();
        }
    }

    private void claim() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    twins.writers().await(() -> twins.tryClaim(slot), Long.MAX_VALUE);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true; // kept until it is our turn
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void refuseWithin(String what) {
        if (writer == Thread.currentThread()) {
            throw new IllegalStateException(
                    "A shared record cannot be %s by the function that is just updating it: return the new value instead, and do the rest after update()"
                            .formatted(what));
        }
    }

    /// Detaches this process when its writers are out; those that wait leave with an exception. Idempotent.
    public void close() {
        refuseWithin("closed");
        if (writers.close()) {
            twins.writers().close();
            writers.awaitEmpty();
            block.close();
        }
    }
}
