package io.github.procession.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.Mappings;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.memory.ObjectRef;
import io.github.procession.internal.ring.ItemCell;
import io.github.procession.internal.ring.QueueBlock;
import io.github.procession.internal.sync.SemaphoreState;
import io.github.procession.internal.sync.SyncBlock;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RegistryTest {
    private static final int ROOT = Node.ROOT_SLOT;

    private static final Mappings MAPPINGS =
            new Mappings(ProcessHandle.current().pid());
    private static final Registry SHARED = new Registry(MAPPINGS); // it keeps some memory for the next object

    private final Mappings mappings = MAPPINGS;
    private Registry registry = SHARED;

    @AfterEach
    void nothingIsLeft() {
        assertThat(registry.count()).isZero();
    }

    private long create(int slot) {
        return registry.create(slot, ObjectKind.VALUES, 1024, RootPort.NOBODY).id();
    }

    @Test
    void anObjectLivesWhileSomebodyIsAttached() {
        int child = registry.reserve(ROOT);
        long id = create(ROOT);
        registry.attach(child, id);
        registry.detach(ROOT, id);
        assertThat(registry.count()).isOne();
        registry.detach(child, id);
        assertThat(registry.count()).isZero();
        assertThatThrownBy(() -> registry.attach(ROOT, id))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is gone");
        registry.bury(child);
    }

    @Test
    void anObjectThatIsNotWhatItSaysHoldsUpNoBurial() {
        int child = registry.reserve(ROOT);
        for (var kind : ObjectKind.values()) {
            registry.create(child, kind, 0, RootPort.NOBODY); // less than its header needs
        }
        assertThat(registry.bury(child)).isTrue();
        assertThat(registry.gone(child)).isDone();
    }

    @Test
    void nothingIsPinnedForWhatCanHoldNothing() {
        int child = registry.reserve(ROOT);
        long values = create(child);
        assertThatThrownBy(() -> registry.pin(child, child, values, List.of(values)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Nothing can be in shared object");
        long unmade = registry.create(child, ObjectKind.QUEUE, 1 << 12, RootPort.NOBODY)
                .id();
        registry.itemPut(registry.pin(child, child, unmade, List.of(values)));
        assertThat(registry.bury(child)).isTrue();
    }

    @Test
    void aPinKeepsItUntilItHasArrivedOrItsOwnerIsGone() {
        int child = registry.reserve(ROOT);
        long id = create(ROOT);
        long pin = registry.pin(child, child, 0, List.of(id));
        registry.detach(ROOT, id);
        assertThat(registry.count()).isOne();
        registry.unpin(pin);
        assertThat(registry.count()).isZero();

        long other = create(ROOT);
        registry.pin(child, child, 0, List.of(other));
        registry.detach(ROOT, other);
        assertThat(registry.count()).isOne();
        registry.bury(child);
    }

    @Test
    void aChildIsAttachedToWhatIsPinnedForIt() {
        int child = registry.reserve(ROOT);
        long pinned = create(ROOT);
        long other = create(ROOT);
        long gone = create(ROOT);
        long pin = registry.pin(ROOT, ROOT, 0, List.of(pinned, other));
        registry.detach(ROOT, gone);
        assertThat(registry.attachAll(child, pin, List.of(other, gone)))
                .extracting(ObjectRef::id)
                .containsExactly(pinned, other);
        registry.unpin(pin);
        registry.detach(ROOT, pinned);
        registry.detach(ROOT, other);
        assertThat(registry.count()).isEqualTo(2);
        assertThat(registry.attachAll(child, 0, List.of())).isEmpty();
        registry.bury(child);
        assertThat(registry.attachAll(child, 0, List.of(other))).isEmpty();
    }

    @Test
    void aDetachmentThatMustWaitIsOffOnceTheProcessIsAttachedAgain() {
        int child = registry.reserve(ROOT);
        var ref = registry.create(
                child, ObjectKind.SEMAPHORE, BlockLayout.HEADER + SyncBlock.SEMAPHORE.bytes(), RootPort.NOBODY);
        long id = ref.id();
        mappings.with(ref.place(), memory -> {
            var semaphore = new SemaphoreState(memory, BlockLayout.HEADER, child);
            semaphore.format(2, 2);
            assertThat(semaphore.acquire(1)).isTrue();
            memory.set(ValueLayout.JAVA_LONG, BlockLayout.HEADER, ROOT << 2 | 1); // somebody stays in a section
            return true;
        });
        assertThat(registry.detach(child, id)).isFalse();
        assertThat(registry.detachLate(child, id)).isFalse();
        registry.attach(child, id);
        leaveSection(ref);
        assertThat(registry.detachLate(child, id)).isTrue();
        assertThat(registry.count()).isOne();
        assertThat(registry.attach(ROOT, id)).isEqualTo(ref);
        registry.detach(ROOT, id);
        assertThat(registry.detach(child, id)).isTrue();
        registry.bury(child);
    }

    @Test
    void aDetachmentThatMustWaitHappensInTheEnd() {
        int child = registry.reserve(ROOT);
        var ref = registry.create(
                child, ObjectKind.SEMAPHORE, BlockLayout.HEADER + SyncBlock.SEMAPHORE.bytes(), RootPort.NOBODY);
        registry.attach(ROOT, ref.id());
        mappings.with(ref.place(), memory -> {
            var semaphore = new SemaphoreState(memory, BlockLayout.HEADER, child);
            semaphore.format(1, 1);
            assertThat(semaphore.acquire(1)).isTrue();
            memory.set(ValueLayout.JAVA_LONG, BlockLayout.HEADER, ROOT << 2 | 1);
            return true;
        });
        assertThat(registry.detach(child, ref.id())).isFalse();
        leaveSection(ref);
        registry.attach(child, ref.id()); // what it held comes back before
        int permits =
                mappings.with(ref.place(), memory -> new SemaphoreState(memory, BlockLayout.HEADER, ROOT).permits());
        assertThat(permits).isOne();
        assertThat(registry.detach(child, ref.id())).isTrue();
        registry.detach(ROOT, ref.id());
        registry.bury(child);
    }

    private void leaveSection(ObjectRef ref) {
        mappings.with(ref.place(), memory -> {
            memory.set(ValueLayout.JAVA_LONG, BlockLayout.HEADER, 0);
            return true;
        });
    }

    @Test
    void aResultThatNobodyHasHeardOfGoesWhenItsMakerIsDrained() {
        int child = registry.reserve(ROOT);
        long sent = create(child);
        long unsent = create(child);
        long claimed = registry.pin(child, ROOT, 0, List.of(sent));
        registry.pin(child, ROOT, 0, List.of(unsent));
        registry.bury(child);
        registry.claim(claimed); // it is read only now
        assertThat(registry.count()).isEqualTo(2);
        registry.drained(child, ROOT);
        assertThat(registry.count()).isOne();
        registry.unpin(claimed);
    }

    @Test
    void aSlotIsNobodyElsesUntilItsProcessIsDrained() {
        int child = registry.reserve(ROOT);
        int grandchild = registry.reserve(child);
        registry.bury(child);
        registry.drained(child, grandchild); // not its parent
        assertThat(freeSlots()).doesNotContain(child, grandchild);
        registry.bury(grandchild); // its parent is gone
        registry.drained(child, ROOT);
        assertThat(freeSlots()).contains(child, grandchild);
    }

    private Set<Integer> freeSlots() {
        var free = new HashSet<Integer>();
        try {
            while (true) {
                free.add(registry.reserve(ROOT));
            }
        } catch (IllegalStateException full) {
            for (int slot : free) {
                registry.drained(slot, ROOT);
                registry.bury(slot);
            }
            return free;
        }
    }

    @Test
    void theDeadAttachToNothing() {
        int child = registry.reserve(ROOT);
        long id = create(ROOT);
        registry.bury(child);
        assertThatThrownBy(() -> registry.attach(child, id)).hasMessageContaining("is not in the tree");
        registry.detach(ROOT, id);
        assertThat(registry.count()).isZero();
        registry.drained(child, ROOT);
    }

    @Test
    void burialDetachesCompletesGoneAndFreesTheSlot() {
        int child = registry.reserve(ROOT);
        var gone = registry.gone(child);
        create(child);
        assertThat(gone).isNotDone();
        assertThat(registry.bury(child)).isTrue();
        assertThat(gone).isCompleted();
        assertThat(registry.bury(child)).as("twice is fine").isTrue();
        assertThatThrownBy(() -> create(child)).hasMessageContaining("is not in the tree");
    }

    @Test
    void slotsGoRoundAndEndSomewhere() {
        registry = new Registry(mappings);
        int first = registry.reserve(ROOT);
        registry.bury(first);
        assertThat(registry.reserve(ROOT)).as("not the same at once").isNotEqualTo(first);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 5000; i++) {
                        registry.reserve(ROOT);
                    }
                })
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no more are possible");
    }

    /// The root makes the block, and whoever asked for it lays out what is in it: it may die in between, or give up.
    @ParameterizedTest
    @EnumSource
    void whatIsNotLaidOutYetGoesWithWhoWasAboutTo(ObjectKind kind) {
        int child = registry.reserve(ROOT);
        registry.create(child, kind, QueueBlock.bytes(8), RootPort.NOBODY);
        var left = registry.create(child, kind, QueueBlock.bytes(8), RootPort.NOBODY);
        assertThat(registry.detach(child, left.id())).isTrue();
        assertThat(registry.bury(child)).isTrue();
        assertThat(registry.count()).isZero();
        registry.drained(child, ROOT);
    }

    /// A queue whose ring this test fills by hand.
    private QueueBlock queue(long id, Mappings.View view) {
        assertThat(id).isPositive();
        return QueueBlock.format(view.memory(), 8);
    }

    @Test
    void thePinOfAnItemIsTheQueuesOnceItIsPut() {
        int producer = registry.reserve(ROOT);
        var queueRef = registry.create(ROOT, ObjectKind.QUEUE, QueueBlock.bytes(8), RootPort.NOBODY);
        registry.attach(producer, queueRef.id());
        long value = create(ROOT);
        try (var view = mappings.attach(queueRef.place())) {
            var queue = queue(queueRef.id(), view);
            long pin = registry.pin(producer, producer, queueRef.id(), List.of(value));
            registry.detach(ROOT, value);
            byte[] body = ItemCell.pinned(pin, new byte[] {1});
            queue.ring().offer(producer, ItemCell.PINNED, body, body.length);
            registry.bury(producer); // before it could say that the item is put
            assertThat(registry.count())
                    .as("the item is in the queue, and keeps the value")
                    .isEqualTo(2);
            int taker = registry.reserve(ROOT);
            registry.attach(taker, queueRef.id());
            long ticket = queue.ring().claim(taker);
            queue.ring().release(ticket);
            registry.bury(taker); // before it could unpin
            assertThat(registry.count())
                    .as("the taker's death gave the value back")
                    .isOne();
        }
        registry.detach(ROOT, queueRef.id());
    }

    @Test
    void aPinThatNeverGotIntoTheQueueGoesWithItsProducer() {
        int producer = registry.reserve(ROOT);
        var queueRef = registry.create(ROOT, ObjectKind.QUEUE, QueueBlock.bytes(8), RootPort.NOBODY);
        registry.attach(producer, queueRef.id());
        try (var view = mappings.attach(queueRef.place())) {
            queue(queueRef.id(), view);
            long value = create(ROOT);
            registry.pin(producer, producer, queueRef.id(), List.of(value));
            registry.detach(ROOT, value);
            assertThat(registry.count()).isEqualTo(2);
            registry.bury(producer);
            assertThat(registry.count()).isOne();
        }
        registry.detach(ROOT, queueRef.id());
    }

    @Test
    void anExtentOutlivesItsProducerWhileACellNamesIt() {
        int producer = registry.reserve(ROOT);
        var queueRef = registry.create(ROOT, ObjectKind.QUEUE, QueueBlock.bytes(8), RootPort.NOBODY);
        registry.attach(producer, queueRef.id());
        try (var view = mappings.attach(queueRef.place())) {
            var queue = queue(queueRef.id(), view);
            var extent = registry.create(producer, ObjectKind.EXTENT, 4096, queueRef.id());
            byte[] body = new ItemCell(0, extent.id(), BlockLayout.HEADER, 100).toBody();
            queue.ring().offer(producer, ItemCell.EXTENT, body, body.length);
            registry.bury(producer);
            assertThat(registry.count()).isEqualTo(2);
            registry.attach(ROOT, extent.id());
            try (var bytes = mappings.attach(extent.place())) {
                assertThat(BlockLayout.isRetired(bytes.memory())).isTrue();
            }
            queue.ring().release(queue.ring().claim(ROOT));
            registry.detach(ROOT, extent.id());
            assertThat(registry.count()).isOne();
        }
        registry.detach(ROOT, queueRef.id());
    }

    @Test
    void whatAQueueHoldsGoesWithIt() {
        var queueRef = registry.create(ROOT, ObjectKind.QUEUE, QueueBlock.bytes(8), RootPort.NOBODY);
        try (var view = mappings.attach(queueRef.place())) {
            var queue = queue(queueRef.id(), view);
            long value = create(ROOT);
            long pin = registry.pin(ROOT, ROOT, queueRef.id(), List.of(value));
            byte[] body = ItemCell.pinned(pin, new byte[] {1});
            queue.ring().offer(ROOT, ItemCell.PINNED, body, body.length);
            registry.itemPut(pin);
            registry.detach(ROOT, value);
        }
        assertThat(registry.count()).isEqualTo(2);
        registry.detach(ROOT, queueRef.id());
    }
}
