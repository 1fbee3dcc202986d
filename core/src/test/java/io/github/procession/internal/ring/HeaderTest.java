package io.github.procession.internal.ring;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/// A ring or pipe whose header was overwritten, or whose memory was cut off, is a state that nobody asked for, not an argument.
class HeaderTest {

    @Test
    void aRingThatDoesNotFitWhatItSaysIsRefused() {
        long bytes = CellRing.bytes(8);
        var memory = Arena.ofAuto().allocate(bytes, CellRingLayout.ALIGNMENT);
        CellRing.format(memory, 0, 8);
        assertThatThrownBy(() -> CellRing.over(memory.asSlice(0, bytes - 64), 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("takes " + bytes + " bytes", "only " + (bytes - 64), "cut off");
        for (int capacity : new int[] {0, -1, Integer.MAX_VALUE}) {
            memory.set(ValueLayout.JAVA_INT, CellRingLayout.CAPACITY_AT, capacity);
            assertThatThrownBy(() -> CellRing.over(memory, 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("capacity is " + capacity);
        }
    }

    @Test
    void aPipeThatDoesNotFitWhatItSaysIsRefused() {
        long bytes = RecordPipe.bytes(1024);
        var memory = Arena.ofAuto().allocate(bytes, RecordPipeLayout.ALIGNMENT);
        RecordPipe.format(memory, 0, 1024);
        assertThatThrownBy(() -> RecordPipe.over(memory.asSlice(0, bytes - 64), 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("takes " + bytes + " bytes", "only " + (bytes - 64), "cut off");
        for (int capacity : new int[] {0, -1, 1000}) {
            memory.set(ValueLayout.JAVA_INT, RecordPipeLayout.CAPACITY_AT, capacity);
            assertThatThrownBy(() -> RecordPipe.over(memory, 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("capacity is " + capacity);
        }
    }
}
