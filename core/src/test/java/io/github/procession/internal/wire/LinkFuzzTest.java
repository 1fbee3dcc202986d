package io.github.procession.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.internal.os.Cable;
import io.github.procession.testing.Fuzz;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/// A link whose other side says nonsense is given up: nobody waits for an answer, and both sides read its end.
class LinkFuzzTest {
    private static final long SELF = ProcessHandle.current().pid();
    private static final long LIMIT_SECONDS = 30;

    /// Collects what is logged.
    private static final class Log extends Handler implements AutoCloseable {
        private final Logger logger = Logger.getLogger("io.github.procession");
        private final List<String> said = Collections.synchronizedList(new ArrayList<>());
        private final boolean aloud = logger.getUseParentHandlers();

        Log() {
            logger.setUseParentHandlers(false);
            logger.addHandler(this);
        }

        @Override
        public void publish(LogRecord entry) {
            if (entry.getMessage().startsWith("The link to rogue ")) { // others log too
                said.add(entry.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
            logger.setUseParentHandlers(aloud);
        }
    }

    /// The other side of a link, which writes what it likes.
    private record Rogue(LinkOffer offer, Cable cable) implements AutoCloseable {
        static Rogue of(LinkOffer offer) throws IOException {
            return new Rogue(offer, Cable.open(SELF, offer.address().text()));
        }

        @Override
        public void close() {
            cable.endWriting();
            cable.endReading();
            offer.withdraw();
            offer.link().close();
        }
    }

    @Test
    void nonsenseEndsTheLinkForAllWhoWait() throws Exception {
        var fuzz = Fuzz.of("nonsenseEndsTheLinkForAllWhoWait", 300);
        try (var log = new Log()) {
            while (fuzz.next()) {
                var offer = LinkOffer.make("rogue");
                var link = offer.link();
                try (var rogue = Rogue.of(offer)) {
                    link.listen(_ -> {});
                    var asker = CompletableFuture.supplyAsync(
                            () -> link.ask(Message.Done.class, n -> new Message.AwaitGone(n, 1)));
                    byte[] bytes = new byte[fuzz.random().nextInt(200)];
                    fuzz.random().nextBytes(bytes);
                    rogue.cable.write(bytes);
                    rogue.cable.endWriting();
                    offer.withdraw();
                    link.closed().get(LIMIT_SECONDS, TimeUnit.SECONDS);
                    assertThatThrownBy(() -> asker.get(LIMIT_SECONDS, TimeUnit.SECONDS))
                            .as("%s", fuzz)
                            .isInstanceOf(ExecutionException.class)
                            .hasCauseInstanceOf(LinkClosedException.class);
                }
            }
            assertThat(log.said)
                    .allMatch(line -> line.startsWith("The link to rogue is given up"))
                    .isNotEmpty();
        }
    }

    @Test
    void whoSaysNonsenseReadsTheEndOfTheLink() throws Exception {
        try (var log = new Log()) {
            var offer = LinkOffer.make("rogue");
            try (var rogue = Rogue.of(offer)) {
                offer.link().listen(_ -> {});
                rogue.cable.write(new byte[] {0, 0, 0, 1, 99}); // and holds its own end open
                offer.link().closed().get(LIMIT_SECONDS, TimeUnit.SECONDS);
                assertThat(rogue.cable.in().read()).isEqualTo(-1);
                assertThat(log.said)
                        .containsExactly(
                                "The link to rogue is given up, for what came over it cannot be understood: A control message with the unknown tag 99");
            }
        }
    }

    @Test
    void whatMayNotBeSaidEndsTheLinkToo() throws Exception {
        try (var log = new Log()) {
            var offer = LinkOffer.make("rogue");
            try (var rogue = Rogue.of(offer)) {
                offer.link().listen(message -> {
                    throw new IllegalStateException("A child said " + message);
                });
                rogue.cable.write(Frames.encode(new Message.Overdue(7)));
                offer.link().closed().get(LIMIT_SECONDS, TimeUnit.SECONDS);
                assertThat(log.said).singleElement().asString().endsWith("A child said Overdue[task=7]");
            }
        }
    }

    @Test
    void whoeverWaitsIsLetGoWhenTheOtherSideLacksMemoryForWhatItIsTold() throws Exception {
        try (var log = new Log()) {
            var offer = LinkOffer.make("rogue");
            try (var rogue = Rogue.of(offer)) {
                offer.link().listen(_ -> {
                    throw new OutOfMemoryError("Java heap space");
                });
                rogue.cable.write(Frames.encode(new Message.Overdue(7))); // and holds its own end open
                offer.link().closed().get(LIMIT_SECONDS, TimeUnit.SECONDS);
                assertThat(rogue.cable.in().read()).isEqualTo(-1);
                assertThat(log.said)
                        .containsExactly(
                                "The link to rogue is given up, for this process has not the means to go on with it: Java heap space");
            }
        }
    }

    @Test
    void anAnswerOfTheWrongKindIsAnError() throws Exception {
        var offer = LinkOffer.make("rogue");
        try (var rogue = Rogue.of(offer);
                var in = new DataInputStream(rogue.cable.in())) {
            offer.link().listen(_ -> {});
            var asker = CompletableFuture.supplyAsync(
                    () -> offer.link().ask(Message.Found.class, n -> new Message.Find(n, "x")));
            var asked = (Message.Find) Frames.read(in);
            rogue.cable.write(Frames.encode(new Message.Done(asked.request())));
            assertThatThrownBy(() -> asker.get(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("(rogue) has answered Done[request=1] where Found was asked for");
        }
    }

    @Test
    void theEndOfTheOtherSideIsNotLogged() throws Exception {
        try (var log = new Log()) {
            var offer = LinkOffer.make("rogue");
            try (var rogue = Rogue.of(offer)) {
                offer.link().listen(_ -> {});
                rogue.cable.write(new byte[] {0, 0, 0, 9, 1, 0, 0}); // in the middle of a frame
                rogue.cable.endWriting();
                offer.withdraw();
                offer.link().closed().get(LIMIT_SECONDS, TimeUnit.SECONDS);
                assertThat(log.said).isEmpty();
            }
        }
    }

    @Test
    void thePipesOfALinkAreForTheirOwnerAlone() throws Exception {
        var offer = LinkOffer.make("test");
        try {
            var numbers = offer.address().text().split(":", -1); // descriptor and pipe, twice
            for (var descriptor : List.of(numbers[0], numbers[2])) {
                assertThat((int) Files.getAttribute(Path.of("/proc/self/fd/" + descriptor), "unix:mode") & 0777)
                        .isEqualTo(0600);
            }
        } finally {
            offer.withdraw();
            offer.link().close();
        }
    }
}
