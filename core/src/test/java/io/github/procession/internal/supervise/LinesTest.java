package io.github.procession.internal.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LinesTest {
    private static final int MEGABYTE = 1 << 20;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final Mouth mouth = new Mouth("test-mouth", () -> new PrintStream(written, true), "stdout.encoding");

    private Lines lines(OutputMode mode, String name) {
        return new Lines(mode, name, mouth);
    }

    private static void give(Lines lines, String text) {
        lines.accept(text.getBytes(StandardCharsets.UTF_8));
    }

    private String out() throws Exception {
        mouth.said().get(60, TimeUnit.SECONDS);
        return written.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aLineWaitsForItsEnd() throws Exception {
        var a = lines(OutputMode.INHERIT, "a");
        var b = lines(OutputMode.INHERIT, "b");
        give(a, "one of");
        give(b, "b\nthe");
        give(a, " a\n");
        give(b, " end");
        b.end();
        a.end();
        assertThat(out()).isEqualTo("b\none of a\nthe end\n");
        assertThat(b.tail()).containsExactly("b", "the end");
    }

    @Test
    void aLineThatGoesOnInPiecesIsNotContinuedByAnother() throws Exception {
        var a = lines(OutputMode.PREFIXED, "a");
        var b = lines(OutputMode.PREFIXED, "b");
        give(a, "x".repeat(MEGABYTE + 1));
        give(a, "y".repeat(MEGABYTE + 1));
        give(b, "b\n");
        give(a, "z\nnext\n");
        assertThat(out())
                .isEqualTo("[a] " + "x".repeat(MEGABYTE + 1) + "y".repeat(MEGABYTE + 1) + "\n[b] b\nz\n[a] next\n");
        assertThat(a.tail()).containsExactly("x".repeat(512), "next");
    }

    @Test
    void aLongLineAloneIsLeftAsItIs() throws Exception {
        var a = lines(OutputMode.INHERIT, "a");
        give(a, "x".repeat(MEGABYTE + 1));
        give(a, "y");
        a.end();
        assertThat(out()).isEqualTo("x".repeat(MEGABYTE + 1) + "y\n");
    }

    @Test
    void emptyLinesAreLines() throws Exception {
        var a = lines(OutputMode.PREFIXED, "a");
        give(a, "\n\r\n\n");
        a.end();
        assertThat(out()).isEqualTo("[a] \n[a] \r\n[a] \n");
    }

    @Test
    void whatIsDiscardedIsKeptForAReportAndHoldsUpNobody() throws Exception {
        var a = lines(OutputMode.DISCARD, "a");
        give(a, "1\n2\n");
        give(a, "x".repeat(3 * MEGABYTE));
        assertThat(a.isHeldUp(() -> {})).isFalse();
        assertThat(a.said()).isDone();
        a.say("about a");
        assertThat(out()).isEqualTo("about a" + System.lineSeparator());
        assertThat(a.tail()).containsExactly("1", "2", "x".repeat(512), "about a");
    }

    @Test
    void whoeverIsHeldUpIsToldWhenThereIsRoom() throws Exception {
        var open = new CountDownLatch(1);
        var slow = new Mouth(
                "test-mouth",
                () -> new PrintStream(written, true) {
                    @Override
                    public void write(byte[] bytes, int from, int length) {
                        try {
                            open.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        super.write(bytes, from, length);
                    }
                },
                "stdout.encoding");
        var a = new Lines(OutputMode.INHERIT, "a", slow);
        var told = new CountDownLatch(1);
        give(a, "x\n");
        assertThat(a.isHeldUp(told::countDown)).isFalse();
        give(a, "y".repeat(MEGABYTE) + "\n");
        assertThat(a.isHeldUp(told::countDown)).isTrue();
        assertThat(a.said()).isNotDone();
        open.countDown();
        assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
        a.said().get(60, TimeUnit.SECONDS);
        assertThat(written.size()).isEqualTo(MEGABYTE + 3);
    }

    @Test
    void theHeadOfALongTraceIsKeptWithItsLastFrames() {
        var a = lines(OutputMode.DISCARD, "a");
        give(a, "before\nException: why\n");
        for (int i = 0; i < 30; i++) {
            give(a, "\tat frame " + i + "\n");
        }
        assertThat(a.tail())
                .hasSize(20)
                .startsWith("Exception: why", "\tat frame 11")
                .endsWith("\tat frame 29");
        give(a, "after\n".repeat(20));
        assertThat(a.tail()).hasSize(20).containsOnly("after");
    }
}
