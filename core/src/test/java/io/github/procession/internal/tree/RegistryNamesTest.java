package io.github.procession.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.internal.memory.Mappings;
import io.github.procession.internal.memory.ObjectKind;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What hangs on an object as long as it lives: its name, and what is packed in it.
class RegistryNamesTest {
    private static final int ROOT = Node.ROOT_SLOT;

    private final Registry registry =
            new Registry(new Mappings(ProcessHandle.current().pid()));

    @AfterEach
    void nothingIsLeft() {
        assertThat(registry.count()).isZero();
    }

    private long create(int slot) {
        return registry.create(slot, ObjectKind.VALUES, 1024, RootPort.NOBODY).id();
    }

    @Test
    void aNameIsTheObjectsAsLongAsItLives() {
        int child = registry.reserve(ROOT);
        long id = create(ROOT);
        long other = create(ROOT);
        registry.name(id, "name");
        registry.attach(child, id);
        assertThatThrownBy(() -> registry.name(other, "name"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("already");
        registry.detach(ROOT, id);
        assertThat(registry.find("name")).isEqualTo(id);
        registry.bury(child);
        assertThat(registry.find("name")).isZero();
        registry.name(other, "name");
        assertThat(registry.find("name")).isEqualTo(other);
        registry.detach(ROOT, other);
    }

    @Test
    void whatIsInAPackedObjectLivesAsLongAsIt() {
        int child = registry.reserve(ROOT);
        int maker = registry.reserve(ROOT);
        long inside = create(maker);
        long packed =
                registry.create(maker, ObjectKind.PACKED, 256, RootPort.NOBODY).id();
        registry.itemPut(registry.pin(maker, maker, packed, List.of(inside)));
        registry.attach(child, packed);
        registry.bury(maker);
        assertThat(registry.count()).isEqualTo(2);
        registry.detach(child, packed);
        assertThat(registry.count()).isZero();
        registry.bury(child);
    }
}
