package io.github.procession.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.internal.os.Fuse;
import io.github.procession.internal.os.SharedFile;
import io.github.procession.internal.os.TestJvm;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Real processes, really killed, at any instruction and at each shared store: what was acknowledged is consumed exactly
/// once, whole and in order, and nobody is ever blocked by the dead.
///
/// `-Dprocession.storms=100` makes a hundred storms of each kind instead of one.
@Timeout(3600)
class KillTest {

    private static final int STORMS = Integer.getInteger("procession.storms", 1);
    private static final int DEATHS_PER_STORM = 20;

    private final SplittableRandom random = RingTests.seeded();

    private Storm ringStorm() {
        int[] capacities = {1, 2, 6, 64, 1000};
        int capacity = capacities[random.nextInt(capacities.length)];
        Consumer<MemorySegment> format = memory -> CellRing.format(memory, 0, capacity);
        return new Storm(2, 2, format, random);
    }

    private Storm pipeStorm() {
        int capacity = 128 << random.nextInt(6);
        Consumer<MemorySegment> format = memory -> RecordPipe.format(memory, 0, capacity);
        return new Storm(1, 1, format, random);
    }

    @Test
    void ringOutlivesProcessesKilledAnywhere() throws InterruptedException {
        killAnywhere(this::ringStorm);
    }

    @Test
    void pipeOutlivesProcessesKilledAnywhere() throws InterruptedException {
        killAnywhere(this::pipeStorm);
    }

    private void killAnywhere(Supplier<Storm> storms) throws InterruptedException {
        long held = 0;
        long items = 0;
        for (int i = 0; i < STORMS; i++) {
            try (Storm storm = storms.get()) {
                int linger = random.nextInt(3) * 200; // a third of the storms at full speed
                for (int death = 0; death < DEATHS_PER_STORM; death++) {
                    storm.killOne(linger);
                }
                items += storm.settle();
                held += storm.repaired();
            }
        }
        System.out.println(STORMS * DEATHS_PER_STORM + " processes killed, " + held + " of them holding a cell; "
                + items + " items consumed once each");
    }

    @Test
    void ringOutlivesProcessesThatHaltAtAnyStore() throws InterruptedException {
        for (int i = 0; i < STORMS; i++) {
            try (Storm storm = ringStorm()) {
                for (CrashPoint point : CrashPoint.values()) {
                    if (point.name().startsWith("OFFER_")) {
                        storm.haltProducer(point);
                    } else if (point.name().startsWith("CLAIM_")) {
                        storm.haltConsumer(point);
                    }
                }
                storm.settle();
                assertThat(storm.repaired()).isGreaterThanOrEqualTo(7); // at all points but the last of each side
            }
        }
    }

    @Test
    void pipeOutlivesProcessesThatHaltAtAnyStore() throws InterruptedException {
        for (int i = 0; i < STORMS; i++) {
            try (Storm storm = pipeStorm()) {
                for (CrashPoint point : CrashPoint.values()) {
                    if (point == CrashPoint.PIPE_FREED) {
                        storm.haltConsumer(point);
                    } else if (point.name().startsWith("PIPE_")) {
                        storm.haltProducer(point);
                    }
                }
                storm.settle();
            }
        }
    }

    @Test
    void tombstoneThatWasClearedByADyingConsumerIsGone() throws InterruptedException {
        try (SharedFile file = new SharedFile(Victim.BYTES)) {
            CellRing ring = CellRing.format(file.memory(), 0, 1);
            assertThat(exit(file, "produce", 1, CrashPoint.OFFER_WRITTEN)).isEqualTo(Fuse.STATUS);
            assertThat(ring.repair(1)).isEqualTo(1);
            assertThat(ring.size()).isZero();
            assertThat(exit(file, "consume", 2, CrashPoint.TOMBSTONE_CLEARED)).isEqualTo(Fuse.STATUS);
            assertThat(ring.repair(2)).isZero();
            assertThat(ring.offer(3, 0, new byte[1], 1)).isNotEqualTo(CellRing.NONE);
            assertThat(ring.size()).isEqualTo(1);
        }
    }

    private static int exit(SharedFile file, String role, int slot, CrashPoint point) throws InterruptedException {
        List<String> options = List.of(Storm.option(point.name(), 1));
        try (TestJvm jvm = TestJvm.start(Victim.class, options, role, file.path(), slot, slot)) {
            return jvm.exit();
        }
    }
}
