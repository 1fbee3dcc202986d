package io.github.procession.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.internal.wire.Dictionary;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class DefinitionsTest {
    private final Definitions definitions = new Definitions();

    @Test
    void equalDefinitionsHaveOneNumberAndEachNumberItsDefinition() {
        byte[] first = {1, 2};
        int one = definitions.numberOf(first);
        int other = definitions.numberOf(new byte[] {3});
        first[0] = 9; // nobody else's
        assertThat(one).isEqualTo(1);
        assertThat(definitions.numberOf(new byte[] {1, 2})).isEqualTo(one);
        assertThat(definitions.definition(one)).containsExactly(1, 2);
        assertThat(definitions.definition(other)).containsExactly(3);
    }

    @Test
    void whatNobodyHasDefinedIsSaidSo() {
        for (int number : new int[] {0, -1, 1, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> definitions.definition(number))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no definition " + number);
        }
    }

    @Test
    void itTakesNoMoreThanSomeDefinitionsOfSomeBytes() {
        int last = 0;
        for (int i = 0; i < 20_000; i++) {
            last = Math.max(
                    last, definitions.numberOf(ByteBuffer.allocate(4).putInt(i).array()));
        }
        assertThat(last).isEqualTo(1 << 14);
        assertThat(definitions.numberOf(new byte[5])).isEqualTo(Dictionary.NONE);
        assertThat(definitions.numberOf(new byte[4])).as("is there").isEqualTo(1);
        assertThat(new Definitions().numberOf(new byte[(16 << 20) + 1])).isEqualTo(Dictionary.NONE);
    }
}
