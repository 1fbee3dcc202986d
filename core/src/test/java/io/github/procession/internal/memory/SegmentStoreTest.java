package io.github.procession.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentStoreTest {
    private final Mappings mappings = new Mappings(ProcessHandle.current().pid());
    private final SegmentStore store = new SegmentStore(mappings);

    @ParameterizedTest
    @ValueSource(longs = {1, 128, 129, 4096, 32 << 10, (32 << 10) + 1, 3 << 20})
    void blocksAreZeroAlsoWhenUsedAgain(long bytes) {
        for (int round = 0; round < 3; round++) {
            var place = store.allocate(bytes);
            try (var view = mappings.attach(place)) {
                assertThat(view.memory().byteSize()).isGreaterThanOrEqualTo(bytes);
                for (long i = 0; i < bytes; i++) {
                    assertThat(view.memory().get(ValueLayout.JAVA_BYTE, i)).isZero();
                    view.memory().set(ValueLayout.JAVA_BYTE, i, (byte) 1);
                    if (i > 1000) {
                        i += 997;
                    }
                }
            }
            store.free(place);
        }
    }

    @Test
    void smallBlocksShareSegmentsButNeverALine() {
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            places.add(store.allocate(1 + i % 300));
        }
        assertThat(places.stream().map(Place::segment).distinct().count()).isLessThan(10);
        var lines = new HashSet<String>();
        for (var place : places) {
            assertThat(place.offset() % 128).isZero();
            for (long line = place.offset() / 128; line * 128 < place.offset() + place.bytes(); line++) {
                assertThat(lines.add(place.segment() + ":" + line)).isTrue();
            }
        }
        places.forEach(store::free);
    }

    @Test
    void twoViewsSeeTheSameBytesAndEndOneByOne() {
        var place = store.allocate(256);
        var one = mappings.attach(place);
        var two = mappings.attach(place);
        one.memory().set(ValueLayout.JAVA_INT, 0, 77);
        assertThat(two.memory().get(ValueLayout.JAVA_INT, 0)).isEqualTo(77);
        one.close();
        assertThatThrownBy(() -> one.memory().get(ValueLayout.JAVA_INT, 0)).isInstanceOf(IllegalStateException.class);
        assertThat(two.memory().get(ValueLayout.JAVA_INT, 0)).isEqualTo(77);
        two.close();
        store.free(place);
    }

    @Test
    void moreThanThereIsIsRefusedAtOnce() {
        assertThatThrownBy(() -> store.allocate(1L << 45))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Not enough memory for 35,184,372,088,832 bytes")
                .hasMessageContaining("are left");
        assertThatThrownBy(() -> store.allocate(Long.MAX_VALUE)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anInterruptedThreadMapsAndStaysInterrupted() {
        var place = store.allocate(1 << 20);
        Thread.currentThread().interrupt();
        try (var view = mappings.attach(place)) {
            view.memory().set(ValueLayout.JAVA_INT, 0, 1);
            assertThat(Thread.interrupted()).isTrue();
        }
        store.free(place);
    }
}
