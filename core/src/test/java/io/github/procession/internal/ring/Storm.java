package io.github.procession.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.internal.os.Fuse;
import io.github.procession.internal.os.SharedFile;
import io.github.procession.internal.os.TestJvm;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Producers and consumers at one exchange, replaced whenever one dies; the test is the root that repairs.
final class Storm implements AutoCloseable {

    private static final int ROOT_SLOT = 99;
    private static final int ROOT_LIFE = 0;

    private final SplittableRandom random;
    private final SharedFile file = new SharedFile(Victim.BYTES);
    private final Exchange exchange;
    private final Victim book;
    private final int producerSeats;
    private final TestJvm[] jvms;
    private final int[] lives;
    private final List<Integer> producers = new ArrayList<>();
    private final List<Integer> consumers = new ArrayList<>(List.of(ROOT_LIFE));
    private int nextLife = 1;
    private int repaired;

    /// As many producers and consumers as given, on what `format` makes.
    Storm(int producerSeats, int consumerSeats, Consumer<MemorySegment> format, SplittableRandom random) {
        this.random = random;
        this.producerSeats = producerSeats;
        this.jvms = new TestJvm[producerSeats + consumerSeats];
        this.lives = new int[jvms.length];
        format.accept(file.memory());
        exchange = Exchange.over(file.memory());
        book = new Victim(file.memory());
        for (int seat = 0; seat < jvms.length; seat++) {
            seat(seat, List.of());
        }
    }

    /// The option by which a process halts when it passes a point so many times, or stays there a while.
    static String option(String point, int count) {
        return "-D" + Fuse.PROPERTY + "=" + point + ":" + count;
    }

    private boolean isProducer(int seat) {
        return seat < producerSeats;
    }

    private static int slot(int seat) {
        return seat + 1;
    }

    private void seat(int seat, List<String> options) {
        int life = nextLife++;
        lives[seat] = life;
        (isProducer(seat) ? producers : consumers).add(life);
        String role = isProducer(seat) ? "produce" : "consume";
        jvms[seat] = TestJvm.start(Victim.class, options, role, file.path(), slot(seat), life);
    }

    /// Kills one at a random moment. The one that follows lingers at each point.
    void killOne(int linger) throws InterruptedException {
        int seat = random.nextInt(jvms.length);
        until(() -> book.isRunning(lives[seat]), "start");
        Thread.sleep(random.nextInt(30), random.nextInt(1_000_000));
        jvms[seat].kill();
        bury(seat);
        seat(seat, linger == 0 ? List.of() : List.of(option(Fuse.LINGER, linger)));
        expectProgress();
    }

    /// Has a producer halt at a point, some time after it has begun.
    void haltProducer(CrashPoint point) throws InterruptedException {
        halt(0, point);
    }

    /// Has a consumer halt at a point, some time after it has begun.
    void haltConsumer(CrashPoint point) throws InterruptedException {
        halt(producerSeats, point);
    }

    private void halt(int seat, CrashPoint point) throws InterruptedException {
        jvms[seat].kill();
        bury(seat);
        seat(seat, List.of(option(point.name(), 1 + random.nextInt(1000))));
        until(() -> !jvms[seat].isAlive(), "halt at " + point);
        assertThat(jvms[seat].exit()).as("exit status at " + point).isEqualTo(Fuse.STATUS);
        bury(seat);
        seat(seat, List.of());
        expectProgress();
    }

    private void bury(int seat) {
        jvms[seat].close();
        int cells = exchange.repair(slot(seat));
        assertThat(cells).isBetween(0, 1);
        repaired += cells;
    }

    /// How many of the dead held a cell.
    int repaired() {
        return repaired;
    }

    /// Somebody puts and somebody takes, however the dead have left things.
    private void expectProgress() throws InterruptedException {
        long acknowledged = acknowledged();
        long consumed = consumed();
        until(() -> acknowledged() > acknowledged && consumed() > consumed, "progress");
    }

    private long acknowledged() {
        return producers.stream().mapToLong(book::acknowledged).sum();
    }

    private long consumed() {
        return consumers.stream().mapToLong(book::consumed).sum();
    }

    /// Ends everybody, consumes what is left, and holds it against the book. Returns how many items were consumed.
    long settle() throws InterruptedException {
        for (int seat = 0; seat < jvms.length; seat++) {
            jvms[seat].kill();
            bury(seat);
        }
        while (book.takeOne(ROOT_SLOT, ROOT_LIFE)) {}
        assertThat(exchange.isEmpty()).isTrue();
        assertThat(consumers).noneMatch(book::hasFoundWrong);
        long items = 0;
        int excused = 0;
        for (int producer : producers) {
            long acknowledged = book.acknowledged(producer);
            for (int item = 0; item < Math.min(acknowledged + 2, Victim.ITEMS); item++) {
                int marks = book.marks(producer, item);
                if (item < acknowledged && marks == 0) {
                    assertThat(isInHand(producer, item))
                            .as("item " + item + " of " + producer + " lost")
                            .isTrue();
                    excused++;
                } else if (item < acknowledged) {
                    assertThat(marks).as("item " + item + " of " + producer).isEqualTo(1);
                } else { // published perhaps, but the producer did not live to know
                    assertThat(marks).isBetween(0, item == acknowledged ? 1 : 0);
                }
                items += marks;
            }
        }
        assertThat(excused).isLessThanOrEqualTo(consumers.size());
        return items;
    }

    private boolean isInHand(int producer, int item) {
        return consumers.stream().anyMatch(consumer -> book.isInHand(consumer, producer, item));
    }

    private void replaceTheExhausted() throws InterruptedException {
        for (int seat = 0; isProducer(seat); seat++) {
            if (book.acknowledged(lives[seat]) == Victim.ITEMS) {
                jvms[seat].kill();
                bury(seat);
                seat(seat, List.of());
            }
        }
    }

    private void until(BooleanSupplier condition, String what) throws InterruptedException {
        long limit = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            replaceTheExhausted();
            if (System.nanoTime() > limit) {
                throw new AssertionError("no " + what + " in time; " + describe());
            }
            Thread.yield();
        }
    }

    private List<String> describe() {
        List<String> lines = new ArrayList<>();
        for (TestJvm jvm : jvms) {
            lines.add((jvm.isAlive() ? "alive " : "dead ") + jvm.output());
        }
        producers.forEach(life -> lines.add("producer " + life + " put " + book.acknowledged(life)));
        consumers.forEach(life -> lines.add("consumer " + life + " took " + book.consumed(life)));
        lines.add("seats " + Arrays.toString(lives) + " empty " + exchange.isEmpty() + " " + exchange);
        return lines;
    }

    @Override
    public void close() {
        for (TestJvm jvm : jvms) {
            jvm.close();
        }
        file.close();
    }
}
