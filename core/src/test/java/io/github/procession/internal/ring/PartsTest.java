package io.github.procession.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PartsTest {
    private static final int PIPE = 4096;

    private static byte[] random(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void messagesOfAnyLengthArriveWholeAndInOrder() {
        var random = new Random(11);
        try (var arena = Arena.ofConfined()) {
            var segment = arena.allocate(RecordPipe.bytes(PIPE), 128);
            var writer = new Parts.Writer(RecordPipe.format(segment, 0, PIPE));
            var reader = new Parts.Reader(RecordPipe.over(segment, 0));
            var sent = new ArrayDeque<Parts.Message>();
            int received = 0;
            boolean writing = false;
            for (int made = 0; received < 5_000; ) {
                if (!writing && made < 5_000) {
                    int length = random.nextInt(4) == 0 ? random.nextInt(20_000) : random.nextInt(2_100);
                    var message = new Parts.Message(
                            1 + made % 100, random(random, random.nextInt(60)), random(random, length));
                    sent.add(message);
                    writer.begin(message);
                    writing = true;
                    made++;
                }
                if (writing) {
                    writing = !writer.push();
                }
                if (random.nextBoolean()) {
                    for (var message = reader.poll(); message != null; message = reader.poll()) {
                        var expected = sent.remove();
                        assertThat(message.kind()).isEqualTo(expected.kind());
                        assertThat(message.bytes()).isEqualTo(expected.bytes());
                        received++;
                    }
                }
            }
            assertThat(sent).isEmpty();
        }
    }

    @Test
    void aMessageJustBelowAndAboveWhatOneRecordHolds() {
        try (var arena = Arena.ofConfined()) {
            var segment = arena.allocate(RecordPipe.bytes(PIPE), 128);
            var pipe = RecordPipe.format(segment, 0, PIPE);
            var writer = new Parts.Writer(pipe);
            var reader = new Parts.Reader(RecordPipe.over(segment, 0));
            for (int length = pipe.maxRecord() / 2 - 20; length < pipe.maxRecord() / 2 + 20; length++) {
                for (int head : new int[] {0, 1, 7}) {
                    var message = new Parts.Message(3, new byte[head], random(new Random(length), length));
                    writer.begin(message);
                    assertThat(writer.push()).isTrue();
                    assertThat(reader.poll())
                            .isNotNull()
                            .satisfies(m -> assertThat(m.bytes()).isEqualTo(message.bytes()));
                }
            }
        }
    }
}
