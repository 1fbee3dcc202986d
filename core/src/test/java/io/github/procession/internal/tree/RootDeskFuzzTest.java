package io.github.procession.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.internal.memory.Mappings;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.os.Cable;
import io.github.procession.internal.wire.LinkOffer;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.ToRoot;
import io.github.procession.testing.Fuzz;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/// Whatever a process says to the root, the root goes on, and can bury that process.
class RootDeskFuzzTest {
    private static final long LIMIT_SECONDS = 60;

    /// Numbers of the few objects that there are, and of none.
    private static long id(Fuzz fuzz) {
        return fuzz.random().nextInt(8) == 0
                ? fuzz.random().nextLong()
                : fuzz.random().nextLong(40);
    }

    private static List<Long> ids(Fuzz fuzz) {
        var ids = new ArrayList<Long>();
        for (int n = fuzz.random().nextInt(4); n > 0; n--) {
            ids.add(id(fuzz));
        }
        return ids;
    }

    private static int slot(Fuzz fuzz) {
        return fuzz.any(1, 2, 3, 4, 0, -1, 5000, fuzz.random().nextInt());
    }

    private static ToRoot word(Fuzz fuzz) {
        int n = 1 + fuzz.random().nextInt(9);
        return switch (fuzz.random().nextInt(16)) {
            case 0, 1, 2 ->
                new Message.Create(
                        n,
                        fuzz.random().nextInt(-1, ObjectKind.values().length + 1),
                        fuzz.any(1024L, 0L, -5L, 128L, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 50),
                        fuzz.any(0L, id(fuzz)));
            case 3 -> new Message.Attach(n, id(fuzz));
            case 4 -> new Message.Detach(id(fuzz));
            case 5 -> new Message.Name(n, id(fuzz), fuzz.any("", "a", "b"));
            case 6 -> new Message.Find(n, fuzz.any("", "a", "b"));
            case 7 -> new Message.Pin(n, slot(fuzz), ids(fuzz));
            case 8 -> new Message.PinItem(n, id(fuzz), ids(fuzz));
            case 9 -> new Message.ItemPut(id(fuzz));
            case 10 -> fuzz.any(new Message.Unpin(id(fuzz)), new Message.Claim(id(fuzz)));
            case 11 -> new Message.Drained(slot(fuzz));
            case 12 -> fuzz.any(new Message.Cancel(slot(fuzz)), new Message.AwaitGone(n, slot(fuzz)));
            case 13 -> new Message.Define(n, new byte[fuzz.any(0, 1, 2, 3, 1 << 20)]);
            case 14 ->
                new Message.Explain(n, fuzz.any(1, 2, 0, -1, fuzz.random().nextInt()));
            default -> new Message.Join(slot(fuzz), 1 << 29); // there is no such process
        };
    }

    @Test
    void theRootGoesOnWhateverItIsTold() throws Exception {
        var fuzz = Fuzz.of("theRootGoesOnWhateverItIsTold", 150);
        var mappings = new Mappings(ProcessHandle.current().pid());
        var registry = new Registry(mappings);
        var own = new OwnRoot(registry, new Reaper(registry), Node.ROOT_SLOT);
        var logger = Logger.getLogger("io.github.procession"); // of each object that is not what it says
        var level = logger.getLevel();
        logger.setLevel(Level.OFF);
        try {
            run(fuzz, own);
        } finally {
            logger.setLevel(level);
        }
        assertThat(registry.count()).as("%s", fuzz).isZero();
    }

    private static void run(Fuzz fuzz, OwnRoot own) throws Exception {
        while (fuzz.next()) {
            int slot = own.reserve().slot();
            var offer = LinkOffer.make("fuzz");
            var reader = Thread.ofVirtual().start(() -> swallow(offer));
            offer.link().listen(_ -> {});
            var desk = new RootDesk(own.of(slot), offer.link());
            for (int words = 60; words > 0; words--) {
                var word = word(fuzz);
                try {
                    desk.accept(word);
                } catch (RuntimeException | Error e) {
                    throw new AssertionError(fuzz + ": " + word, e);
                }
            }
            var gone = own.gone(slot);
            own.cancel(slot);
            gone.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            offer.link().close();
            offer.withdraw();
            offer.link().closed().get(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(reader.join(Duration.ofSeconds(LIMIT_SECONDS))).isTrue();
        }
    }

    private static void swallow(LinkOffer offer) {
        try {
            var cable =
                    Cable.open(ProcessHandle.current().pid(), offer.address().text());
            cable.endWriting();
            try (var in = cable.in()) {
                in.transferTo(OutputStream.nullOutputStream());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
