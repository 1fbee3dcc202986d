package io.github.procession.internal.memory;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Attaching to anything but what the root described is one clear error.
class BlockLayoutTest {
    private final MemorySegment block = Arena.ofAuto().allocate(256, 128);
    private final ObjectRef ref = new ObjectRef(7, ObjectKind.QUEUE, new Place(1, 3, 4096, 0, 256));

    @BeforeEach
    void format() {
        BlockLayout.format(block, ObjectKind.QUEUE, 7);
    }

    private void isRefused(MemorySegment memory, String... words) {
        assertThatThrownBy(() -> BlockLayout.check(memory, ref))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Shared object 7 (QUEUE)")
                .hasMessageContainingAll(words);
    }

    @Test
    void whatWasFormattedIsAccepted() {
        assertThatCode(() -> BlockLayout.check(block, ref)).doesNotThrowAnyException();
    }

    @Test
    void anotherVersionIsRefusedWithBoth() {
        block.set(ValueLayout.JAVA_INT, 8, 99);
        isRefused(block, "layout version 99", "knows version " + BlockLayout.VERSION, "same Procession");
    }

    @Test
    void anotherMagicKindOrNumberIsRefused() {
        block.set(ValueLayout.JAVA_LONG, 0, 0xABC);
        isRefused(block, "magic abc instead of 50524f4345535349");
        BlockLayout.format(block, ObjectKind.LOCK, 7);
        isRefused(block, "kind " + ObjectKind.LOCK.ordinal());
        BlockLayout.format(block, ObjectKind.QUEUE, 8);
        isRefused(block, "id 8");
    }

    @Test
    void whatIsCutOffIsRefused() {
        isRefused(block.asSlice(0, 192), "256 bytes", "192");
        isRefused(block.asSlice(0, 64), "64 bytes", "128");
    }
}
