package io.github.procession.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.memory.ObjectRef;
import io.github.procession.internal.memory.Place;
import io.github.procession.internal.wire.LinkClosedException;
import io.github.procession.internal.wire.LinkOffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkedRootTest {
    private static ObjectRef object(long id) {
        return new ObjectRef(id, ObjectKind.VALUES, new Place(1, 2, 4096, 0, 64));
    }

    @Test
    void whatWasForetoldIsNotAskedForOnce() {
        var offer = LinkOffer.make("test");
        try (var link = offer.link()) {
            offer.withdraw();
            link.listen(_ -> {});
            link.closed().join(); // whoever asks now gets an exception
            var root = new LinkedRoot(link);
            root.foretell(List.of(object(7), object(8)));
            assertThat(root.attach(7)).isEqualTo(object(7));
            assertThat(root.foretold()).containsExactly(8L);
            assertThatThrownBy(() -> root.attach(7)).isInstanceOf(LinkClosedException.class);
            assertThatThrownBy(() -> root.attach(9)).isInstanceOf(LinkClosedException.class);
        }
    }
}
