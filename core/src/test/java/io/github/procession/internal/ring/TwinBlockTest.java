package io.github.procession.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class TwinBlockTest {
    private static final int DEAD = 7;
    private static final int ALIVE = 8;

    private final TwinBlock twins =
            TwinBlock.format(Arena.ofAuto().allocate(TwinBlock.bytes(3), 128), new byte[] {1, 2, 3});

    @Test
    void whatIsPublishedIsReadAndWhatIsGivenUpIsNot() {
        assertThat(twins.length()).isEqualTo(3);
        for (byte i = 0; i < 5; i++) {
            assertThat(twins.tryClaim(ALIVE)).isTrue();
            twins.publish(new byte[] {i, i, i});
            assertThat(twins.tryClaim(ALIVE)).isTrue();
            twins.giveUp();
            assertThat(twins.read()).containsExactly(i, i, i);
        }
    }

    @Test
    void aClaimKeepsOthersOutAndReadersReadOn() {
        assertThat(twins.tryClaim(ALIVE)).isTrue();
        assertThat(twins.tryClaim(DEAD)).isFalse();
        assertThat(twins.tryClaim(ALIVE)).isFalse();
        assertThat(twins.read()).containsExactly(1, 2, 3);
    }

    @Test
    void theClaimOfTheDeadAloneIsTakenBack() {
        assertThat(twins.tryClaim(ALIVE)).isTrue();
        twins.repair(DEAD);
        assertThat(twins.tryClaim(DEAD)).isFalse();
        twins.publish(new byte[] {4, 5, 6});
        assertThat(twins.tryClaim(DEAD)).isTrue();
        twins.repair(DEAD);
        assertThat(twins.read()).containsExactly(4, 5, 6);
        assertThat(twins.tryClaim(ALIVE)).isTrue();
    }
}
