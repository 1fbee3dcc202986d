package io.github.procession.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.github.procession.testing.Fuzz;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Whatever comes over a link, there is a message or an [IOException], and no more memory is taken than came.
class FramesFuzzTest {
    private static final long PROPORTION = 8L << 20;
    private static final ThreadMXBean MEMORY = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static List<Message> readAll(byte[] bytes) throws IOException {
        var in = new DataInputStream(new ByteArrayInputStream(bytes));
        var messages = new ArrayList<Message>();
        while (in.available() > 0) {
            messages.add(Frames.read(in));
        }
        return messages;
    }

    private static byte[] frames(Fuzz fuzz) {
        var out = new ByteArrayOutputStream();
        for (int n = 1 + fuzz.random().nextInt(4); n > 0; n--) {
            out.writeBytes(Frames.encode(FramesTest.ANY.get(fuzz.random().nextInt(FramesTest.ANY.size()))));
        }
        return out.toByteArray();
    }

    /// Changed bytes, numbers that are huge or negative, parts cut out, doubled or moved.
    static byte[] spoiled(byte[] whole, Fuzz fuzz) {
        var random = fuzz.random();
        byte[] bytes = whole.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0 && bytes.length > Long.BYTES; changes--) {
            int at = random.nextInt(bytes.length);
            int length = Math.min(random.nextInt(1, 16), bytes.length - at);
            var out = new ByteArrayOutputStream();
            switch (random.nextInt(7)) {
                case 0 -> bytes[at] = (byte) random.nextInt();
                case 1 -> bytes[at] = (byte) random.nextInt(45);
                case 2 -> {
                    int number = fuzz.any(-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 30, 0, 1 << 20, bytes.length);
                    ByteBuffer.wrap(bytes).putInt(Math.min(at, bytes.length - Integer.BYTES), number);
                }
                case 3 -> {
                    out.write(bytes, 0, at);
                    out.write(bytes, at + length, bytes.length - at - length);
                    bytes = out.toByteArray();
                }
                case 4 -> {
                    out.write(bytes, 0, at + length);
                    out.write(bytes, at, bytes.length - at);
                    bytes = out.toByteArray();
                }
                case 5 -> {
                    out.write(bytes, at, length);
                    out.write(bytes, 0, at);
                    out.write(bytes, at + length, bytes.length - at - length);
                    bytes = out.toByteArray();
                }
                default -> bytes = Arrays.copyOf(bytes, at);
            }
        }
        return bytes;
    }

    @Test
    void spoiledFramesAreAnExceptionAndNothingWorse() {
        var fuzz = Fuzz.of("spoiledFramesAreAnExceptionAndNothingWorse", 100_000);
        while (fuzz.next()) {
            byte[] bytes = spoiled(frames(fuzz), fuzz);
            long before = MEMORY.getCurrentThreadAllocatedBytes();
            try {
                for (var message : readAll(bytes)) {
                    assertThat(message).isNotNull();
                }
            } catch (IOException e) {
                // refused, or cut off
            } catch (RuntimeException | Error e) {
                throw new AssertionError(fuzz + ": " + Arrays.toString(bytes), e);
            }
            assertThat(MEMORY.getCurrentThreadAllocatedBytes() - before)
                    .as("%s", fuzz)
                    .isLessThan(PROPORTION);
        }
    }

    @Test
    void bytesFromNowhereAreAnExceptionAndNothingWorse() {
        var fuzz = Fuzz.of("bytesFromNowhereAreAnExceptionAndNothingWorse", 100_000);
        while (fuzz.next()) {
            byte[] bytes = new byte[4 + fuzz.random().nextInt(120)];
            fuzz.random().nextBytes(bytes);
            if (fuzz.random().nextBoolean()) { // a frame that claims a length that it may have
                ByteBuffer.wrap(bytes).putInt(0, fuzz.any(bytes.length - 4, 1 << 30, 7));
                if (bytes.length > 4) {
                    bytes[4] = (byte) fuzz.random().nextInt(40);
                }
            }
            long before = MEMORY.getCurrentThreadAllocatedBytes();
            try {
                readAll(bytes);
            } catch (IOException e) {
                // refused, or cut off
            } catch (RuntimeException | Error e) {
                throw new AssertionError(fuzz + ": " + Arrays.toString(bytes), e);
            }
            assertThat(MEMORY.getCurrentThreadAllocatedBytes() - before)
                    .as("%s", fuzz)
                    .isLessThan(PROPORTION);
        }
    }

    @Test
    void framesInAnyOrderAreReadAsTheyAre() throws IOException {
        var fuzz = Fuzz.of("framesInAnyOrderAreReadAsTheyAre", 2_000);
        while (fuzz.next()) {
            var sent = new ArrayList<Message>();
            var out = new ByteArrayOutputStream();
            for (int n = fuzz.random().nextInt(20); n > 0; n--) {
                var message = FramesTest.ONE_OF_EACH.get(fuzz.random().nextInt(FramesTest.ONE_OF_EACH.size()));
                sent.add(message);
                out.writeBytes(Frames.encode(message));
            }
            assertThat(readAll(out.toByteArray())).as("%s", fuzz).isEqualTo(sent);
        }
    }

    @Test
    void aPromiseOfGigabytesTakesNoMemory() {
        var promise = ByteBuffer.allocate(64)
                .putInt(Integer.MAX_VALUE - 100)
                .put((byte) 4) // Settled
                .putInt(Integer.MAX_VALUE - 200);
        long before = MEMORY.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> readAll(promise.array())).isInstanceOf(EOFException.class);
        assertThat(MEMORY.getCurrentThreadAllocatedBytes() - before).isLessThan(PROPORTION);
    }

    @Test
    void longFieldsComeWhole() throws IOException {
        byte[] outcome = new byte[5_000_001];
        new java.util.Random(1).nextBytes(outcome);
        var back = (Message.Settled)
                readAll(Frames.encode(new Message.Settled(outcome, 7))).getFirst();
        assertThat(back.outcome()).isEqualTo(outcome);
        assertThat(back.pin()).isEqualTo(7);
    }

    @Test
    void aFieldThatReachesBeyondItsFrameIsRefused() {
        byte[] find = Frames.encode(new Message.Find(1, "name"));
        byte[] two = Arrays.copyOf(find, find.length + 100);
        ByteBuffer.wrap(two).putInt(9, 50);
        assertThatThrownBy(() -> readAll(two))
                .isInstanceOf(IOException.class)
                .hasMessage("A field of 50 bytes where 4 are left of a control message");
    }

    @Test
    void aFrameThatIsLongerThanItsMessageIsRefused() {
        byte[] longer = Arrays.copyOf(Frames.encode(new Message.Ready()), 6);
        ByteBuffer.wrap(longer).putInt(0, 2);
        assertThatThrownBy(() -> readAll(longer)).hasMessage("1 bytes too many in a control message");
    }

    @Test
    void aCountThatCannotBeIsRefused() {
        for (int count : new int[] {-1, 3, Integer.MAX_VALUE}) {
            byte[] pin = Frames.encode(new Message.Pin(1, 1, List.of(1L, 2L)));
            ByteBuffer.wrap(pin).putInt(13, count);
            assertThatThrownBy(() -> readAll(pin))
                    .hasMessage(count + " elements where 16 bytes are left of a control message");
        }
    }

    @Test
    void anObjectOfNoKindIsRefused() {
        byte[] located = Frames.encode(FramesTest.ONE_OF_EACH.stream()
                .filter(Message.Located.class::isInstance)
                .findFirst()
                .orElseThrow());
        ByteBuffer.wrap(located).putInt(17, 99);
        assertThatThrownBy(() -> readAll(located))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no kind 99 of shared objects");
    }
}
