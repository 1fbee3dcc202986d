package io.github.procession.internal.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PollSetTest {

    @Test
    void bellIsHeardBeforeAndDuringAnAwait() throws InterruptedException {
        try (PollSet set = new PollSet()) {
            set.ring();
            set.ring();
            assertThat(set.await()).isEmpty();
            Thread waiter = Thread.ofPlatform().start(set::await);
            Thread.sleep(20);
            assertThat(waiter.isAlive()).isTrue();
            set.ring();
            waiter.join();
        }
    }

    @Test
    void descriptorAddedDuringAnAwaitIsWatched() throws InterruptedException {
        Os.Pipe pipe = Os.pipe();
        try (PollSet set = new PollSet();
                Arena arena = Arena.ofConfined()) {
            List<Integer> seen = new ArrayList<>();
            Thread waiter = Thread.ofPlatform().start(() -> {
                while (set.isOpen() && seen.isEmpty()) {
                    for (int fd : set.await()) {
                        seen.add(fd);
                    }
                }
            });
            Thread.sleep(10);
            set.add(pipe.readEnd());
            Os.write(pipe.writeEnd(), arena.allocateFrom("x"));
            waiter.join();
            assertThat(seen).containsExactly(pipe.readEnd());
        } finally {
            Os.close(pipe.readEnd());
            Os.close(pipe.writeEnd());
        }
    }

    @Test
    void growsAndReportsOnlyWhatIsReadyAndStillWanted() {
        List<Os.Pipe> pipes = new ArrayList<>();
        try (PollSet set = new PollSet();
                Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < 50; i++) {
                Os.Pipe pipe = Os.pipe();
                pipes.add(pipe);
                set.add(pipe.readEnd());
            }
            Os.write(pipes.get(7).writeEnd(), arena.allocateFrom("x"));
            Os.write(pipes.get(8).writeEnd(), arena.allocateFrom("x"));
            Os.close(pipes.get(49).writeEnd());
            set.remove(pipes.get(8).readEnd());
            assertThat(set.await())
                    .containsExactlyInAnyOrder(
                            pipes.get(7).readEnd(), pipes.get(49).readEnd());
            Os.close(pipes.removeLast().readEnd());
        } finally {
            for (Os.Pipe pipe : pipes) {
                Os.close(pipe.readEnd());
                Os.close(pipe.writeEnd());
            }
        }
    }

    @Test
    void closeLetsTheAwaitingThreadGo() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            PollSet set = new PollSet();
            Thread waiter = Thread.ofPlatform().start(() -> {
                while (set.isOpen()) {
                    assertThat(set.await()).isEmpty();
                }
            });
            if (i % 2 == 0) {
                Thread.sleep(1);
            }
            set.close();
            set.close();
            set.ring();
            waiter.join();
            assertThat(set.await()).isEmpty();
        }
    }
}
