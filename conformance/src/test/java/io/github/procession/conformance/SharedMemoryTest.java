package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.SharedMemory;
import io.github.procession.SharedQueue;
import io.github.procession.internal.tree.Node;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Memory by handle and by name.
class SharedMemoryTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    static void write(String name, int value) {
        try (var memory = SharedMemory.open(name)) {
            memory.segment().set(ValueLayout.JAVA_INT, 0, value);
        }
    }

    private static int read(SharedMemory memory) {
        return memory.segment().get(ValueLayout.JAVA_INT, 0);
    }

    private static void run(ChildProcess process) throws InterruptedException {
        process.start();
        assertThat(process.join(SOON)).isTrue();
        assertThat(process.exitStatus().orElseThrow().code()).isZero();
    }

    @Test
    void aChildOpensItByName() throws Exception {
        try (var memory = SharedMemory.create("largé ✓", 1000);
                var nameless = SharedMemory.create(4)) {
            assertThat(memory.name()).isEqualTo("largé ✓");
            assertThat(memory.size()).isEqualTo(1000);
            assertThat(memory.segment().byteSize()).isEqualTo(1000);
            run(ChildProcess.of(SharedMemoryTest::write, memory.name(), 7));
            assertThat(read(memory)).isEqualTo(7);
            run(ChildProcess.of(SharedMemoryTest::write, nameless.name(), 8));
            assertThat(read(nameless)).isEqualTo(8);
            assertThat(SharedMemory.open("largé ✓")).isEqualTo(memory);
        }
    }

    @Test
    void aNameIsTakenWhileAnybodyHasIt() throws Exception {
        try (var memory = SharedMemory.create("taken", 10)) {
            assertThatThrownBy(() -> SharedMemory.create("taken", 10))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("taken", "already", "another name");
            assertThatThrownBy(() -> ChildProcess.call(() -> SharedMemory.create("taken", 20)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("already");
            assertThat(memory.size()).isEqualTo(10);
        }
        for (int i = 0; i < 3; i++) {
            try (var again = SharedMemory.create("taken", 4)) {
                assertThat(read(again)).isZero();
                again.segment().fill((byte) 1);
            }
            assertThat(ChildProcess.<Integer>call(() -> {
                        for (int n = 0; n < 50; n++) {
                            SharedMemory.create("taken", 8).close();
                        }
                        return 50;
                    }))
                    .isEqualTo(50);
        }
    }

    @Test
    void aNameThatNobodyHasIsNotOpened() {
        SharedMemory.create("gone", 10).close();
        for (String name : new String[] {"gone", "never", "#0"}) {
            assertThatThrownBy(() -> SharedMemory.open(name))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("open(\"" + name + "\")", "no shared memory with that name", "Create it");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE})
    void sizesThatNoneCanHaveAreRefused(long bytes) {
        assertThatThrownBy(() -> SharedMemory.create(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("create(" + bytes + ")", "between 1 and");
        assertThatThrownBy(() -> SharedMemory.create("size", bytes)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SharedMemory.open("size")).hasMessageContaining("no shared memory");
    }

    @Test
    void namesThatNoneCanHaveAreRefused() {
        for (String name : new String[] {"", "a\0b", "x".repeat(256), "#1"}) {
            assertThatThrownBy(() -> SharedMemory.create(name, 10)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> SharedMemory.open("a\0b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("a\\0b", "no NUL");
        assertThatThrownBy(() -> SharedMemory.create(null, 10)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> SharedMemory.open(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void moreThanIsLeftIsRefusedAndLeavesNoName() {
        int before = Node.self().liveObjects();
        assertThatThrownBy(() -> SharedMemory.create("huge", 1L << 50))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("Not enough memory", "left");
        assertThat(Node.self().liveObjects()).isEqualTo(before);
        SharedMemory.create("huge", 1).close();
    }

    static void openAndWait(String name, SharedQueue<String> there) throws InterruptedException {
        var memory = SharedMemory.open(name);
        there.put("open");
        Thread.sleep(SOON);
        memory.close();
    }

    static void createAndWait(String name, SharedQueue<String> there) throws InterruptedException {
        var memory = SharedMemory.create(name, 4);
        memory.segment().set(ValueLayout.JAVA_INT, 0, 5);
        there.put("made");
        Thread.sleep(SOON);
        memory.close();
    }

    @Test
    void whoAttachedAndDiedDestroysNothing() throws Exception {
        try (SharedQueue<String> there = SharedQueue.create(1);
                var memory = SharedMemory.create("kept", 4)) {
            var child = ChildProcess.of(SharedMemoryTest::openAndWait, "kept", there)
                    .start();
            there.take();
            child.kill();
            assertThat(child.join(SOON)).isTrue();
            run(ChildProcess.of(SharedMemoryTest::write, "kept", 6));
            assertThat(read(memory)).isEqualTo(6);
        }
    }

    @Test
    void itOutlivesTheProcessThatMadeItWhileAnotherHasIt() throws Exception {
        try (SharedQueue<String> there = SharedQueue.create(1)) {
            var child = ChildProcess.of(SharedMemoryTest::createAndWait, "inherited", there)
                    .start();
            there.take();
            try (var memory = SharedMemory.open("inherited")) {
                child.kill();
                assertThat(child.join(SOON)).isTrue();
                assertThat(read(memory)).isEqualTo(5);
                assertThatThrownBy(() -> SharedMemory.create("inherited", 1)).hasMessageContaining("already");
            }
            SharedMemory.create("inherited", 1).close();
        }
    }

    @Test
    void itIsGoneWithTheOnlyProcessThatHadIt() throws Exception {
        try (SharedQueue<String> there = SharedQueue.create(1)) {
            var child = ChildProcess.of(SharedMemoryTest::createAndWait, "mine alone", there)
                    .start();
            there.take();
            child.kill();
            assertThat(child.join(SOON)).isTrue();
            Processes.await("the name to be free", () -> {
                try {
                    SharedMemory.open("mine alone").close();
                    return false;
                } catch (IllegalStateException e) {
                    return e.getMessage().contains("no shared memory");
                }
            });
        }
    }

    @Test
    void aHandleOnItsWayKeepsItAndItsName() throws Exception {
        try (SharedQueue<SharedMemory> queue = SharedQueue.create(1)) {
            var memory = SharedMemory.create("on its way", 4);
            memory.segment().set(ValueLayout.JAVA_INT, 0, 3);
            queue.put(memory);
            memory.close();
            assertThatThrownBy(() -> SharedMemory.create("on its way", 4)).hasMessageContaining("already");
            try (var opened = SharedMemory.open("on its way");
                    var taken = queue.take()) {
                assertThat(taken).isEqualTo(opened);
                assertThat(taken.name()).isEqualTo("on its way");
                assertThat(read(taken)).isEqualTo(3);
            }
            SharedMemory.create("on its way", 4).close();
        }
    }
}
